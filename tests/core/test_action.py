import pytest
from django.db import transaction
from django.utils import timezone

from backend.core import action as actions
from backend.core.action import action
from backend.core.actor import Actor
from backend.core.errors import PermissionDenied
from backend.core.recording import WriteOutsideAction
from backend.modules.contacts.models import Contact
from backend.modules.ledger.models import Entry
from backend.modules.messaging.models import Process
from tests import make


@action("test.rename")
def rename(actor: Actor, contact: Contact, *, to: str, then_fail: bool = False) -> None:
    contact.first_name = to
    contact.save()
    if then_fail:
        raise RuntimeError


@action("test.rename_two")
def rename_two(actor: Actor, first: Contact, second: Contact) -> None:
    rename(actor, first, to="One")
    second.first_name = "Two"
    second.save()


@pytest.fixture
def published(monkeypatch):
    seen: list[tuple[str, list]] = []
    monkeypatch.setattr(actions, "_subscribers", [lambda actor, name, changes: seen.append((name, changes))])
    return seen


def verbs() -> list[tuple[str, str]]:
    return list(Entry.across_workspaces.order_by("id").values_list("action", "verb"))


class TestAnAction:
    def test_is_refused_to_who_lacks_its_permission(self, ours):
        nobody = Actor(workspace_id=ours.pk, user_id=None)
        with pytest.raises(PermissionDenied) as refused:
            make.contact(nobody)
        assert refused.value.facts == {"permission": "contacts.add"}

    def test_writes_what_changed_into_the_ledger(self, alice):
        contact = make.contact(alice.actor, first_name="Ana")
        rename(alice.actor, contact, to="Anahí")
        entry = Entry.across_workspaces.order_by("id").last()
        assert (entry.verb, entry.action, entry.table) == ("contact.updated", "test.rename", "contacts")
        assert (entry.old, entry.new) == ({"first_name": "Ana"}, {"first_name": "Anahí"})
        assert (entry.user_id, entry.username, entry.workspace_id) == (alice.user.pk, "alice", alice.workspace.pk)

    def test_that_fails_leaves_neither_change_nor_entry_nor_publication(self, alice, published):
        contact = make.contact(alice.actor, first_name="Ana")
        before = verbs()
        with pytest.raises(RuntimeError):
            rename(alice.actor, contact, to="Eva", then_fail=True)
        contact.refresh_from_db()
        assert contact.first_name == "Ana"
        assert verbs() == before
        assert published == []

    def test_called_by_an_action_is_recorded_under_its_own_name_and_falls_with_it(self, alice):
        first, second = make.contact(alice.actor), make.contact(alice.actor)
        rename_two(alice.actor, first, second)
        assert verbs()[-2:] == [("test.rename", "contact.updated"), ("test.rename_two", "contact.updated")]

    def test_is_published_only_after_the_commit(self, alice, published, django_capture_on_commit_callbacks):
        contact = make.contact(alice.actor)
        with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
            rename(alice.actor, contact, to="Eva")
            assert published == []
        assert [name for name, _ in published] == ["test.rename"]

    def test_stands_when_a_subscriber_fails(self, alice, monkeypatch, django_capture_on_commit_callbacks, caplog):
        contact = make.contact(alice.actor)
        monkeypatch.setattr(actions, "_subscribers", [lambda *_: 1 / 0])
        with django_capture_on_commit_callbacks(execute=True):
            rename(alice.actor, contact, to="Eva")
        contact.refresh_from_db()
        assert contact.first_name == "Eva"
        assert "A subscriber of test.rename failed" in caplog.text


class TestARowThatIsInNoLedger:
    def test_is_written_in_an_action_like_any_other_and_leaves_no_entry(self, ours):
        write = action("test.write")(lambda actor: Process(seen_at=timezone.now()).save())
        write(Actor.system(ours.pk))
        assert Process.objects.count() == 1
        assert not Entry.objects.of(Actor.system(ours.pk)).filter(table="socket_processes").exists()
        with pytest.raises(WriteOutsideAction), transaction.atomic():
            Process(seen_at=timezone.now()).save()


class TestAWriteOutsideAnAction:
    def test_is_refused_in_every_form(self, alice):
        contact = make.contact(alice.actor)
        everything = Contact.objects.of(alice.actor)
        for write in (
            contact.save,
            contact.delete,
            everything.delete,
            lambda: everything.update(first_name="Eva"),
            lambda: everything.create(first_name="Eva"),
            lambda: everything.bulk_create([everything.new(first_name="Eva")]),
            lambda: everything.bulk_update([contact], ["first_name"]),
        ):
            with pytest.raises(WriteOutsideAction), transaction.atomic():
                write()
        assert list(everything) == [contact]


class TestTheRecording:
    def test_leaves_out_derived_fields_and_masks_secrets(self, alice):
        entry = Entry.across_workspaces.get(verb="user.created", record_id=alice.user.pk)
        assert entry.new["password"] == "********"
        assert entry.new["password_stamp"] == "********"
        assert "username_key" not in entry.new
        assert "updated_at" not in entry.new

    def test_sees_bulk_writes_row_by_row(self, alice):
        @action("test.bulk")
        def bulk(actor: Actor) -> None:
            rows = Contact.objects.of(actor)
            made = rows.bulk_create([rows.new(first_name=name, search_text="") for name in ("A", "B")])
            made[0].first_name = "C"
            rows.bulk_update(made[:1], ["first_name"])
            rows.filter(first_name="B").delete()

        bulk(alice.actor)
        kinds = [(each.verb, each.old.get("first_name"), each.new.get("first_name")) for each in
                 Entry.across_workspaces.filter(action="test.bulk").order_by("id")]  # fmt: skip
        assert kinds == [
            ("contact.created", None, "A"),
            ("contact.created", None, "B"),
            ("contact.updated", "A", "C"),
            ("contact.deleted", "B", None),
        ]

    def test_notes_the_activities_that_lose_their_contact(self, alice):
        from backend.modules.contacts import actions as contacts

        contact = make.contact(alice.actor)
        activity = make.activity(alice.actor, contact_id=contact.pk)
        contacts.delete(alice.actor, contact.pk)
        entry = Entry.across_workspaces.get(verb="activity.updated", record_id=activity.pk)
        assert (entry.old, entry.new) == ({"contact_id": contact.pk}, {"contact_id": None})
