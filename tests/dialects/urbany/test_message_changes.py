"""Editing and deleting one's own message within a quarter of an hour, and reactions."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone

from backend.modules.ledger.models import Entry
from backend.modules.messaging.actions import messages as writing
from backend.modules.messaging.models import Message
from tests import people, stored
from tests.dialects.urbany.entering import details, error
from tests.dialects.urbany.governing import DENIED
from tests.dialects.urbany.talking import MESSAGE, MOMENT, contents, message, one, opened, page, sent, talk

pytestmark = pytest.mark.django_db

QUARTER = timedelta(minutes=15)
TOO_LATE = "Un mensaje se cambia y se elimina dentro de 15 minutos"
NOT_YOURS = "Un mensaje lo cambia y lo elimina quien lo escribió"
GONE = "El mensaje se eliminó"


@pytest.fixture
def group(bob, carla):
    return opened(bob, carla)


@pytest.fixture
def written(bob, group):
    return sent(bob, group, "Nos vemos a las 10")


@pytest.fixture
def after(monkeypatch, bob):
    """Makes it so long after a message was sent, for who changes one."""

    def move(made, age: timedelta) -> None:
        then = Message.objects.of(bob.actor).get(pk=made["id"]).created_at + age
        monkeypatch.setattr(writing, "timezone", SimpleNamespace(now=lambda: then))

    return move


def react(who, made, kind="like"):
    return who.post(f"{message(made)}reactions/", {"reaction_type": kind})


class TestEditing:
    def test_answers_the_message_as_edited(self, bob, carla, written):
        answer = bob.put(message(written), {"content": "Nos vemos a las 11"})
        assert (answer.status_code, set(answer.json())) == (200, MESSAGE)
        assert answer.json() == written | {"content": "Nos vemos a las 11", "is_edited": True}
        assert carla.get(message(written)).json()["content"] == "Nos vemos a las 11"

    def test_is_found_by_what_it_says_now(self, carla, bob, written):
        bob.put(message(written), {"content": "Mejor mañana"})
        counts = [carla.get(f"/api/mensajes/search/?q={term}").json()["count"] for term in ("manana", "vemos")]
        assert counts == [1, 0]

    def test_keeps_what_it_said_in_the_ledger(self, bob, written):
        bob.put(message(written), {"content": "Mejor mañana"})
        entry = Entry.objects.of(bob.actor).get(table="messages", record_id=written["id"], verb="message.updated")
        assert (entry.old["content"], entry.new["content"]) == ("Nos vemos a las 10", "Mejor mañana")

    def test_to_the_same_changes_nothing(self, bob, written):
        with stored.nothing_written():
            answer = bob.put(message(written), {"content": "Nos vemos a las 10"})
        assert answer.json() == written

    def test_takes_back_what_it_got(self, bob, written):
        assert bob.put(message(written), written | {"content": "Mejor mañana"}).status_code == 200

    @pytest.mark.parametrize("value", [None, "", " ", "x" * 10_001, 7, "a\0"], ids=lambda each: repr(each)[:20])
    def test_says_what_is_wrong(self, bob, written, value):
        with stored.nothing_written():
            answer = bob.put(message(written), {"content": value})
        assert list(details(answer)) == ["content"]
        assert list(details(bob.put(message(written), {"content": "x", "nada": 1}))) == ["nada"]

    def test_is_for_the_sender_alone(self, alice, bob, carla, ours, group, written):
        bob.post(f"{talk(group)}participants/", {"participants": [alice.user.pk]})
        for who in (alice, carla):
            with stored.nothing_written():
                assert error(who.put(message(written), {"content": "x"})) == (403, NOT_YOURS)
                assert error(who.delete(message(written))) == (403, NOT_YOURS)
        nobody = people.person_holding(ours)
        assert error(nobody.put(message(written), {"content": "x"})) == (403, DENIED)

    def test_of_others_is_404(self, dario, stranger, written):
        for who in (dario, stranger):
            assert who.put(message(written), {"content": "x"}).status_code == 404
            assert who.delete(message(written)).status_code == 404

    def test_of_another_version_is_412_with_the_message_as_it_is(self, bob, carla, written):
        tag = bob.get(message(written))["ETag"]
        react(carla, written)
        answer = bob.put(message(written), {"content": "x"}, If_Match=tag)
        assert (answer.status_code, answer.json()["content"]) == (412, "Nos vemos a las 10")
        fresh = bob.get(message(written))["ETag"]
        assert bob.put(message(written), {"content": "x"}, If_Match=fresh).status_code == 200
        assert bob.delete(message(written), If_Match=fresh).status_code == 412

    @pytest.mark.parametrize(
        ("age", "status"), [(QUARTER, 200), (QUARTER + timedelta(microseconds=1), 409), (timedelta(days=400), 409)]
    )
    def test_ends_after_a_quarter_of_an_hour(self, bob, written, after, age, status):
        after(written, age)
        answer = bob.put(message(written), {"content": "Nos vemos a las 11"})
        assert answer.status_code == status
        if status == 409:
            assert error(answer) == (409, TOO_LATE)
            assert bob.get(message(written)).json() == written


class TestDeleting:
    def test_leaves_an_empty_place(self, bob, carla, group, written):
        react(carla, written)
        later = sent(carla, group, "De acuerdo", reply_to=written["id"])
        assert bob.delete(message(written)).status_code == 204
        found = page(carla, group)["results"]
        assert [each["id"] for each in found] == [written["id"], later["id"]]
        assert found[0] == found[0] | {
            "content": "", "attachment": None, "reactions": [], "is_deleted": True, "is_edited": False,
        }  # fmt: skip
        assert found[1]["reply_to"] == {"id": written["id"], "content": "", "sender": "bob@example.com"}

    def test_counts_and_is_found_no_more(self, bob, carla, group, written):
        bob.delete(message(written))
        assert one(carla, group)["unread_count"] == 0
        assert carla.get("/api/mensajes/search/?q=vemos").json()["count"] == 0
        assert carla.get("/api/mensajes/stats/").json()["messages_received_today"] == 0

    def test_keeps_what_it_said_in_the_ledger(self, bob, written):
        bob.delete(message(written))
        entry = Entry.objects.of(bob.actor).get(table="messages", record_id=written["id"], verb="message.updated")
        assert (entry.old["content"], entry.new["content"]) == ("Nos vemos a las 10", "")

    def test_is_the_end_of_it(self, bob, carla, written):
        react(bob, written)
        bob.delete(message(written))
        answers = [
            bob.delete(message(written)),
            bob.put(message(written), {"content": "x"}),
            react(carla, written),
            bob.delete(f"{message(written)}reactions/like/"),
        ]
        assert [error(answer) for answer in answers] == [(409, GONE)] * 4

    def test_ends_after_a_quarter_of_an_hour(self, bob, carla, group, after, written):
        after(written, QUARTER + timedelta(microseconds=1))
        with stored.nothing_written():
            assert error(bob.delete(message(written))) == (409, TOO_LATE)
        after(written, QUARTER)
        assert bob.delete(message(written)).status_code == 204
        assert contents(page(carla, group)) == [""]


class TestReacting:
    def test_answers_what_the_document_shows(self, carla, written):
        answer = react(carla, written, "love")
        body = answer.json()
        moment = body["reaction"].pop("created_at")
        assert (answer.status_code, body) == (
            201,
            {
                "message": "Reacción agregada exitosamente",
                "reaction": {"user": "carla@example.com", "reaction_type": "love"},
            },
        )
        assert MOMENT.fullmatch(moment)

    def test_again_answers_200_and_the_same(self, carla, written):
        first, again = react(carla, written), react(carla, written)
        assert (first.status_code, again.status_code, first.json()) == (201, 200, again.json())

    def test_is_once_of_each_kind_and_person(self, bob, carla, written):
        for who, kind in ((carla, "wow"), (carla, "sad"), (bob, "wow"), (carla, "wow")):
            react(who, written, kind)
        assert bob.get(message(written)).json()["reactions"] == [
            {"user": "carla@example.com", "reaction_type": "wow"},
            {"user": "carla@example.com", "reaction_type": "sad"},
            {"user": "bob@example.com", "reaction_type": "wow"},
        ]

    @pytest.mark.parametrize("kind", ["like", "love", "laugh", "wow", "sad", "angry"])
    def test_has_six_kinds(self, carla, written, kind):
        assert react(carla, written, kind).json()["reaction"]["reaction_type"] == kind

    @pytest.mark.parametrize("value", [None, "", "LIKE", "👍", 1, ["like"], "a\0"])
    def test_says_what_is_wrong(self, carla, written, value):
        with stored.nothing_written():
            assert list(details(react(carla, written, value))) == ["reaction_type"]

    def test_is_possible_for_ever(self, carla, written, after):
        after(written, timedelta(days=400))
        assert react(carla, written).status_code == 201

    def test_is_for_who_takes_part(self, ours, alice, stranger, written):
        for who in (alice, stranger):
            assert react(who, written).status_code == 404
        assert error(react(people.person_holding(ours), written)) == (403, DENIED)


class TestTakingAReactionBack:
    def test_answers_204_once(self, carla, bob, written):
        react(carla, written), react(bob, written)
        path = f"{message(written)}reactions/like/"
        assert [carla.delete(path).status_code for _ in range(2)] == [204, 404]
        assert carla.get(message(written)).json()["reactions"] == [{"user": "bob@example.com", "reaction_type": "like"}]

    @pytest.mark.parametrize("kind", ["nada", "LIKE", "7"])
    def test_of_a_kind_that_there_is_not_is_404(self, carla, written, kind):
        react(carla, written)
        assert carla.delete(f"{message(written)}reactions/{kind}/").status_code == 404

    def test_leaves_a_message_that_was_not_read_unread(self, bob, carla, written):
        react(carla, written)
        assert not bob.get(message(written)).json()["is_read"]


def test_the_clock_of_these_tests_is_the_server_s(bob, written, after):
    after(written, timedelta())
    bob.put(message(written), {"content": "x"})
    edited = Message.objects.of(bob.actor).get(pk=written["id"])
    assert edited.edited_at == edited.created_at < timezone.now()
