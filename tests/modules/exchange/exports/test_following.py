"""Looking at one's exports over HTTP, and cancelling them."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from backend.modules.exchange.models import Export, State
from backend.modules.identity.models import MembershipRole
from backend.modules.ledger.models import Entry
from tests import make, people
from tests.modules.exchange.exports.test_ordering import PATH, exports, order

pytestmark = pytest.mark.django_db


class TestLooking:
    def test_lists_the_callers_own_the_newest_first(self, alice, bob, stranger):
        numbers = [make.export(alice.actor).pk for _ in range(3)]
        for who in (bob, stranger):
            make.export(who.actor)
        page = alice.get(PATH).json()
        assert (page["count"], [row["id"] for row in page["results"]]) == (3, numbers[::-1])
        page = alice.get(f"{PATH}?page_size=2&page=2").json()
        assert (page["count"], [row["id"] for row in page["results"]]) == (3, numbers[:1])
        assert "download_url" not in page["results"][0]

    def test_at_somebody_elses_finds_nothing(self, alice, bob, stranger):
        number = make.export(alice.actor).pk
        for who in (bob, stranger):
            assert who.get(f"{PATH}{number}/").status_code == 404
            assert who.post(f"{PATH}{number}/cancel/").status_code == 404
            assert who.get(PATH).json()["count"] == 0
        assert exports(alice).get().state == State.DUE

    def test_in_another_workspace_of_the_same_person_finds_nothing(self, alice, theirs):
        number = make.export(alice.actor).pk
        people.join(alice, theirs, "admin")
        elsewhere = people.Person(alice.user, theirs)
        assert elsewhere.get(f"{PATH}{number}/").status_code == 404
        assert elsewhere.get(PATH).json()["count"] == 0

    def test_says_how_far_it_is(self, alice, change):
        now = timezone.now()
        export = change(make.export(alice.actor), rows_done=20, rows_total=50, leased_until=now + timedelta(minutes=1))
        assert status(alice, export) == ("running", 20, 50)
        change(export, leased_until=now - timedelta(seconds=1))
        assert status(alice, export) == ("waiting", 20, 50)

    @pytest.mark.parametrize("state", [State.DONE, State.FAILED, State.CANCELLED])
    def test_says_how_it_ended(self, alice, change, state):
        export = change(make.export(alice.actor), state=state)
        assert status(alice, export)[0] == state

    def test_names_the_lists_that_can_be_exported(self, dario):
        found = {each["name"]: each["title"] for each in dario.get(f"{PATH}sources/").json()["results"]}
        assert found.items() >= {
            ("sales.empresas", "Empresas"), ("sales.clientes", "Clientes"), ("sales.oportunidades", "Oportunidades"),
            ("sales.actividades", "Actividades"),
        }  # fmt: skip

    def test_needs_a_login(self, client):
        for path in (PATH, f"{PATH}sources/", f"{PATH}1/"):
            assert client.get(path).status_code == 401


class TestCancelling:
    @pytest.mark.parametrize("lease", [None, datetime(2090, 1, 1, tzinfo=UTC)], ids=["waiting", "running"])
    def test_ends_what_waits_or_runs(self, alice, change, lease):
        export = change(make.export(alice.actor), leased_until=lease)
        answer = alice.post(f"{PATH}{export.pk}/cancel/")
        assert (answer.status_code, answer.json()["status"], answer.json()["download_url"]) == (200, "cancelled", None)
        export.refresh_from_db()
        assert (export.state, export.leased_until) == (State.CANCELLED, None)
        assert export.expires_at - export.finished_at == timedelta(days=7)

    @pytest.mark.parametrize("state", [State.DONE, State.FAILED, State.CANCELLED])
    def test_of_what_has_ended_is_a_conflict(self, alice, change, state):
        export = change(make.export(alice.actor), state=state)
        answer = alice.post(f"{PATH}{export.pk}/cancel/")
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "export_ended")
        export.refresh_from_db()
        assert (export.state, export.finished_at) == (state, None)

    def test_stands_in_the_ledger(self, alice):
        export = make.export(alice.actor)
        alice.post(f"{PATH}{export.pk}/cancel/")
        last = Entry.objects.of(alice.actor).filter(table="exports").latest("id")
        assert (last.action, last.old["state"], last.new["state"]) == ("export.cancel", "due", "cancelled")

    def test_needs_no_right_but_the_login(self, ours):
        who = people.person_holding(ours, "companies.export")
        export = make.export(who.actor)
        people.writing(ours.pk, lambda: [role.delete() for role in roles_of(who)])
        assert order(who).status_code == 403
        assert who.post(f"{PATH}{export.pk}/cancel/").json()["status"] == "cancelled"


def roles_of(who):
    return MembershipRole.objects.of(who.actor).filter(membership__user=who.user)


def status(who, export: Export) -> tuple[str, int, int]:
    found = who.get(f"{PATH}{export.pk}/").json()
    return found["status"], found["rows_done"], found["rows_total"]
