"""/api/mensajes/search/ and stats/: over the caller's own conversations, and no others."""

from datetime import timedelta

import pytest
from django.utils import timezone

from backend.modules.messaging.models import Message
from tests import make, people
from tests.dialects.urbany.entering import details, error
from tests.dialects.urbany.governing import DENIED
from tests.dialects.urbany.talking import MOMENT, SEARCH, STATS, opened, page, sent, talk

pytestmark = pytest.mark.django_db

NOTHING = {
    "total_conversations": 0, "unread_messages": 0, "messages_sent_today": 0, "messages_received_today": 0,
    "top_contacts": [], "conversation_types": {"direct": 0, "group": 0, "support": 0, "announcement": 0},
}  # fmt: skip


def found(who, query: str) -> list[str]:
    answer = who.get(f"{SEARCH}?{query}")
    assert answer.status_code == 200, answer.content
    assert answer.json()["count"] == len(answer.json()["results"])
    return [row["content"] for row in answer.json()["results"]]


class TestASearch:
    def test_answers_what_the_document_shows(self, alice, bob):
        made = opened(alice, bob, conversation_type="direct", title="")
        written = sent(bob, made, "¿Podemos revisar el contrato mañana?")
        sent(bob, made, "Otra cosa")
        answer = alice.get(f"{SEARCH}?q=contrato&conversation_id={made['id']}").json()
        assert answer.items() >= {"count": 1, "next": None, "previous": None}.items()
        assert answer["results"] == [
            {
                "id": written["id"],
                "content": "¿Podemos revisar el contrato mañana?",
                "sender": "bob@example.com",
                "conversation": {"id": made["id"], "title": "Conversación con Bob Example"},
                "created_at": written["created_at"],
            }
        ]
        assert MOMENT.fullmatch(written["created_at"])

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("q=CONTRATO", ["Contrato de mañana", "El contrato"]), ("q=contrato manana", ["Contrato de mañana"]),
            ("q=mañana contrato", ["Contrato de mañana"]), ("q=ntra", ["Contrato de mañana", "El contrato"]),
            ("q=de", ["Contrato de mañana"]), ("q=el", ["El contrato"]), ("q=987", ["Llama al 987 654"]),
            ("q=nada", []), ("q=contrato&message_type=text", ["Contrato de mañana", "El contrato"]),
            ("q=contrato&message_type=file", []), ("q=%25", []), ("q=contrato&conversation_id=999999999", []),
        ],
    )  # fmt: skip
    def test_finds_every_word_newest_first(self, alice, bob, query, expected):
        made = make.conversation(alice.actor, bob)
        for text in ("El contrato", "Llama al 987 654", "Contrato de mañana"):
            make.message(bob.actor, made, text)
        assert found(alice, query) == expected

    def test_looks_in_ones_own_conversations_alone(self, alice, bob, carla, dario, stranger):
        both, others = make.conversation(alice.actor, bob), make.conversation(carla.actor, dario)
        make.message(alice.actor, both, "contrato de los dos")
        make.message(carla.actor, others, "contrato de otros")
        assert found(bob, "q=contrato") == ["contrato de los dos"]
        assert found(bob, f"q=contrato&conversation_id={others}") == []
        assert found(stranger, "q=contrato") == found(stranger, f"q=contrato&conversation_id={both}") == []

    def test_finds_the_kind_of_message(self, alice, bob):
        made = make.conversation(alice.actor, bob)
        make.message(alice.actor, made, "el plano", kind="file", key=make.message_upload(alice.actor, made))
        assert found(bob, "q=plano&message_type=file") == ["el plano"]
        assert found(bob, "q=plano&message_type=text") == []

    @pytest.mark.parametrize(
        ("query", "field"),
        [("", "q"), ("q=", "q"), ("q=%20", "q"), ("q=" + "x" * 201, "q"), ("q=%00", "q"),
         ("q=x&conversation_id=x", "conversation_id"), (f"q=x&conversation_id={2**63}", "conversation_id"),
         ("q=x&message_type=audio", "message_type"), ("q=x&page_size=0", "page_size")],
    )  # fmt: skip
    def test_says_what_is_wrong(self, alice, query, field):
        assert list(details(alice.get(f"{SEARCH}?{query}"))) == [field]

    def test_comes_in_pages(self, alice, bob):
        made = make.conversation(alice.actor, bob)
        for number in range(3):
            make.message(alice.actor, made, f"contrato {number}")
        first = alice.get(f"{SEARCH}?q=contrato&page_size=2").json()
        assert (first["count"], [row["content"] for row in first["results"]]) == (3, ["contrato 2", "contrato 1"])
        assert [row["content"] for row in alice.get(first["next"]).json()["results"]] == ["contrato 0"]

    def test_reads_nothing(self, alice, bob):
        made = opened(alice, bob)
        sent(alice, made, "contrato")
        found(bob, "q=contrato")
        assert bob.get(talk(made)).json()["unread_count"] == 1

    @pytest.mark.parametrize("number", [3, 30])
    def test_costs_the_same_queries_however_many_there_are(self, alice, bob, counted, number):
        for _ in range(number):
            make.message(bob.actor, make.conversation(alice.actor, bob), "contrato")
        counted(f"{SEARCH}?q=contrato&page_size=100", queries=4)

    def test_needs_the_permission(self, ours):
        assert error(people.person_holding(ours).get(f"{SEARCH}?q=x")) == (403, DENIED)


class TestStatistics:
    def test_have_what_the_document_shows(self, alice, bob, carla):
        direct = opened(alice, bob, conversation_type="direct", title="")
        group = opened(bob, alice, carla)
        opened(alice, bob, conversation_type="announcement")
        for who, where, times in ((bob, direct, 2), (bob, group, 1), (carla, group, 2), (alice, group, 1)):
            for _ in range(times):
                sent(who, where)
        page(alice, direct)
        assert alice.get(STATS).json() == {
            "total_conversations": 3,
            "unread_messages": 3,
            "messages_sent_today": 1,
            "messages_received_today": 5,
            "top_contacts": [
                {"user": "bob@example.com", "name": "Bob Example", "message_count": 3},
                {"user": "carla@example.com", "name": "Carla Example", "message_count": 2},
            ],
            "conversation_types": {"direct": 1, "group": 1, "support": 0, "announcement": 1},
        }

    def test_count_nothing_of_others(self, alice, bob, carla, stranger):
        sent(bob, opened(bob, carla))
        assert alice.get(STATS).json() == stranger.get(STATS).json() == NOTHING

    def test_have_the_workspace_s_day_and_thirty_days_of_contacts(self, alice, bob):
        alice.workspace.time_zone = "America/Lima"
        people.writing(alice.workspace.pk, alice.workspace.save)
        made = opened(alice, bob)
        today = alice.actor.start_of(alice.actor.today)
        ages = [today, today - timedelta(microseconds=1), timezone.now() - timedelta(days=31)]
        for moment in ages:
            written = Message.objects.of(alice.actor).get(pk=sent(bob, made)["id"])
            written.created_at = moment
            people.writing(alice.workspace.pk, written.save)
        found = alice.get(STATS).json()
        assert found["messages_received_today"] == 1
        assert [each["message_count"] for each in found["top_contacts"]] == [2]

    def test_name_the_five_who_wrote_most(self, alice, ours):
        writers = [people.person(f"writer{number}", ours) for number in range(6)]
        made = make.conversation(alice.actor, *writers)
        for number, who in enumerate(writers):
            for _ in range(number + 1):
                make.message(who.actor, made)
        top = alice.get(STATS).json()["top_contacts"]
        assert [each["message_count"] for each in top] == [6, 5, 4, 3, 2]

    @pytest.mark.parametrize("number", [3, 30])
    def test_cost_the_same_queries_however_many_there_are(self, alice, bob, counted, number):
        for _ in range(number):
            make.message(bob.actor, make.conversation(alice.actor, bob))
        counted(STATS, queries=6)

    def test_need_the_permission(self, ours):
        assert error(people.person_holding(ours).get(STATS)) == (403, DENIED)
