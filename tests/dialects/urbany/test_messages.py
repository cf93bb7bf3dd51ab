"""/api/mensajes/conversations/{id}/messages/: sending messages, and reading them page by page."""

from datetime import timedelta

import pytest
from django.utils import timezone

from backend.modules.messaging.models import Message
from backend.modules.messaging.routers.urbany.shapes import time_ago
from tests import make, people, stored
from tests.dialects.urbany.entering import details, error
from tests.dialects.urbany.governing import DENIED
from tests.dialects.urbany.talking import MESSAGE, MOMENT, contents, message, one, opened, page, person, sent, talk

pytestmark = pytest.mark.django_db

WRONG = [
    *(("content", each) for each in (None, "", "   ", "x" * 10_001, 7, "a\0b", ["x"])),
    *(("message_type", each) for each in (None, "", "Text", "audio", 1)),
    *(("reply_to", each) for each in (0, -1, "x", True, 1.5, 2**63, 999_999_999)),
    *(("client_id", each) for each in ("", "x" * 65, 7, "a\0")),
    *(("attachment", each) for each in ("", 7, "x" * 201, "a\0")),
    ("nada", 1),
]


@pytest.fixture
def group(bob, carla):
    return opened(bob, carla)


class TestSending:
    def test_answers_what_the_document_shows(self, bob, carla, group):
        asked = sent(carla, group, "¿Podemos revisar el contrato mañana?")
        body = {"message_type": "text", "content": "Perfecto, nos vemos mañana a las 10 AM", "reply_to": asked["id"]}
        answer = bob.post(f"{talk(group)}messages/", body)
        made = answer.json()
        assert (answer.status_code, set(made)) == (201, MESSAGE)
        assert made == made | {
            "sender": person(bob),
            "message_type": "text",
            "content": "Perfecto, nos vemos mañana a las 10 AM",
            "attachment": None,
            "reply_to": {"id": asked["id"], "content": asked["content"], "sender": "carla@example.com"},
            "reactions": [],
            "is_read": False,
            "read_at": None,
            "time_ago": "ahora",
            "conversation": group["id"],
            "seq": asked["seq"] + 1,
            "client_id": None,
            "is_edited": False,
            "is_deleted": False,
        }
        assert MOMENT.fullmatch(made["created_at"])
        assert bob.get(message(made)).json() == made

    def test_needs_a_text_alone(self, bob, group):
        assert list(details(bob.post(f"{talk(group)}messages/", {}))) == ["content"]
        assert sent(bob, group, "x" * 10_000)["content"] == "x" * 10_000

    @pytest.mark.parametrize(("field", "value"), WRONG, ids=lambda each: repr(each)[:30])
    def test_says_which_field_is_wrong(self, bob, group, field, value):
        with stored.nothing_written():
            answer = bob.post(f"{talk(group)}messages/", {"content": "Hola", field: value})
        assert list(details(answer)) == [field]

    def test_replies_to_no_message_of_another_conversation(self, bob, carla, group):
        other = sent(carla, opened(carla, bob))
        answer = bob.post(f"{talk(group)}messages/", {"content": "Hola", "reply_to": other["id"]})
        assert details(answer) == {"reply_to": [f"El mensaje {other['id']} no es de esta conversación"]}

    def test_is_for_who_takes_part(self, ours, alice, stranger, group):
        for who in (alice, stranger):
            with stored.nothing_written():
                answer = who.post(f"{talk(group)}messages/", {"content": "Hola"})
            assert error(answer) == (404, "El recurso no existe")
        nobody = people.person_holding(ours)
        assert error(nobody.post(f"{talk(group)}messages/", {"content": "Hola"})) == (403, DENIED)

    def test_moves_the_conversation_to_the_top(self, bob, carla, group):
        opened(bob, carla)
        sent(bob, group)
        assert bob.get("/api/mensajes/conversations/").json()["results"][0]["id"] == group["id"]

    def test_leaves_nothing_unread_to_who_sent_it(self, bob, carla, group):
        sent(bob, group)
        assert (one(bob, group)["unread_count"], one(carla, group)["unread_count"]) == (0, 1)


class TestAClientId:
    def test_stores_one_message(self, bob, carla, group):
        body = {"content": "Hola", "client_id": "b2c9"}
        first, again = (bob.post(f"{talk(group)}messages/", body) for _ in range(2))
        assert (first.status_code, again.status_code, first.json()) == (201, 200, again.json())
        assert first.json()["client_id"] == "b2c9"
        assert contents(page(carla, group)) == ["Hola"]

    def test_answers_what_was_stored(self, bob, group):
        sent(bob, group, "Hola", client_id="b2c9")
        with stored.nothing_written():
            again = bob.post(f"{talk(group)}messages/", {"content": "otra cosa", "client_id": "b2c9"})
        assert (again.status_code, again.json()["content"]) == (200, "Hola")

    def test_is_the_sender_s_and_the_conversation_s(self, bob, carla, group):
        other = opened(bob, carla)
        made = [sent(who, where, client_id="b2c9") for who, where in ((bob, group), (carla, group), (bob, other))]
        assert len({each["id"] for each in made}) == 3


class TestThePage:
    @pytest.fixture
    def five(self, bob, carla, group):
        return [sent(who, group, text)["id"] for who, text in zip((bob, carla) * 3, "abcde", strict=False)]

    def test_has_what_the_document_shows(self, bob, carla, group):
        made = sent(bob, group, "Hola, ¿cómo estás?")
        carla.post(f"{message(made)}reactions/", {"reaction_type": "like"})
        page(carla, group)
        found = page(bob, group)
        assert {name: found[name] for name in ("count", "next", "previous")} == {
            "count": 1, "next": None, "previous": None,
        }  # fmt: skip
        (row,) = found["results"]
        assert set(row) == MESSAGE
        assert row["reactions"] == [{"user": "carla@example.com", "reaction_type": "like"}]
        assert (row["is_read"], row["time_ago"]) == (True, "ahora")
        assert MOMENT.fullmatch(row["read_at"])

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("", "abcde"), ("ordering=created_at", "abcde"), ("ordering=-created_at", "edcba"),
            ("before={c}", "ab"), ("after={c}", "de"), ("after={a}&before={d}", "bc"), ("before={a}", ""),
            ("after={e}", ""), ("page_size=2", "ab"), ("page_size=2&page=3", "e"),
            ("before={d}&ordering=-created_at&page_size=2", "cb"),
        ],
    )  # fmt: skip
    def test_has_the_part_that_is_wanted(self, bob, group, five, query, expected):
        found = page(bob, group, query.format(**dict(zip("abcde", five, strict=True))))
        assert "".join(contents(found)) == expected

    def test_is_fifty_long(self, bob, group):
        for number in range(51):
            make.message(bob.actor, group["id"], str(number))
        found = page(bob, group)
        assert (found["count"], len(found["results"])) == (51, 50)
        assert contents(bob.get(found["next"]).json()) == ["50"]

    @pytest.mark.parametrize(
        ("query", "field"),
        [("page_size=0", "page_size"), ("page_size=101", "page_size"), ("ordering=content", "ordering"),
         ("before=x", "before"), ("before=0", "before"), (f"after={2**63}", "after"), ("before=999999999", "before"),
         ("after=999999999", "after")],
    )  # fmt: skip
    def test_says_what_is_wrong(self, bob, group, query, field):
        assert list(details(bob.get(f"{talk(group)}messages/?{query}"))) == [field]

    @pytest.mark.parametrize("name", ["before", "after"])
    def test_knows_no_message_of_another_conversation(self, bob, carla, group, five, name):
        other = sent(carla, opened(carla, bob))["id"]
        answer = bob.get(f"{talk(group)}messages/?{name}={other}")
        assert details(answer) == {name: [f"El mensaje {other} no es de esta conversación"]}

    def test_is_for_who_takes_part(self, ours, alice, stranger, group, five):
        for who in (alice, stranger):
            assert error(who.get(f"{talk(group)}messages/")) == (404, "El recurso no existe")
            assert error(who.get(message(five[0]))) == (404, "El recurso no existe")
        assert error(people.person_holding(ours).get(f"{talk(group)}messages/")) == (403, DENIED)

    @pytest.mark.parametrize("number", [3, 30])
    def test_costs_the_same_queries_however_many_there_are(self, alice, bob, counted, number):
        made = make.conversation(alice.actor, bob)
        for each in range(number):
            first = make.message(alice.actor, made, reply_to_id=None)
            make.message(bob.actor, made, reply_to_id=first)
            if each % 2:
                alice.post(f"{message(first)}reactions/", {"reaction_type": "like"})
        page(alice, made, "page_size=100")
        counted(f"{talk(made)}messages/?page_size=100", queries=6)


class TestReadingAPage:
    def test_marks_it_read_up_to_its_last_message(self, bob, carla, group):
        for text in "abcde":
            sent(bob, group, text)
        for query, unread in (("page_size=2", 3), ("page_size=2&page=2", 1), ("page_size=2", 1), ("", 0)):
            page(carla, group, query)
            assert one(carla, group)["unread_count"] == unread

    def test_the_newest_first_marks_everything(self, bob, carla, group):
        for text in "abc":
            sent(bob, group, text)
        page(carla, group, "ordering=-created_at&page_size=1")
        assert one(carla, group)["unread_count"] == 0

    def test_writes_nothing_the_second_time(self, bob, carla, group):
        sent(bob, group)
        page(carla, group)
        before = stored.of_workspace(bob.workspace.pk)
        page(carla, group)
        assert stored.of_workspace(bob.workspace.pk) == before

    def test_one_message_alone_marks_nothing(self, bob, carla, group):
        made = sent(bob, group)
        carla.get(message(made))
        assert one(carla, group)["unread_count"] == 1

    def test_of_somebody_who_has_left_is_what_is_waited_for_still(self, bob, carla, dario):
        made = opened(bob, carla, dario)
        written = sent(dario, made)
        dario.delete(f"{talk(made)}participants/{dario.user.pk}/")
        page(carla, made)
        assert not bob.get(message(written)).json()["is_read"]
        page(bob, made)
        assert bob.get(message(written)).json()["is_read"]


class TestTimeAgo:
    @pytest.mark.parametrize(
        ("age", "words"),
        [
            ({"seconds": -5}, "ahora"), ({"seconds": 59}, "ahora"), ({"seconds": 60}, "hace un minuto"),
            ({"minutes": 59}, "hace 59 minutos"), ({"hours": 1}, "hace una hora"), ({"hours": 6}, "hace 6 horas"),
            ({"hours": 24}, "hace un día"), ({"days": 29}, "hace 29 días"), ({"days": 30}, "hace un mes"),
            ({"days": 364}, "hace 12 meses"), ({"days": 365}, "hace un año"), ({"days": 800}, "hace 2 años"),
        ],
    )  # fmt: skip
    def test_is_said_in_spanish(self, age, words):
        now = timezone.now()
        assert time_ago(now - timedelta(**age), now) == words

    def test_is_that_of_the_message(self, bob, group):
        made = Message.objects.of(bob.actor).get(pk=sent(bob, group)["id"])
        made.created_at -= timedelta(hours=6, minutes=1)
        people.writing(bob.workspace.pk, made.save)
        assert page(bob, group)["results"][0]["time_ago"] == "hace 6 horas"
