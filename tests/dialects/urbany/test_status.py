"""/api/mensajes/status/ and /api/mensajes/online-users/ (urbany.md, "MENSAJERÍA", 8 to 10)."""

import re
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from backend.modules.identity import actions as identity
from backend.modules.messaging import presence as rules
from backend.modules.messaging.models import Presence
from tests import make, people, stored
from tests.dialects.urbany.entering import details, error
from tests.dialects.urbany.governing import DENIED

pytestmark = pytest.mark.django_db

STATUS = "/api/mensajes/status/"
ONLINE = "/api/mensajes/online-users/"
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
BUSY = {"status": "busy", "custom_message": "En reunión hasta las 18:00"}
WRONG = [
    *(("status", each) for each in (None, "", "Busy", "ocupado", 1, True, ["busy"], {})),
    *(("custom_message", each) for each in ("x" * 201, 7, True, [], "a\0b")),
    ("colour", "red"),
]


def a_while_ago(who: people.Person) -> None:
    """Have what they chose over REST count no more."""

    def write() -> None:
        presence = Presence.objects.of(who.actor).get(user=who.user)
        presence.called_at -= rules.CALL
        presence.save()

    people.writing(who.workspace.pk, write)


class TestTheStatus:
    def test_is_offline_until_somebody_is_there(self, bob):
        answer = bob.get(STATUS)
        expected = {"user": "bob@example.com", "status": "offline", "last_seen": None, "custom_message": ""}
        assert (answer.status_code, answer.json()) == (200, expected)

    def test_is_answered_as_the_document_shows_it(self, bob):
        before = timezone.now()
        answer = bob.post(STATUS, BUSY)
        body = answer.json()
        assert (answer.status_code, list(body)) == (
            200,
            ["user", "status", "last_seen", "custom_message", "updated_at"],
        )
        assert body.items() >= ({"user": "bob@example.com"} | BUSY).items()
        for name in ("last_seen", "updated_at"):
            assert MOMENT.fullmatch(body[name])
            assert before <= datetime.fromisoformat(body[name]) <= timezone.now()
        shown = bob.get(STATUS).json()
        assert list(shown) == ["user", "status", "last_seen", "custom_message"]
        assert shown.items() <= body.items()

    @pytest.mark.parametrize("status", ["online", "away", "busy", "offline"])
    def test_is_any_of_the_four(self, bob, status):
        assert bob.post(STATUS, {"status": status}).json()["status"] == status
        assert bob.get(STATUS).json()["status"] == status

    def test_keeps_what_is_not_sent(self, bob):
        bob.post(STATUS, BUSY)
        assert bob.post(STATUS, {"status": "away"}).json()["custom_message"] == BUSY["custom_message"]
        body = bob.post(STATUS, {"custom_message": None}).json()
        assert (body["status"], body["custom_message"]) == ("away", "")

    def test_takes_back_what_it_gave(self, bob):
        given = bob.post(STATUS, BUSY).json()
        again = bob.post(STATUS, given).json()
        assert (again["status"], again["custom_message"]) == (given["status"], given["custom_message"])

    def test_is_offline_a_while_after_the_last_call_and_was_seen_then(self, bob):
        bob.post(STATUS, BUSY)
        a_while_ago(bob)
        body = bob.get(STATUS).json()
        assert (body["status"], body["custom_message"]) == ("offline", BUSY["custom_message"])
        assert datetime.fromisoformat(body["last_seen"]) <= timezone.now()

    def test_belongs_to_one_workspace(self, bob, theirs):
        people.join(bob, theirs, "sales")
        bob.post(STATUS, BUSY)
        there = people.Person(bob.user, theirs).get(STATUS).json()
        assert (there["status"], there["custom_message"]) == ("offline", "")


class TestWhatIsWrong:
    @pytest.mark.parametrize(("field", "value"), WRONG)
    def test_is_named_and_changes_nothing(self, bob, field, value):
        bob.post(STATUS, {"status": "online"})
        with stored.nothing_written():
            answer = bob.post(STATUS, {"status": "away", field: value})
        assert answer.status_code == 400
        assert bob.get(STATUS).json()["status"] == "online"

    def test_names_the_field(self, bob):
        assert list(details(bob.post(STATUS, {"status": "ocupado"}))) == ["status"]
        assert list(details(bob.post(STATUS, {"custom_message": "x" * 201}))) == ["custom_message"]

    def test_is_to_choose_nothing(self, bob):
        with stored.nothing_written():
            answer = bob.post(STATUS, {})
        assert (answer.status_code, details(answer)) == (400, {"status": ["Indique un estado o un mensaje"]})


class TestTheOthersOnline:
    def test_are_answered_as_the_document_shows_them(self, alice, bob, carla, dario):
        carla.post(STATUS, {"status": "away", "custom_message": "Regreso en 15 min"})
        bob.post(STATUS, {"status": "online"})
        dario.post(STATUS, {"status": "offline"})
        alice.post(STATUS, {"status": "online"})
        answer = alice.get(ONLINE)
        body = answer.json()
        assert (answer.status_code, list(body), body["count"]) == (200, ["count", "users"], 2)
        assert [list(each) for each in body["users"]] == [["user", "name", "status", "last_seen", "custom_message"]] * 2
        assert [each["name"] for each in body["users"]] == ["Bob Example", "Carla Example"]
        away = body["users"][1]
        assert (away["user"], away["status"]) == ("carla@example.com", "away")
        assert (away["custom_message"], bool(MOMENT.fullmatch(away["last_seen"]))) == ("Regreso en 15 min", True)

    def test_are_of_the_workspace_and_active(self, alice, bob, carla, stranger):
        for who in (bob, carla, stranger):
            who.post(STATUS, {"status": "busy"})
        identity.set_active(alice.actor, carla.user.pk, is_active=False)
        assert [each["user"] for each in alice.get(ONLINE).json()["users"]] == ["bob@example.com"]
        assert stranger.get(ONLINE).json() == {"count": 0, "users": []}

    def test_cost_the_same_for_any_number(self, alice, ours, counted):
        alice.post(STATUS, {"status": "online"})
        for number in range(3):
            people.person(f"visitor{number}", ours, "user").post(STATUS, {"status": "online"})
            counted(ONLINE, 6)


class TestWhoMay:
    def test_is_who_may_use_messages(self, ours):
        without, with_it = people.person_holding(ours), people.person_holding(ours, "messaging.use")
        for answer in (without.get(STATUS), without.post(STATUS, BUSY), without.get(ONLINE)):
            assert error(answer) == (403, DENIED)
        assert [answer.status_code for answer in (with_it.get(STATUS), with_it.post(STATUS, BUSY))] == [200, 200]

    def test_is_no_key(self, alice, client):
        _, text = make.api_key(alice.actor)
        for path in (STATUS, ONLINE):
            assert client.get(path, headers={"Authorization": f"Bearer {text}"}).status_code == 403


def test_a_choice_over_rest_counts_for_less_than_a_minute():
    assert timedelta(seconds=30) <= rules.CALL <= timedelta(seconds=60) - 2 * rules.BEAT
