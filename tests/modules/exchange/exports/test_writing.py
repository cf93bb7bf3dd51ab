"""What becomes of an order: under whose rights it is written, what is mailed, and how long the file is there."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db.models import QuerySet
from django.test import Client
from django.utils import timezone

from backend.modules.attachments.models import Attachment
from backend.modules.attachments.models import State as AttachmentState
from backend.modules.attachments.storages import links
from backend.modules.companies import actions as companies
from backend.modules.contacts import actions as contacts
from backend.modules.exchange import tasks
from backend.modules.exchange.models import Export, State
from backend.modules.identity.actions import users
from backend.modules.identity.models import MembershipRole, Workspace
from backend.modules.ledger.models import Entry
from backend.modules.opportunities.models import Stage
from tests import make, people
from tests.modules.exchange.exports.outcome import attached, content, mailed_path, mails, streamed
from tests.modules.exchange.exports.test_ordering import LISTS, PATH, lists, order

pytestmark = pytest.mark.django_db(transaction=True)


def tick(monkeypatch, seconds: float) -> None:
    """Let the clock of the signed links go on."""
    now = links.time.time()
    monkeypatch.setattr(links, "time", SimpleNamespace(time=lambda: now + seconds))


def take_roles_of(who) -> None:
    roles = MembershipRole.objects.of(who.actor).filter(membership__user=who.user)
    people.writing(who.workspace.pk, lambda: roles.delete())


class TestAnOrder:
    @lists
    @pytest.mark.parametrize("format", ["csv", "xlsx"])
    def test_is_written_as_soon_as_it_is_committed(self, alice, source, format):
        make.activity(alice.actor, opportunity_id=make.opportunity(alice.actor).pk)
        number = order(alice, source, format=format).json()["id"]
        found = alice.get(f"{PATH}{number}/").json()
        assert (found["status"], found["last_error"], found["rows_done"]) == ("done", "", found["rows_total"])
        file = content(found["download_url"])
        assert file == streamed(alice, source) if format == "csv" else file.startswith(b"PK")

    def test_is_hinted_at_after_the_commit_and_never_for_a_refusal(self, alice, dario, given):
        assert order(dario).status_code == 403
        assert given == []
        number = order(alice).json()["id"]
        assert given == [("backend.modules.exchange.tasks.write_export", (alice.workspace.pk, number))]

    def test_whose_hint_was_lost_is_found_by_the_sweep(self, alice, stranger, given):
        places = [(each.workspace_id, each.pk) for each in (make.export(alice.actor), make.export(stranger.actor))]
        given.clear()
        assert [tasks.write_due(), tasks.write_due()] == [2, 2]
        assert [args for _, args in given] == places * 2
        for place in places * 2:
            tasks.write_export(*place)
        assert (mails(alice).count(), mails(stranger).count(), tasks.write_due()) == (1, 1, 0)

    def test_that_ended_runs_or_waits_for_later_is_left_alone(self, alice, write, change):
        soon = timezone.now() + timedelta(minutes=1)
        cases = [{"state": state} for state in (State.DONE, State.FAILED, State.CANCELLED)]
        for fields in [*cases, {"leased_until": soon}, {"next_at": soon}]:
            export = change(make.export(alice.actor), **fields)
            assert write(export).attempts == 0
        assert tasks.write_due() == 0
        assert not attached(alice).exists()


class TestADoneExport:
    @pytest.fixture
    def export(self, alice, write):
        make.company(alice.actor, name="Ñandú SAC")
        return write(make.export(alice.actor))

    def test_has_counted_its_rows_and_stays_for_seven_days(self, alice, export):
        assert (export.state, export.attempts, export.rows_done, export.rows_total) == (State.DONE, 1, 1, 1)
        assert (export.leased_until, export.last_error) == (None, "")
        assert export.expires_at - export.finished_at == timedelta(days=7)

    def test_has_the_rows_of_the_moment_of_writing(self, alice, write):
        export = make.export(alice.actor)
        make.company(alice.actor, name="Later SAC")
        write(export)
        assert b"Later SAC" in content(alice.get(f"{PATH}{export.pk}/").json()["download_url"])

    def test_has_the_rows_of_its_workspace_alone(self, alice, stranger, write):
        for who in (alice, stranger):
            make.company(who.actor, name=f"Of {who.user.username}")
        for who, other in ((alice, stranger), (stranger, alice)):
            export = write(make.export(who.actor))
            file = content(who.get(f"{PATH}{export.pk}/").json()["download_url"]).decode()
            assert f"Of {who.user.username}" in file
            assert f"Of {other.user.username}" not in file

    def test_gives_a_link_for_ten_minutes(self, alice, export, monkeypatch):
        path = alice.get(f"{PATH}{export.pk}/").json()["download_url"]
        answer = Client().get(path)
        assert answer["Content-Disposition"] == f'attachment; filename="empresas-{alice.actor.today}.csv"'
        assert answer["Content-Type"] == "text/csv; charset=utf-8"
        tick(monkeypatch, 599)
        assert content(path) == streamed(alice, "sales.empresas")
        tick(monkeypatch, 2)
        assert Client().get(path).status_code == 403

    def test_has_two_entries_in_the_ledger_and_its_file_two(self, alice, export):
        entries = Entry.objects.of(alice.actor).order_by("id")
        assert [(each.action, each.username) for each in entries.filter(table="exports")] == [
            ("export.order", "alice"), ("export.settle_done", "system"),
        ]  # fmt: skip
        assert entries.filter(table="exports").last().new.keys() == {"state", "finished_at", "expires_at"}
        file = entries.filter(table="attachments", record_id=attached(alice).get().pk)
        assert [each.action for each in file] == ["attachment.store", "attachment.confirm"]

    def test_has_a_file_that_only_its_owner_finds(self, alice, carla, export):
        path = f"/v1/attachments/{attached(alice).get().pk}"
        assert alice.get(path).json()["filename"] == f"empresas-{alice.actor.today}.csv"
        assert [carla.get(path).status_code, carla.delete(path).status_code] == [404, 404]
        assert Attachment.objects.of(alice.actor).get().state == AttachmentState.CONFIRMED


class TestTheMail:
    def test_is_one_to_who_asked_with_a_link_that_needs_no_login(self, alice, write):
        make.company(alice.actor, name="Ñandú SAC")
        write(write(make.export(alice.actor)))
        mail = mails(alice).get()
        assert (mail.recipient, mail.subject) == ("alice@example.com", "Tu archivo está listo: Empresas")
        assert "(Empresas, 1 filas)" in mail.text
        assert content(mailed_path(alice)) == streamed(alice, "sales.empresas")

    def test_is_in_the_language_of_the_workspace(self, alice, write):
        QuerySet(Workspace).filter(pk=alice.workspace.pk).update(language="en")
        write(make.export(alice.actor))
        assert mails(alice).get().subject == "Your file is ready: Empresas"

    def test_has_a_link_for_a_day(self, alice, write, monkeypatch):
        write(make.export(alice.actor))
        path = mailed_path(alice)
        tick(monkeypatch, 24 * 3600 - 1)
        assert content(path)
        tick(monkeypatch, 2)
        assert Client().get(path).status_code == 403

    def test_hides_its_link_from_the_ledger(self, alice, write):
        write(make.export(alice.actor))
        path = mailed_path(alice)
        assert not any(path in str(each.new) for each in Entry.objects.of(alice.actor))

    def test_of_each_export_is_its_own(self, alice, write):
        for _ in range(2):
            write(make.export(alice.actor))
        assert mails(alice).count() == 2


class TestTheRightsOfTheMomentOfWriting:
    def failed(self, who, export: Export, reason: str, files) -> None:
        assert (export.state, export.last_error, export.attempts) == (State.FAILED, reason, 1)
        assert export.expires_at - export.finished_at == timedelta(days=7)
        assert not attached(who).exists()
        assert not mails(who).exists()
        assert files() == []

    @pytest.mark.parametrize("source", LISTS)
    def test_are_missing_when_they_were_taken_away(self, ours, write, files, source):
        who = people.person_holding(ours, LISTS[source])
        export = make.export(who.actor, source=source)
        take_roles_of(who)
        self.failed(who, write(export), "permission_denied", files)
        assert who.get(f"{PATH}{export.pk}/").json()["download_url"] is None

    def test_are_missing_when_the_member_was_deactivated(self, alice, bob, write, files):
        export = make.export(bob.actor)
        users.set_active(alice.actor, bob.user.pk, is_active=False)
        self.failed(bob, write(export), "permission_denied", files)

    def test_are_missing_when_the_member_was_let_go(self, alice, bob, write, files):
        export = make.export(bob.actor)
        users.delete(alice.actor, bob.user.pk)
        self.failed(bob, write(export), "permission_denied", files)

    def test_are_those_of_the_workspace_of_the_order(self, alice, bob, theirs, write, files):
        people.join(bob, theirs, "admin")
        export = make.export(bob.actor)
        users.delete(alice.actor, bob.user.pk)
        self.failed(bob, write(export), "permission_denied", files)

    def test_suffice_when_they_were_given_back(self, alice, bob, write):
        export = make.export(bob.actor)
        users.set_active(alice.actor, bob.user.pk, is_active=False)
        users.set_active(alice.actor, bob.user.pk, is_active=True)
        assert write(export).state == State.DONE

    def test_do_not_matter_to_the_file_that_is_there(self, alice, bob, write):
        write(make.export(bob.actor))
        take_roles_of(bob)
        assert content(mailed_path(alice))


class TestFiltersThatReferToWhatIsGone:
    def test_find_nothing_where_the_list_finds_nothing(self, alice, write):
        company = make.company(alice.actor)
        contact = make.contact(alice.actor, company_id=company.pk)
        export = make.export(alice.actor, source="sales.clientes", filters={"empresa_id": company.pk})
        contacts.delete(alice.actor, contact.pk)
        companies.delete(alice.actor, company.pk)
        export = write(export)
        assert (export.state, export.rows_done, export.rows_total) == (State.DONE, 0, 0)
        assert content(mailed_path(alice)) == streamed(alice, "sales.clientes")

    def test_fail_for_good_where_the_list_refuses_them(self, alice, write, files):
        export = make.export(alice.actor, source="sales.oportunidades", filters={"etapa": "negociacion"})
        people.writing(alice.workspace.pk, lambda: Stage.objects.of(alice.actor).get(key="negociacion").delete())
        export = write(export)
        assert (export.state, export.last_error, files()) == (State.FAILED, "unknown_stage", [])

    def test_fail_for_good_when_the_list_itself_is_gone(self, alice, write, change):
        export = write(change(make.export(alice.actor), source="sales.nada"))
        assert (export.state, export.last_error) == (State.FAILED, "unknown_source")

    def test_fail_for_good_when_the_list_has_them_no_more(self, alice, write, change):
        export = write(change(make.export(alice.actor), filters={"antes": 1}))
        assert (export.state, export.last_error) == (State.FAILED, "malformed")
