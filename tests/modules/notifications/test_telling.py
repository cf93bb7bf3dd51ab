"""Telling somebody what happened: in the application, by mail, or both, as they wish."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections, transaction

from backend.core import live
from backend.core.errors import NotFound, PermissionDenied
from backend.modules.identity.actions import passwords, telling
from backend.modules.identity.models import RecoveryRequest
from backend.modules.ledger.models import Entry
from backend.modules.notifications import actions, rendering
from backend.modules.notifications.actions import Subject
from backend.modules.notifications.kinds import KINDS
from backend.modules.notifications.models import Notification, OutboundEmail
from backend.modules.notifications.queries import channels, inbox
from tests import make, people

pytestmark = pytest.mark.django_db

FACTS = {"by": "alice", "subject": "contact", "name": "Lucía Quispe", "count": ""}


def tell(by, who, key="assignment/1", **given) -> None:
    """A member is told by another that a contact is theirs now."""
    about = {"kind": "assignment", "facts": FACTS, "subject": Subject("contact", 12)}
    telling.tell(by.actor, who.user.pk, key=key, **about | given)


def notifications(who) -> list[Notification]:
    return list(Notification.objects.of(who.actor).filter(user=who.user).order_by("id"))


def mails(who) -> list[OutboundEmail]:
    return list(OutboundEmail.objects.of(who.actor).filter(recipient=who.user.email).order_by("id"))


class TestTelling:
    def test_writes_a_notification_and_a_mail_in_the_language_of_the_workspace(self, alice, bob):
        tell(alice, bob)
        [told], [mail] = notifications(bob), mails(bob)
        assert told.title == mail.subject == "alice te ha asignado el contacto Lucía Quispe"
        assert (told.kind, told.subject_kind, told.subject_id, told.read_at) == ("assignment", "contact", 12, None)
        assert (mail.language, mail.is_secret) == ("es", False)

    def test_speaks_the_language_that_the_reader_chose(self, alice, bob, carla):
        telling.choose(bob.actor, language="en")
        tell(alice, bob)
        tell(alice, carla)
        assert notifications(bob)[0].title == mails(bob)[0].subject == "alice assigned the contact Lucía Quispe to you"
        assert mails(carla)[0].language == "es"

    def test_twice_of_one_event_tells_once_but_everybody(self, alice, bob, carla):
        for who in (bob, carla, bob):
            tell(alice, who)
        assert [len(notifications(who)) for who in (bob, carla)] == [1, 1]
        assert [len(mails(who)) for who in (bob, carla)] == [1, 1]

    def test_ends_with_the_transaction_that_it_is_part_of(self, alice, bob):
        with transaction.atomic():
            tell(alice, bob)
            transaction.set_rollback(True)
        assert (notifications(bob), mails(bob)) == ([], [])

    def test_reaches_nobody_who_may_not_act_in_the_workspace(self, alice, bob, stranger):
        from backend.modules.identity import actions as identity

        identity.set_active(alice.actor, bob.user.pk, is_active=False)
        tell(alice, bob)
        tell(alice, stranger)
        assert Notification.across_workspaces.count() == OutboundEmail.across_workspaces.count() == 0

    def test_of_what_is_in_no_catalogue_is_a_mistake_that_shows_at_once(self, alice, bob):
        with pytest.raises(KeyError):
            tell(alice, bob, kind="rumour")

    def test_leaves_in_the_ledger_whom_and_of_what_but_not_when_they_read_it(self, alice, bob):
        tell(alice, bob)
        actions.mark_read(bob.actor, notifications(bob)[0].pk)
        [entry] = Entry.objects.of(alice.actor).filter(table="notifications")
        assert (entry.verb, entry.username, entry.new["user_id"]) == ("notification.created", "alice", bob.user.pk)
        assert not {"text", "read_at"} & entry.new.keys()


class TestTheLanguage:
    def test_of_the_link_to_a_new_password_is_the_person_s(self, bob):
        telling.choose(bob.actor, language="en")
        passwords.answer_recovery(RecoveryRequest.objects.create(email=bob.user.email).pk)
        assert [(each.template, each.language) for each in mails(bob)] == [("password_recovery", "en")]

    def test_of_an_invitation_is_the_workspace_s_whoever_is_invited(self, bob, stranger):
        telling.choose(bob.actor, language="en")
        make.invitation(stranger.actor, email=bob.user.email)
        assert OutboundEmail.objects.of(stranger.actor).get(template="invitation").language == "es"


class TestAKind:
    @pytest.mark.parametrize("kind", KINDS)
    def test_has_a_title_and_templates_in_every_language(self, kind):
        from tests.modules.notifications.test_rendering import TEMPLATES

        assert set(KINDS[kind].titles) == set(rendering.LANGUAGES)
        for language in rendering.LANGUAGES:
            notice = rendering.render_notice(kind, language=language, facts=TEMPLATES[kind])
            assert all(notice)
            assert "\n" not in notice.title
            assert rendering.render(kind, language=language, facts=TEMPLATES[kind]).text

    def test_is_each_that_has_a_notice(self):
        assert {path.name for path in rendering.NOTICES.iterdir()} == set(KINDS)

    @pytest.mark.parametrize("kind", KINDS)
    def test_fits_into_its_column(self, kind):
        assert len(kind) <= Notification._meta.get_field("kind").max_length

    def test_has_a_title_that_is_cut_where_its_column_ends_and_stays_one_line(self, alice, bob):
        tell(alice, bob, facts=FACTS | {"name": "x\r\n" * 500})
        assert (len(notifications(bob)[0].title), "\n" in notifications(bob)[0].title) == (300, False)


class TestTheChannels:
    @pytest.mark.parametrize(("email", "in_app"), [(True, False), (False, True), (False, False)])
    def test_are_those_that_the_reader_chose(self, alice, bob, email, in_app):
        telling.choose(bob.actor, channels={"assignment": {"email": email, "in_app": in_app}})
        tell(alice, bob)
        tell(alice, bob, key="export/1", kind="export_failed", facts={"title": "Clientes", "reason": "x"})
        assert [each.kind for each in notifications(bob)] == ["assignment"] * in_app + ["export_failed"]
        assert [each.template for each in mails(bob)] == ["assignment"] * email + ["export_failed"]

    def test_are_chosen_in_each_workspace_and_by_each_person(self, alice, bob, carla, theirs):
        people.join(bob, theirs, "sales")
        telling.choose(bob.actor, channels={"assignment": {"email": False}})
        elsewhere = people.Person(bob.user, theirs)
        assert channels.of(bob.actor, bob.user.pk, "assignment") == (False, True)
        assert channels.of(elsewhere.actor, bob.user.pk, "assignment") == (True, True)
        assert channels.of(carla.actor, carla.user.pk, "assignment") == (True, True)

    def test_stay_as_they_are_where_nothing_is_said(self, bob):
        telling.choose(bob.actor, channels={"assignment": {"email": False}})
        telling.choose(bob.actor, channels={"assignment": {"in_app": False}, "export_ready": {}})
        usual = {name: kind.default for name, kind in KINDS.items()}
        assert channels.all_of(bob.actor) == usual | {"assignment": (False, False)}


class TestReading:
    def test_one_keeps_the_first_moment(self, bob):
        told = make.notification(bob.actor)
        actions.mark_read(bob.actor, told.pk)
        first = inbox.get(bob.actor, told.pk)
        actions.mark_read(bob.actor, told.pk)
        assert first["read_at"] is not None
        assert inbox.get(bob.actor, told.pk) == first

    def test_all_up_to_one_leaves_what_came_later_and_what_is_others(self, bob, carla):
        first, second, third = (make.notification(bob.actor) for _ in range(3))
        hers = make.notification(carla.actor)
        assert actions.mark_all_read(bob.actor, up_to=second.pk) == 2
        assert actions.mark_all_read(bob.actor, up_to=second.pk) == 0
        assert [inbox.get(bob.actor, each.pk)["read_at"] is None for each in (first, second, third)] == [False] * 2 + [
            True
        ]
        assert inbox.get(carla.actor, hers.pk)["read_at"] is None
        assert actions.mark_all_read(bob.actor) == 1
        assert (inbox.count_unread(bob.actor), inbox.count_unread(carla.actor)) == (0, 1)

    def test_many_is_done_in_batches(self, bob, monkeypatch):
        monkeypatch.setattr(actions.inbox, "AT_ONCE", 2)
        for _ in range(5):
            make.notification(bob.actor)
        assert actions.mark_all_read(bob.actor) == 5
        assert inbox.count_unread(bob.actor) == 0

    def test_what_is_somebody_else_s_finds_nothing(self, bob, carla, stranger):
        told = make.notification(bob.actor)
        for who in (carla, stranger):
            with pytest.raises(NotFound):
                actions.mark_read(who.actor, told.pk)
            with pytest.raises(NotFound):
                inbox.get(who.actor, told.pk)

    def test_is_for_people_alone(self, alice):
        from backend.modules.identity import authentication

        _, text = make.api_key(alice.actor)
        key = authentication.bearer(text)
        for call in (
            lambda: inbox.count_unread(key),
            lambda: actions.mark_all_read(key),
            lambda: telling.choose(key, language="en"),
        ):
            with pytest.raises(PermissionDenied):
                call()


class TestTheUnreadCount:
    def test_stops_at_the_bound(self, bob, settings):
        settings.COUNT_BOUND = 2
        for _ in range(4):
            make.notification(bob.actor)
        assert inbox.count_unread(bob.actor) == 2


class TestTheSocket:
    @pytest.fixture
    def frames(self, monkeypatch):
        told = []
        monkeypatch.setattr(
            live, "tell", lambda workspace_id, user_id, frame: told.append((workspace_id, user_id, frame))
        )
        return told

    def test_is_told_after_the_commit_what_and_how_many_are_unread(
        self, alice, bob, frames, django_capture_on_commit_callbacks
    ):
        make.notification(bob.actor)
        with django_capture_on_commit_callbacks(execute=True):
            tell(alice, bob)
            assert frames == []
        told = notifications(bob)[-1]
        [(workspace_id, user_id, frame)] = frames
        assert (workspace_id, user_id, frame["type"], frame["unread"]) == (
            bob.workspace.pk,
            bob.user.pk,
            "notification",
            2,
        )
        assert frame["notification"] == {
            "id": told.pk,
            "kind": "assignment",
            "title": told.title,
            "text": told.text,
            "subject": {"kind": "contact", "id": 12},
            "created_at": told.created_at,
            "read_at": None,
        }

    def test_is_told_what_was_read_so_that_other_windows_know(self, bob, frames, django_capture_on_commit_callbacks):
        first, second = make.notification(bob.actor), make.notification(bob.actor)
        with django_capture_on_commit_callbacks(execute=True):
            actions.mark_read(bob.actor, first.pk)
            actions.mark_read(bob.actor, first.pk)
            actions.mark_all_read(bob.actor, up_to=second.pk)
        here = (bob.workspace.pk, bob.user.pk)
        assert frames == [
            (*here, {"type": "notifications_read", "id": first.pk, "unread": 0}),
            (*here, {"type": "notifications_read", "up_to": second.pk, "unread": 0}),
        ]


@pytest.mark.parallel
@pytest.mark.django_db(transaction=True)
class TestManyAtOnce:
    def at_once(self, do) -> None:
        def run(number: int) -> None:
            try:
                do(number)
            finally:
                connections.close_all()

        with ThreadPoolExecutor(5) as pool:
            list(pool.map(run, range(10)))

    def test_tell_of_one_event_once(self, alice, bob):
        self.at_once(lambda _: tell(alice, bob))
        assert (len(notifications(bob)), len(mails(bob))) == (1, 1)

    def test_choose_the_channels_of_one_kind_without_getting_in_each_other_s_way(self, bob):
        self.at_once(lambda number: telling.choose(bob.actor, channels={"assignment": {"email": number > 20}}))
        assert channels.of(bob.actor, bob.user.pk, "assignment") == (False, True)

    def test_read_each_of_them_once(self, bob):
        for _ in range(6):
            make.notification(bob.actor)
        read = []
        self.at_once(lambda _: read.append(actions.mark_all_read(bob.actor)))
        assert sum(read) == 6
