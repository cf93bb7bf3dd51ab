"""What people are shown as, by a clock that the test turns."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from backend.core import live
from backend.core.actor import Actor
from backend.modules.ledger.models import Entry
from backend.modules.messaging import actions as conversations
from backend.modules.messaging.actions import presence as actions
from backend.modules.messaging.actions.presence import Socket
from backend.modules.messaging.models import Connection, Process
from backend.modules.messaging.presence import BEAT, CALL, GRACE, IDLE, SILENCE
from backend.modules.messaging.queries import presence as queries
from tests import people

pytestmark = pytest.mark.django_db

MOMENT = timedelta(milliseconds=1)


class Clock:
    def __init__(self) -> None:
        self.now = timezone.now()

    def pass_(self, time: timedelta) -> None:
        self.now += time


class Server:
    """A process that has sockets."""

    def __init__(self) -> None:
        self.id = uuid4()
        self.beat()

    def beat(self) -> None:
        actions.beat(Actor.system(None), process_id=self.id)

    def open(self, who: people.Person) -> Socket:
        now = timezone.now()
        opened = Socket(uuid4(), who.user.pk, now, now)
        actions.keep(Actor.system(who.workspace.pk), process_id=self.id, opened=[opened])
        return opened

    def close(self, who: people.Person, socket: Socket) -> None:
        actions.keep(Actor.system(who.workspace.pk), process_id=self.id, closed={socket.id: timezone.now()})

    def hear(self, who: people.Person, socket: Socket) -> None:
        actions.note_activity(Actor.system(who.workspace.pk), active={socket.id: timezone.now()})

    def live_on(self, clock: Clock, time: timedelta) -> None:
        """So long, with a heartbeat now and then and a look at who is due."""
        end = clock.now + time
        while clock.now < end:
            clock.now = min(end, clock.now + BEAT)
            self.beat()
            actions.settle_due()


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(timezone, "now", lambda: clock.now)
    return clock


@pytest.fixture
def server(clock, db) -> Server:
    return Server()


@pytest.fixture
def told(monkeypatch, django_capture_on_commit_callbacks, ours):
    """Have something done, and answer who was told what: (whom, of whom, the status)."""
    frames = []
    monkeypatch.setattr(live, "tell_all", lambda workspace_id, to, frame, **_: frames.append((set(to), frame)))

    def told(do, *args, **kwargs):
        frames.clear()
        with django_capture_on_commit_callbacks(execute=True):
            do(*args, **kwargs)
        return [(to, frame["user"], frame["status"]) for to, frame in frames]

    told.frames = frames
    return told


def status(who: people.Person) -> str:
    return queries.own(who.actor).status


class TestSomebody:
    def test_is_offline_and_was_never_seen_at_first(self, bob):
        assert (status(bob), queries.own(bob.actor).last_seen) == ("offline", None)

    def test_is_online_with_one_of_several_sockets_and_offline_a_while_after_the_last(self, bob, server, clock):
        sockets = [server.open(bob), server.open(bob)]
        assert status(bob) == "online"
        for socket in sockets:
            server.close(bob, socket)
            assert status(bob) == "online"
        clock.pass_(GRACE - MOMENT)
        assert status(bob) == "online"
        clock.pass_(MOMENT)
        assert status(bob) == "offline"

    def test_does_not_flicker_when_a_page_is_loaded_anew(self, bob, server, clock, told):
        socket = server.open(bob)
        assert told(server.close, bob, socket) == []
        clock.pass_(GRACE - MOMENT)
        assert told(server.open, bob) == []
        assert told(server.live_on, clock, 10 * GRACE) == []
        assert Connection.objects.of(bob.actor).count() == 1

    def test_is_away_when_nothing_was_done_over_any_socket_for_five_minutes(self, bob, server, clock):
        first, _ = server.open(bob), server.open(bob)
        server.live_on(clock, IDLE - MOMENT)
        assert status(bob) == "online"
        server.hear(bob, first)
        server.live_on(clock, IDLE - MOMENT)
        assert status(bob) == "online"
        clock.pass_(MOMENT)
        assert status(bob) == "away"
        server.hear(bob, first)
        assert status(bob) == "online"

    def test_who_is_busy_stays_it_when_idle_and_after_connecting_again(self, bob, server, clock):
        socket = server.open(bob)
        actions.choose(bob.actor, status="busy", custom_message="En reunión")
        server.live_on(clock, 2 * IDLE)
        assert status(bob) == "busy"
        server.close(bob, socket)
        server.live_on(clock, 2 * IDLE)
        assert status(bob) == "offline"
        server.open(bob)
        assert (status(bob), queries.own(bob.actor).custom_message) == ("busy", "En reunión")

    def test_is_there_for_a_while_after_a_choice_over_rest(self, bob, server, clock):
        actions.choose(bob.actor, status="away", is_call=True)
        assert status(bob) == "away"
        called = clock.now
        clock.pass_(CALL)
        assert (status(bob), queries.own(bob.actor).last_seen) == ("offline", called)

    def test_of_a_dead_process_is_offline_and_was_seen_when_it_was_heard_of_last(self, bob, server, clock, told):
        server.open(bob)
        server.live_on(clock, 3 * BEAT)
        heard = clock.now
        other = Server()
        clock.pass_(SILENCE - MOMENT)
        assert status(bob) == "online"
        clock.pass_(MOMENT)
        assert (status(bob), queries.own(bob.actor).last_seen) == ("offline", heard)
        assert told(other.live_on, clock, BEAT) == [({bob.user.pk}, bob.user.pk, "offline")]
        assert Connection.objects.of(bob.actor).count() == 0
        assert queries.own(bob.actor).last_seen == heard

    def test_was_seen_when_the_socket_was_closed_or_the_process_heard_of(self, bob, server, clock):
        socket = server.open(bob)
        server.live_on(clock, 4 * BEAT)
        assert queries.own(bob.actor).last_seen == clock.now
        clock.pass_(timedelta(seconds=2))
        server.close(bob, socket)
        closed = clock.now
        server.live_on(clock, IDLE)
        assert (status(bob), queries.own(bob.actor).last_seen) == ("offline", closed)

    def test_whose_process_was_given_up_too_early_is_there_again_when_it_says_so(self, bob, server, clock):
        socket = server.open(bob)
        clock.pass_(SILENCE)
        Server().live_on(clock, BEAT)
        assert queries.open_connections(server.id) == {}
        server.beat()
        actions.keep(Actor.system(bob.workspace.pk), process_id=server.id, opened=[socket])
        assert status(bob) == "online"


class TestWhoAppearsOffline:
    def test_was_seen_when_they_chose_to_and_shows_nothing_since(self, bob, alice, server, clock, told):
        conversations.create(alice.actor, kind="direct", participant_ids=[bob.user.pk])
        socket = server.open(bob)
        server.live_on(clock, 3 * BEAT + MOMENT)
        both, hidden = {alice.user.pk, bob.user.pk}, clock.now
        assert told(actions.choose, bob.actor, status="offline") == [(both, bob.user.pk, "offline")]
        assert told(server.live_on, clock, 2 * IDLE) == []
        assert told(server.hear, bob, socket) == told(server.open, bob) == told(server.close, bob, socket) == []
        own = {bob.user.pk}
        assert told(actions.choose, bob.actor, custom_message="…") == [(own, bob.user.pk, "offline")]
        assert (status(bob), queries.own(bob.actor).last_seen) == ("offline", hidden)
        assert queries.others_online(alice.actor) == []
        assert told(actions.choose, bob.actor, status="online") == [(both, bob.user.pk, "online")]
        assert queries.own(bob.actor).last_seen == clock.now

    def test_while_they_are_not_there_moves_nothing(self, bob, server, clock):
        socket = server.open(bob)
        server.close(bob, socket)
        seen = clock.now
        server.live_on(clock, IDLE)
        actions.choose(bob.actor, status="offline", is_call=True)
        assert (status(bob), queries.own(bob.actor).last_seen) == ("offline", seen)


class TestOthers:
    @pytest.fixture
    def talking(self, alice, bob) -> set[int]:
        conversations.create(alice.actor, kind="direct", participant_ids=[bob.user.pk])
        return {alice.user.pk, bob.user.pk}

    def test_are_told_who_share_a_conversation_and_once(self, bob, carla, talking, server, clock, told):
        assert told(server.open, bob) == [(talking, bob.user.pk, "online")]
        assert told(server.open, bob) == []
        assert told(server.open, carla) == [({carla.user.pk}, carla.user.pk, "online")]
        told(actions.choose, bob.actor, status="busy", custom_message="En reunión")
        [(_, frame)] = told.frames
        assert frame == {
            "type": "presence.changed",
            "user": bob.user.pk,
            "email": "bob@example.com",
            "status": "busy",
            "custom_message": "En reunión",
            "last_seen": clock.now,
        }
        assert told(actions.choose, bob.actor, status="busy", custom_message="En reunión") == []
        assert told(actions.choose, bob.actor, custom_message="") == [(talking, bob.user.pk, "busy")]

    def test_are_told_what_happens_by_the_clock_when_somebody_looks(self, bob, talking, server, clock, told):
        socket = server.open(bob)
        assert told(server.live_on, clock, IDLE - MOMENT) == []
        assert told(server.live_on, clock, BEAT) == [(talking, bob.user.pk, "away")]
        assert told(server.live_on, clock, IDLE) == []
        assert told(server.hear, bob, socket) == [(talking, bob.user.pk, "online")]
        server.close(bob, socket)
        assert told(server.live_on, clock, GRACE + BEAT) == [(talking, bob.user.pk, "offline")]
        assert told(actions.choose, bob.actor, status="online", is_call=True) == [(talking, bob.user.pk, "online")]
        assert told(server.live_on, clock, CALL + BEAT) == [(talking, bob.user.pk, "offline")]

    def test_are_told_of_who_comes_back_before_anybody_noticed_that_they_had_gone(
        self, bob, talking, server, clock, told
    ):
        server.open(bob)
        clock.pass_(SILENCE)
        assert status(bob) == "offline"
        assert told(Server().open, bob) == [(talking, bob.user.pk, "online")]

    def test_who_are_online_are_shown_by_name(self, alice, bob, carla, dario, stranger, server, clock):
        for who in (dario, bob, alice, stranger):
            server.open(who)
        carla.user.first_name = "Álvaro"
        people.writing(carla.workspace.pk, carla.user.save)
        actions.choose(carla.actor, status="busy", is_call=True)
        actions.choose(dario.actor, status="away")
        found = queries.others_online(alice.actor)
        assert [(each.email, each.status) for each in found] == [
            ("carla@example.com", "busy"),
            ("bob@example.com", "online"),
            ("dario@example.com", "away"),
        ]
        clock.pass_(SILENCE)
        assert [each.email for each in queries.others_online(alice.actor)] == ["carla@example.com"]


class TestWhatIsKept:
    def test_in_the_ledger_is_what_people_choose(self, bob, server, clock):
        socket = server.open(bob)
        server.hear(bob, socket)
        server.live_on(clock, IDLE + BEAT)
        actions.choose(bob.actor, status="busy")
        entries = Entry.objects.of(bob.actor).filter(table__in=("presences", "socket_connections", "socket_processes"))
        assert [(entry.verb, entry.new) for entry in entries.order_by("id")][1:] == [
            ("presence.updated", {"status": "busy"})
        ]

    def test_of_a_process_is_forgotten_a_day_after_its_death(self, server, clock):
        clock.pass_(queries.KEPT)
        Server()
        assert Process.objects.count() == 1
        assert not Process.objects.filter(pk=server.id).exists()
