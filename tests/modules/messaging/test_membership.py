"""Who is let go leaves the conversations, who is deactivated stays; nobody waits for either to have read."""

import pytest

from backend.core.actor import Actor
from backend.core.errors import NotFound
from backend.modules.identity import actions as identity
from backend.modules.identity.actions import users
from backend.modules.messaging import queries
from backend.modules.messaging.actions import reading
from backend.modules.messaging.models import Participant
from backend.modules.messaging.queries import messages
from tests import make, people

pytestmark = pytest.mark.django_db


@pytest.fixture
def group(bob, carla, dario) -> int:
    return make.conversation(bob.actor, carla, dario)


def is_read(who, message_id: int) -> bool:
    return messages.get(who.actor, message_id)["read_at"] is not None


def there(who, conversation_id: int) -> list[int]:
    return queries.participant_ids(who.actor, conversation_id)


def deactivate(alice, who) -> None:
    identity.set_active(alice.actor, who.user.pk, is_active=False)


def shut_out(alice, who) -> None:
    """Everywhere, as the admin does."""
    who.user.is_active = False
    people.writing(alice.workspace.pk, who.user.save)


def let_go(alice, who) -> None:
    users.delete(alice.actor, who.user.pk)


class TestWhoMayNotAct:
    @pytest.mark.parametrize("end", [deactivate, shut_out, let_go])
    def test_is_not_waited_for(self, alice, bob, carla, dario, group, end):
        old = make.message(bob.actor, group)
        reading.mark_read(carla.actor, group)
        assert not is_read(bob, old)
        end(alice, dario)
        assert is_read(bob, old)
        new = make.message(bob.actor, group)
        assert not is_read(bob, new)
        reading.mark_read(carla.actor, group)
        assert is_read(bob, new)

    @pytest.mark.parametrize("end", [deactivate, shut_out, let_go])
    def test_leaves_what_nobody_else_has_read_unread(self, alice, bob, carla, dario, group, end):
        written = make.message(bob.actor, group)
        reading.mark_read(dario.actor, group)
        end(alice, dario)
        assert not is_read(bob, written)

    def test_is_asked_for_by_nothing_else(self, alice, bob, carla, dario, group):
        written = make.message(bob.actor, group)
        reading.mark_read(carla.actor, group)
        users.update(alice.actor, dario.user.pk, first_name="Darío", email="dario2@example.com")
        assert not is_read(bob, written)

    def test_elsewhere_is_waited_for_here(self, alice, bob, carla, dario, theirs, stranger, group):
        people.join(dario, theirs, "user")
        written = make.message(bob.actor, group)
        reading.mark_read(carla.actor, group)
        identity.set_active(stranger.actor, dario.user.pk, is_active=False)
        assert not is_read(bob, written)

    def test_anywhere_is_waited_for_nowhere(self, alice, dario, theirs, stranger):
        people.join(dario, theirs, "user")
        friend = people.person("friend", theirs)
        talk = make.conversation(stranger.actor, dario, friend)
        written = make.message(stranger.actor, talk)
        reading.mark_read(friend.actor, talk)
        shut_out(alice, dario)
        assert is_read(stranger, written)


class TestWhoIsDeactivated:
    def test_stays_and_finds_everything_again(self, alice, bob, carla, dario, group):
        deactivate(alice, dario)
        written = make.message(bob.actor, group)
        assert there(bob, group) == [bob.user.pk, carla.user.pk, dario.user.pk]
        identity.set_active(alice.actor, dario.user.pk, is_active=True)
        assert queries.get(dario.actor, group)["unread"] == 1
        reading.mark_read(carla.actor, group)
        assert not is_read(bob, written)
        reading.mark_read(dario.actor, group)
        assert is_read(bob, written)


class TestWhoIsLetGo:
    def test_leaves_what_they_do_not_share_with_one_alone(self, alice, bob, carla, dario, group):
        pair = make.conversation(dario.actor, bob, kind="direct", title="")
        written = make.message(dario.actor, group, "Adiós")
        let_go(alice, dario)
        assert there(bob, group) == [bob.user.pk, carla.user.pk]
        assert there(bob, pair) == [dario.user.pk, bob.user.pk]
        assert messages.get(bob.actor, written)["sender_email"] == "dario@example.com"

    def test_takes_a_place_that_others_are_told_of(self, alice, bob, dario, group):
        before = queries.get(bob.actor, group)["last_seq"]
        let_go(alice, dario)
        after = queries.get(bob.actor, group)
        assert after["last_seq"] == after["changed_seq"] == before + 1

    def test_comes_back_to_the_direct_ones_alone(self, alice, bob, dario, ours, theirs, group):
        pair = make.conversation(dario.actor, bob, kind="direct", title="")
        people.join(dario, theirs, "user")
        let_go(alice, dario)
        people.join(dario, ours, "user")
        assert queries.get(dario.actor, pair)["id"] == pair
        with pytest.raises(NotFound):
            queries.get(dario.actor, group)
        assert make.conversation(bob.actor, dario, kind="direct", title="") == pair

    def test_as_the_last_one_leaves_it_inactive(self, alice, bob, carla, dario):
        talk = make.conversation(dario.actor, bob)
        let_go(alice, bob)
        let_go(alice, dario)
        here = Actor.system(alice.workspace.pk)
        (left,) = Participant.objects.of(here).filter(conversation=talk, user=dario.user)
        assert left.left_at is not None
        assert not left.conversation.is_active
