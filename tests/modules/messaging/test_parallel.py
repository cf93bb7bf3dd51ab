"""What holds of conversations when several people write, read, come and leave at once."""

from collections import Counter
from itertools import pairwise

import pytest

from backend.core.errors import NotFound
from backend.modules.identity.actions import users
from backend.modules.messaging import actions, queries
from backend.modules.messaging.actions import messages, reading
from backend.modules.messaging.models import Conversation, Message, Participant, Reaction
from tests import make
from tests.test_parallel import at_once

pytestmark = [pytest.mark.parallel, pytest.mark.django_db(transaction=True)]


def rows(who):
    return Message.objects.of(who.actor).order_by("seq")


def places(who) -> list[int]:
    return list(rows(who).values_list("seq", flat=True))


class TestADirectConversation:
    def test_is_one_whoever_opens_it_first(self, alice, bob, carla):
        pairs = [(alice, bob), (bob, alice), (bob, carla), (carla, bob)]

        def open_one(which):
            who, other = pairs[which % 4]
            return actions.create(who.actor, kind="direct", participant_ids=[other.user.pk])

        opened = at_once(48, open_one)
        made = {each.conversation_id for each in opened}
        assert len(made) == Conversation.objects.of(alice.actor).count() == 2
        assert Counter(each.is_new for each in opened) == {True: 2, False: 46}
        assert Participant.objects.of(alice.actor).count() == 4

    def test_is_one_through_the_api(self, alice, bob):
        def post(which):
            who, other = ((alice, bob), (bob, alice))[which % 2]
            body = {"conversation_type": "direct", "participants": [other.user.pk]}
            return type(who)(who.user, who.workspace).post("/api/mensajes/conversations/", body)

        answers = at_once(24, post)
        assert Counter(answer.status_code for answer in answers) == {201: 1, 200: 23}
        assert len({answer.json()["id"] for answer in answers}) == 1


class TestMessages:
    def test_have_places_without_gap_or_double(self, alice, bob, carla):
        talk = make.conversation(alice.actor, bob, carla)
        writers = (alice, bob, carla)
        at_once(60, lambda which: make.message(writers[which % 3].actor, talk, str(which)))
        assert places(alice) == list(range(2, 62))  # the first is the conversation's own
        assert set(rows(alice).values_list("content", flat=True)) == {str(which) for which in range(60)}
        moments = list(rows(alice).values_list("created_at", flat=True))
        assert all(before <= after for before, after in pairwise(moments))
        assert Conversation.objects.of(alice.actor).get().last_seq == 61

    def test_of_one_client_id_are_one(self, alice, bob):
        talk = make.conversation(alice.actor, bob)

        def send(which):
            who = (alice, bob)[which % 2]
            return messages.send(who.actor, talk, content="Hola", client_id=f"b2c9-{which % 3}")

        sent = at_once(48, send)
        assert Counter(each.is_new for each in sent) == {True: 6, False: 42}
        assert len({each.message_id for each in sent}) == 6
        assert places(alice) == list(range(2, 8))

    @pytest.mark.parametrize("again", range(4))
    def test_of_one_file_are_one(self, alice, bob, again):
        talk = make.conversation(alice.actor, bob)
        key = make.message_upload(alice.actor, talk)

        def send(which):
            return messages.send(alice.actor, talk, content="", kind="file", key=key, client_id="b2c9").message_id

        assert len(set(at_once(12, send))) == 1
        assert rows(alice).get().attachment is not None

    def test_and_reactions_take_different_places(self, alice, bob):
        talk = make.conversation(alice.actor, bob)
        first = make.message(alice.actor, talk)
        kinds = ("like", "wow", "sad", "love")

        def act(which):
            if which % 3 == 0:
                return make.message(bob.actor, talk)
            if which % 3 == 1:
                return messages.react(bob.actor, first, kind=kinds[which % 4])
            return messages.edit(alice.actor, first, content=f"Hola {which}")

        at_once(48, act)
        found = Conversation.objects.of(alice.actor).get()
        assert Reaction.objects.of(alice.actor).count() == 4
        assert found.last_seq == 2 + 16 + 4 + 16
        assert rows(alice).first().changed_seq <= found.last_seq
        assert len(set(places(alice))) == 17


class TestReading:
    def test_is_noted_exactly_when_the_last_has(self, alice, bob, carla, dario):
        people = (alice, bob, carla, dario)
        talk = make.conversation(alice.actor, bob, carla, dario)

        def act(which):
            who = people[which % 4]
            if which % 5 == 0:
                return make.message(who.actor, talk)
            return reading.mark_read(who.actor, talk)

        at_once(100, act)
        self.check(alice, talk)
        at_once(4, lambda which: reading.mark_read(people[which].actor, talk))
        self.check(alice, talk)
        assert not rows(alice).filter(read_at=None).exists()

    def check(self, alice, talk) -> None:
        reached = dict(Participant.objects.of(alice.actor).filter(conversation=talk).values_list("user_id", "read_seq"))
        for message in rows(alice):
            others = [seq for user_id, seq in reached.items() if user_id != message.sender_id]
            assert (message.read_at is not None) == (min(others) >= message.seq), message

    def test_of_one_at_once_never_goes_back(self, alice, bob):
        talk = make.conversation(alice.actor, bob)
        for _ in range(10):
            make.message(alice.actor, talk)
        at_once(40, lambda which: reading.mark_read(bob.actor, talk, seq=2 + which % 10))
        assert queries.read_seq(bob.actor, talk) == 11
        assert queries.unread_counts(bob.actor, [talk]) == {}


class TestComingAndLeaving:
    def test_nobody_writes_after_they_have_left(self, alice, bob, carla):
        talk = make.conversation(alice.actor, bob, carla)
        for _ in range(10):
            make.message(bob.actor, talk)

        def act(which):
            if which == 20:
                return actions.remove_participant(bob.actor, talk, user_id=bob.user.pk)
            try:
                return make.message((bob, carla)[which % 2].actor, talk)
            except NotFound:
                assert which % 2 == 0
                return None

        at_once(60, act)
        left = Participant.objects.of(alice.actor).get(conversation=talk, user=bob.user)
        by_bob = rows(alice).filter(sender=bob.user)
        assert by_bob.filter(created_at__gt=left.left_at).count() == 0
        assert by_bob.last().seq < Conversation.objects.of(alice.actor).get().changed_seq
        assert rows(alice).filter(sender=carla.user).count() == 30
        seqs = {*places(alice), 1, Conversation.objects.of(alice.actor).get().changed_seq}
        assert seqs == set(range(1, max(seqs) + 1))

    def test_everybody_is_there_once(self, alice, bob, carla, dario):
        talk = make.conversation(alice.actor, bob)
        new = [carla.user.pk, dario.user.pk]
        at_once(24, lambda which: actions.add_participants((alice, bob)[which % 2].actor, talk, participant_ids=new))
        assert queries.participant_ids(alice.actor, talk) == [who.user.pk for who in (alice, bob, carla, dario)]
        assert Conversation.objects.of(alice.actor).get().last_seq == 2

    def test_leaving_and_coming_back_leaves_one_of_each(self, alice, bob, carla):
        talk = make.conversation(alice.actor, bob, carla)

        def act(which):
            if which % 2:
                return actions.add_participants(alice.actor, talk, participant_ids=[carla.user.pk])
            try:
                return actions.remove_participant(carla.actor, talk, user_id=carla.user.pk)
            except NotFound:
                return None

        at_once(40, act)
        assert Participant.objects.of(alice.actor).filter(conversation=talk, user=carla.user).count() == 1

    def test_somebody_is_let_go_while_the_others_write_and_read(self, alice, bob, carla, dario):
        talks = [make.conversation(alice.actor, bob, carla, dario) for _ in range(3)]
        stay = (alice, bob, carla)

        def act(which):
            who, talk = stay[which % 3], talks[which % 3]
            if which == 15:
                return users.delete(alice.actor, dario.user.pk)
            return reading.mark_read(who.actor, talk) if which % 2 else make.message(who.actor, talk)

        at_once(60, act)
        for talk in talks:
            assert queries.participant_ids(alice.actor, talk) == [who.user.pk for who in stay]
            for who in stay:
                reading.mark_read(who.actor, talk)
        assert not rows(alice).filter(read_at=None).exists()
