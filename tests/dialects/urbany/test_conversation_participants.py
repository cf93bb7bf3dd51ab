"""/api/mensajes/conversations/{id}/participants/ and read/: coming, leaving, coming back, and having read."""

import pytest

from backend.modules.messaging.models import Participant
from tests import make, people, stored
from tests.dialects.urbany.entering import details, error
from tests.dialects.urbany.governing import DENIED
from tests.dialects.urbany.talking import (
    CREATED,
    TALKS,
    contents,
    listed,
    message,
    one,
    opened,
    page,
    person,
    sent,
    talk,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def group(bob, carla):
    return opened(bob, carla)


def add(who, conversation, *others):
    return who.post(f"{talk(conversation)}participants/", {"participants": [each.user.pk for each in others]})


def remove(who, conversation, other):
    return who.delete(f"{talk(conversation)}participants/{other.user.pk}/")


class TestAdding:
    def test_answers_the_conversation(self, bob, carla, dario, group):
        answer = add(carla, group, dario, carla)
        assert (answer.status_code, set(answer.json())) == (200, CREATED)
        assert answer.json()["participants"] == [person(bob), person(carla), person(dario)]

    def test_of_who_is_there_changes_nothing(self, bob, carla, group):
        with stored.nothing_written():
            assert add(bob, group, carla).json()["seq"] == group["seq"]

    def test_shows_what_was_written_before_as_read(self, bob, dario, group):
        sent(bob, group, "antes")
        add(bob, group, dario)
        sent(bob, group, "después")
        assert one(dario, group)["unread_count"] == 1
        assert contents(page(dario, group)) == ["antes", "después"]

    @pytest.mark.parametrize("value", [None, [], "2", 2, [[2]], [0], [2**63], [999_999_999]])
    def test_says_what_is_wrong(self, bob, group, value):
        with stored.nothing_written():
            answer = bob.post(f"{talk(group)}participants/", {"participants": value})
        assert [name.partition(".")[0] for name in details(answer)] == ["participants"]

    def test_takes_nobody_of_another_workspace(self, bob, dario, stranger, group):
        with stored.nothing_written():
            answer = add(bob, group, dario, stranger)
        assert details(answer) == {"participants": [f"No hay ningún miembro activo {stranger.user.pk}"]}

    def test_is_for_who_takes_part(self, alice, dario, stranger, group):
        for who in (alice, dario, stranger):
            assert add(who, group, alice).status_code == 404


class TestLeaving:
    def test_answers_204_and_hides_the_conversation_everywhere(self, bob, carla, group):
        written = sent(carla, group, "secreto")
        assert remove(carla, group, carla).status_code == 204
        assert listed(carla) == []
        assert carla.get("/api/mensajes/stats/").json()["total_conversations"] == 0
        assert carla.get("/api/mensajes/search/?q=secreto").json()["count"] == 0
        paths = [talk(group), f"{talk(group)}messages/", message(written)]
        assert [carla.get(path).status_code for path in paths] == [404] * 3
        assert carla.post(f"{talk(group)}messages/", {"content": "aún"}).status_code == 404
        assert carla.put(message(written), {"content": "aún"}).status_code == 404
        assert carla.delete(message(written)).status_code == 404
        assert one(bob, group)["participants"] == [person(bob)]
        assert contents(page(bob, group)) == ["secreto"]

    def test_and_coming_back_shows_everything_and_nothing_as_unread(self, bob, carla, group):
        sent(bob, group, "uno")
        remove(carla, group, carla)
        sent(bob, group, "dos")
        add(bob, group, carla)
        assert one(carla, group)["unread_count"] == 0
        assert contents(page(carla, group)) == ["uno", "dos"]
        sent(bob, group, "tres")
        assert one(carla, group)["unread_count"] == 1
        assert Participant.objects.of(bob.actor).filter(user=carla.user).count() == 1

    def test_is_nothing_to_wait_for(self, bob, carla, dario, group):
        add(bob, group, dario)
        written = sent(bob, group)
        page(carla, group)
        assert not bob.get(message(written)).json()["is_read"]
        remove(dario, group, dario)
        assert bob.get(message(written)).json()["is_read"]

    def test_of_the_last_one_ends_it(self, bob, carla, group):
        remove(carla, group, carla)
        assert one(bob, group)["is_active"]
        assert remove(bob, group, bob).status_code == 204
        assert listed(bob) == []

    def test_twice_is_404(self, carla, group):
        assert [remove(carla, group, carla).status_code for _ in range(2)] == [204, 404]


class TestRemovingAnother:
    def test_is_for_who_opened_it_and_administrators(self, alice, bob, carla, dario, group):
        add(bob, group, dario, alice)
        for who in (carla, dario):
            with stored.nothing_written():
                assert error(remove(who, group, bob)) == (403, DENIED)
        assert remove(bob, group, dario).status_code == 204
        assert remove(alice, group, carla).status_code == 204
        assert one(alice, group)["participants"] == [person(bob), person(alice)]

    def test_who_does_not_take_part_is_404(self, alice, bob, stranger, group):
        for who in (alice, stranger):
            assert error(remove(bob, group, who)) == (404, "El recurso no existe")

    def test_by_who_does_not_take_part_is_404(self, alice, stranger, bob, group):
        for who in (alice, stranger):
            assert remove(who, group, bob).status_code == 404


class TestReading:
    @pytest.fixture
    def three(self, bob, group):
        return [sent(bob, group, text) for text in ("uno", "dos", "tres")]

    def read(self, who, conversation, **body):
        return who.post(f"{talk(conversation)}read/", body)

    def test_up_to_a_message_answers_where_one_is(self, carla, group, three):
        answer = self.read(carla, group, message=three[1]["id"])
        assert (answer.status_code, answer.json()) == (
            200, {"conversation": group["id"], "seq": three[1]["seq"], "unread_count": 1},
        )  # fmt: skip
        assert one(carla, group)["unread_count"] == 1

    def test_of_everything_needs_no_body(self, carla, group, three):
        headers = {"Authorization": f"Bearer {carla.token}"}
        answer = carla.client.generic("POST", f"{talk(group)}read/", headers=headers)
        assert answer.json() == {"conversation": group["id"], "seq": three[2]["seq"], "unread_count": 0}

    def test_never_goes_back(self, carla, group, three):
        self.read(carla, group)
        answer = self.read(carla, group, message=three[0]["id"])
        assert answer.json() == {"conversation": group["id"], "seq": three[2]["seq"], "unread_count": 0}

    def test_tells_the_sender_when_the_last_has(self, bob, carla, dario, group):
        add(bob, group, dario)
        first, second = sent(bob, group), sent(bob, group)
        self.read(carla, group)
        self.read(dario, group, message=first["id"])
        found = [bob.get(message(each)).json() for each in (first, second)]
        assert [(each["is_read"], each["read_at"] is not None) for each in found] == [(True, True), (False, False)]
        assert found[0]["read_at"] >= found[0]["created_at"]

    @pytest.mark.parametrize("value", [0, "x", True, 2**63, 999_999_999, [1]])
    def test_says_what_is_wrong(self, carla, group, value):
        assert list(details(self.read(carla, group, message=value))) == ["message"]
        assert list(details(self.read(carla, group, nada=value))) == ["nada"]

    def test_names_no_message_of_another_conversation(self, bob, carla, group, three):
        other = sent(carla, opened(carla, bob), "otra")
        answer = self.read(carla, group, message=other["id"])
        assert details(answer) == {"message": [f"El mensaje {other['id']} no es de esta conversación"]}

    def test_is_for_who_takes_part(self, ours, alice, stranger, group, three):
        for who in (alice, stranger):
            assert self.read(who, group, message=three[0]["id"]).status_code == 404
            assert self.read(who, group).status_code == 404
        assert error(self.read(people.person_holding(ours), group)) == (403, DENIED)


class TestAKeyOfAProgram:
    def test_takes_part_in_nothing(self, alice, bob, client):
        _, text = make.api_key(alice.actor)
        make.conversation(alice.actor, bob)
        assert client.get(TALKS, headers={"X-API-Key": text}).status_code == 403
        answer = alice.post("/v1/apikeys", {"name": "Robot", "permissions": ["messaging.use"]})
        assert answer.status_code == 400
