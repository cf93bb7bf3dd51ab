"""manage.py import_csv opportunity: what a row of a pipeline becomes, and when it is refused."""

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError

from backend.modules.companies.models import Company
from backend.modules.exchange import imports
from backend.modules.identity import actions as identity
from backend.modules.ledger.models import Entry
from backend.modules.opportunities import actions
from backend.modules.opportunities.models import Opportunity, StageChange
from tests import make, people

LIMA = ZoneInfo("America/Lima")
HEADER = "external_id,assignee,product,company_name,stage,engaged_on,closed_on,value\n"
WON = "A1,alice,GTXPro,Acme,Won,2017-01-10,2017-03-01,1054\n"
LOST = "A2,alice,MG Special,Acme,Lost,2017-01-11,2017-02-01,0\n"
ENGAGING = "A3,Alice Example,GTX Pro,,Engaging,2017-05-05,,\n"
PROSPECTING = "A4,ALICE@example.com,GTK 500,Beta,Prospecting,,,\n"


def opportunities(person):
    return Opportunity.objects.of(person.actor).select_related("stage", "company", "assigned_to")


def history(person, external_id):
    """Each move: to where, and at what time in Lima."""
    moves = StageChange.objects.of(person.actor).filter(opportunity__external_id=external_id).order_by("id")
    return [(move.to_stage.key, move.changed_at.astimezone(LIMA).isoformat()[:16]) for move in moves]


def alone(importer, row, *options):
    return importer.run("opportunity", HEADER + row, *options)


class TestANewOne:
    def test_that_was_won_has_its_values_and_its_history(self, importer, alice):
        assert alone(importer, WON) == (1, 0, 0, 0)
        deal = opportunities(alice).get()
        assert (deal.external_id, deal.name, deal.company.name) == ("A1", "GTXPro · Acme", "Acme")
        assert (deal.value, deal.currency, deal.probability) == (Decimal("1054.00"), "USD", 100)
        assert (deal.closed_on, deal.created_at.astimezone(LIMA).date()) == (date(2017, 3, 1), date(2017, 1, 10))
        assert (deal.assigned_to, deal.created_by_id) == (alice.user, None)
        assert deal.notes == "product: GTXPro"
        assert history(alice, "A1") == [("calificacion", "2017-01-10T12:00"), ("cerrada_ganada", "2017-03-01T12:00")]

    def test_that_was_lost_ends_there(self, importer, alice):
        alone(importer, LOST)
        deal = opportunities(alice).get()
        assert (deal.stage.key, deal.probability, deal.closed_on) == ("cerrada_perdida", 0, date(2017, 2, 1))

    def test_that_is_open_has_entered_its_stage_when_it_was_engaged(self, importer, alice):
        alone(importer, ENGAGING)
        deal = opportunities(alice).get()
        assert (deal.name, deal.company, deal.value, deal.closed_on) == ("GTX Pro", None, 0, None)
        assert history(alice, "A3") == [("calificacion", "2017-05-05T12:00")]

    def test_without_a_day_is_created_as_of_now(self, importer, alice):
        alone(importer, PROSPECTING)
        deal = opportunities(alice).get()
        assert (deal.stage.key, deal.created_at.astimezone(LIMA).date()) == ("prospecto", alice.actor.today)
        assert "1 new without engaged_on: created as of the import (1)" in importer.output

    def test_that_was_closed_without_a_day_of_engaging_was_created_closed(self, importer, alice):
        alone(importer, WON.replace("2017-01-10", ""))
        assert history(alice, "A1") == [("cerrada_ganada", "2017-03-01T12:00")]

    @pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago", "America/Santiago"])
    def test_keeps_its_days_in_any_time_zone(self, alice, tmp_path, zone):
        from tests.modules.exchange.conftest import Importer

        place = identity.create_workspace(alice.actor, name="Far away", time_zone=zone)
        far = people.person("far", place, "admin")
        Importer(far, tmp_path).run("opportunity", HEADER + WON.replace("alice", "far"))
        deal = opportunities(far).get()
        created = deal.created_at.astimezone(ZoneInfo(zone)).date()
        assert (created, deal.closed_on) == (date(2017, 1, 10), date(2017, 3, 1))

    def test_stands_in_the_ledger_once(self, importer, alice):
        alone(importer, WON)
        entries = Entry.objects.of(alice.actor).filter(action="opportunity.create").order_by("id")
        assert [entry.table for entry in entries] == ["opportunities", "stage_changes", "stage_changes"]
        assert entries[0].new["created_at"].startswith("2017-01-10")

    def test_takes_the_company_that_is_there_in_any_case(self, importer, alice):
        known = make.company(alice.actor, name="ACME")
        alone(importer, WON)
        assert opportunities(alice).get().company == known
        assert Company.objects.of(alice.actor).count() == 1

    def test_takes_name_currency_and_expected_day_of_the_file(self, importer, alice):
        rows = "external_id,name,stage,currency,expected_close_on,notes\nA1,Big deal,Propuesta,eur,2030-01-31,Hot\n"
        assert importer.run("opportunity", rows, "--currency", "PEN") == (1, 0, 0, 0)
        deal = opportunities(alice).get()
        assert (deal.name, deal.currency, deal.expected_close_on) == ("Big deal", "EUR", date(2030, 1, 31))
        assert (deal.stage.key, deal.probability, deal.notes) == ("propuesta", 50, "Hot")

    def test_has_the_currency_that_was_said(self, importer, alice):
        alone(importer, WON, "--currency", "PEN")
        assert opportunities(alice).get().currency == "PEN"


class TestASecondRun:
    def test_changes_nothing(self, importer, alice):
        rows = HEADER + WON + LOST + ENGAGING + PROSPECTING
        assert importer.run("opportunity", rows) == (4, 0, 0, 0)
        entries = Entry.objects.of(alice.actor).count()
        assert importer.run("opportunity", rows) == (0, 0, 4, 0)
        assert Entry.objects.of(alice.actor).count() == entries

    def test_finds_a_row_that_the_file_has_twice(self, importer):
        assert alone(importer, WON + WON) == (1, 0, 1, 0)

    def test_closes_what_was_closed_since(self, importer, alice):
        alone(importer, ENGAGING)
        assert alone(importer, "A3,,GTX Pro,Acme,Won,2017-05-05,2017-06-01,4821\n") == (0, 1, 0, 0)
        deal = opportunities(alice).get()
        assert (deal.value, deal.closed_on, deal.company.name) == (4821, date(2017, 6, 1), "Acme")
        assert (deal.name, deal.assigned_to) == ("GTX Pro", alice.user)
        assert history(alice, "A3")[-1] == ("cerrada_ganada", "2017-06-01T12:00")

    def test_leaves_what_the_file_does_not_say(self, importer, alice):
        alone(importer, WON)
        deal = opportunities(alice).get()
        actions.update(alice.actor, deal.pk, name="Renamed", currency="EUR", notes="Good one\nproduct: GTXPro")
        assert alone(importer, WON.replace("1054", "")) == (0, 0, 1, 0)
        deal = opportunities(alice).get()
        assert (deal.name, deal.currency, deal.value) == ("Renamed", "EUR", 1054)

    def test_does_not_reopen_what_was_closed_here(self, importer, alice):
        alone(importer, ENGAGING)
        actions.move(alice.actor, opportunities(alice).get().pk, stage="venta")
        assert alone(importer, ENGAGING) == (0, 0, 0, 1)
        assert "stage: it was closed here on" in importer.refusals()

    def test_does_not_close_before_the_stage_was_entered(self, importer, alice):
        alone(importer, PROSPECTING)
        assert alone(importer, "A4,,GTK 500,Beta,Won,,2017-06-01,5\n") == (0, 0, 0, 1)
        assert "closed_on: 2017-06-01 is before" in importer.refusals()
        assert opportunities(alice).get().value == 0

    def test_says_that_the_day_of_closing_stays(self, importer, alice):
        alone(importer, WON)
        assert alone(importer, WON.replace("2017-03-01", "2017-03-02")) == (0, 0, 1, 0)
        assert "1 with another closed_on than is stored: the stored one stays (1)" in importer.output

    def test_does_not_match_another_workspaces(self, importer, alice, stranger):
        theirs = make.opportunity(stranger.actor, external_id="A1", name="Theirs")
        assert alone(importer, WON) == (1, 0, 0, 0)
        theirs.refresh_from_db()
        assert (theirs.name, theirs.version) == ("Theirs", 1)


class TestRefused:
    @pytest.mark.parametrize(
        ("row", "reason"),
        [
            (WON.replace("A1", ""), "external_id: is empty, and a second import could not recognise it"),
            (WON.replace("Won", ""), "stage: is empty"),
            (WON.replace("Won", "Limbo"), "stage: 'Limbo' is none of the stages Prospecto, Calificación"),
            (WON.replace("2017-03-01", ""), "closed_on: is empty, and Won is a closed stage"),
            (ENGAGING.replace(",,\n", ",2017-06-01,\n"), "closed_on: is 2017-06-01, and Engaging is an open stage"),
            (WON.replace("2017-03-01", "2017-01-09"), "closed_on: 2017-01-09 is before 2017-01-10, when it was eng"),
            (WON.replace("2017-03-01", "2917-03-01"), "closed_on: 2917-03-01 is in the future"),
            (WON.replace("2017-03-01", "2017-02-30"), "closed_on: '2017-02-30' is not a day as 2017-03-31"),
            (WON.replace("2017-03-01", "03/01/2017"), "closed_on: '03/01/2017' is not a day"),
            (WON.replace("2017-01-10", "0017-01-10"), "engaged_on: '0017-01-10' is not a day"),
            (WON.replace("1054", "-1"), "value: '-1' is not an amount from 0"),
            (WON.replace("1054", "1.054"), "value: '1.054' is not an amount"),
            (WON.replace("1054", "NaN"), "value: 'NaN' is not an amount"),
            (WON.replace("1054", "1000000000000"), "value: '1000000000000' is not an amount"),
            (WON.replace("alice", "Nobody Known"), "assignee: 'Nobody Known' is no user here: import the users first"),
            (WON.replace("alice", "stranger"), "assignee: 'stranger' is no user here"),
            (WON.replace("GTXPro,Acme", ","), "name: is empty"),
            (WON.replace("GTXPro", "x" * 199), "is longer than 200"),
            (WON.replace("Acme", "Ac\0me"), "company_name: null characters are not allowed"),
        ],
    )
    def test_with_a_reason_and_nothing_written(self, importer, alice, stranger, row, reason):
        assert alone(importer, row + LOST) == (1, 0, 0, 1)
        assert reason in importer.output
        assert opportunities(alice).get().external_id == "A2"

    def test_leaves_no_company_that_a_later_row_would_take(self, importer, alice):
        too_long = "A9,alice," + "x" * 190 + ",Brand new company,Won,2017-01-10,2017-03-01,1\n"
        assert alone(importer, too_long + WON.replace("Acme", "Brand new company")) == (1, 0, 0, 1)
        assert opportunities(alice).get().company.name == "Brand new company"

    def test_of_several_users_with_one_name(self, importer, ours, alice):
        for username in ("ana1", "ana2"):
            user = people.person(username, ours, "sales").user
            _rename(alice, user, "Ana", "Luna")
        assert alone(importer, WON.replace("alice", "Ana Luna")) == (0, 0, 0, 1)
        assert "2 users are called Ana Luna" in importer.output
        assert alone(importer, WON.replace("alice", "ana2")) == (1, 0, 0, 0)

    def test_inactive_users_are_assigned_nothing(self, importer, bob, alice):
        identity.set_active(alice.actor, bob.user.pk, is_active=False)
        assert alone(importer, WON.replace("alice", "bob")) == (0, 0, 0, 1)
        assert "'bob' is an inactive user here" in importer.output


def _rename(owner, user, first_name, last_name):
    user.first_name, user.last_name = first_name, last_name
    people.writing(owner.workspace.pk, user.save)


class TestProducts:
    PRICES = "product,sales_price\nGTX Pro,4821\nGTK 500,26768\n"

    def test_are_spelled_as_in_the_price_list(self, importer, alice):
        prices = importer.file(self.PRICES, "prices.csv")
        odd = LOST.replace("MG Special", "Gizmo")
        assert alone(importer, WON + odd + ENGAGING, "--products", str(prices)) == (3, 0, 0, 0)
        names = {deal.external_id: (deal.name, deal.notes) for deal in opportunities(alice)}
        assert names == {
            "A1": ("GTX Pro · Acme", "product: GTXPro"),
            "A2": ("Gizmo · Acme", "product: Gizmo"),
            "A3": ("GTX Pro", "product: GTX Pro"),
        }
        assert "1 with the product respelled: GTXPro is GTX Pro (1)" in importer.output
        assert "1 with a product that is not in the price list: Gizmo (1)" in importer.output

    @pytest.mark.parametrize(
        ("prices", "reason"),
        [
            ("item,price\nGTX,1\n", "no column product or name"),
            ("product\nGTX Pro\ngtxpro\n", "can't be told apart"),
            ("product,price\nGTX Pro\n", "broken in line 2"),
        ],
    )
    def test_of_a_bad_price_list_are_not_guessed(self, importer, prices, reason):
        with pytest.raises(CommandError, match=reason):
            alone(importer, WON, "--products", str(importer.file(prices, "prices.csv")))


class TestWhatIsIrregular:
    def test_is_counted_for_the_rows_that_are_not_refused(self, importer):
        refused = "A5,,GTX,,Won,,,\n"
        alone(importer, WON + ENGAGING + PROSPECTING + refused)
        for line in ("1 without a company", "2 without a value: 0 if it is new (2)", "2 whose company was created"):
            assert f"  {line}" in importer.output
        assert "Won is Venta (1), Engaging is Calificación (1), Prospecting is Prospecto (1)" in importer.output
        assert "without an assignee" not in importer.output

    def test_takes_memory_that_does_not_depend_on_the_file(self, importer, monkeypatch):
        monkeypatch.setattr(imports, "MOST_DETAILS", 3)
        rows = "".join(WON.replace("A1", f"A{n}").replace("Acme", f"Company {n}") for n in range(6))
        alone(importer, rows)
        assert "6 whose company was created: … (3), Company 0 (1)" in importer.output


def test_a_moment_of_today_is_not_in_the_future(importer, alice):
    today = alice.actor.today.isoformat()
    assert alone(importer, WON.replace("2017-01-10", today).replace("2017-03-01", today)) == (1, 0, 0, 0)
    deal = opportunities(alice).get()
    assert deal.created_at <= deal.stage_entered_at <= datetime.now(LIMA)
    assert deal.closed_on == alice.actor.today
