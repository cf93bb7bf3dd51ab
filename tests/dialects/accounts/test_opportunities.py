"""/v1/opportunities and their stages."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from backend.modules.opportunities.models import StageChange
from tests import make, stored

pytestmark = pytest.mark.django_db

PATH = "/v1/opportunities"
KEYS = [
    "id", "accountId", "accountName", "contactId", "title", "amount", "currency", "probability", "stage", "stageKey",
    "status", "expectedCloseDate", "closedDate", "assignedTo", "notes", "createdAt", "updatedAt",
]  # fmt: skip


@pytest.fixture
def acme(alice):
    return make.company(alice.actor, name="Acme")


@pytest.fixture
def licences(acme):
    return {"accountId": acme.pk, "title": "Licencias 2026", "amount": 12500.5, "stage": "Calificación"}


@pytest.fixture
def deal(alice, acme):
    return make.opportunity(alice.actor, name="Trato", company_id=acme.pk, stage="propuesta")


def stage_of(deal) -> str:
    return f"{PATH}/{deal.pk}/stage"


def moves(alice) -> list[tuple]:
    rows = StageChange.objects.of(alice.actor).order_by("id")
    return list(rows.values_list("from_stage__key", "to_stage__key", "reason", "changed_by__username"))


def titles(answer) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [row["title"] for row in answer.json()["items"]]


def details(answer) -> dict:
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "VALIDATION_ERROR"), answer.content
    return answer.json()["error"]["details"]


class TestCreateOpportunity:
    def test_answers_201_with_everything_about_it(self, alice, acme, licences):
        answer = alice.post(PATH, licences)
        assert (answer.status_code, answer["ETag"]) == (201, '"1"')
        made = answer.json()
        assert list(made) == KEYS
        assert {name: made[name] for name in licences} == licences
        assert (made["accountName"], made["stageKey"], made["status"]) == ("Acme", "calificacion", "open")
        assert (made["currency"], made["probability"], made["notes"]) == ("PEN", 25, "")
        assert [made[name] for name in ("contactId", "expectedCloseDate", "closedDate", "assignedTo")] == [None] * 4
        assert moves(alice) == [(None, "calificacion", "", "alice")]

    def test_keeps_what_may_be_given_beside(self, alice, bob, licences):
        more = {
            "contactId": make.contact(alice.actor).pk, "currency": "USD", "probability": 40,
            "expectedCloseDate": "2026-12-31", "notes": "Incluye soporte", "assignedTo": bob.user.pk,
        }  # fmt: skip
        made = alice.post(PATH, licences | more).json()
        assert {name: made[name] for name in more} == more

    @pytest.mark.parametrize("amount", ["12500.50", 12500.5, 0, "999999999999.99"])
    def test_takes_the_amount_as_number_or_text_and_answers_a_number(self, alice, licences, amount):
        assert alice.post(PATH, licences | {"amount": amount}).json()["amount"] == float(amount)

    @pytest.mark.parametrize(
        ("word", "name", "status", "probability"),
        [
            ("Negociación", "Negociación", "open", 75), ("negociacion", "Negociación", "open", 75),
            ("VENTA", "Venta", "won", 100), ("cerrada_perdida", "Perdida", "lost", 0),
        ],
    )  # fmt: skip
    def test_takes_a_stage_by_name_or_key(self, alice, licences, word, name, status, probability):
        made = alice.post(PATH, licences | {"stage": word}).json()
        assert (made["stage"], made["status"], made["probability"]) == (name, status, probability)
        assert made["closedDate"] == (None if status == "open" else str(alice.actor.today))

    def test_names_every_field_that_is_missing(self, alice):
        assert list(details(alice.post(PATH, {}))) == ["accountId", "title", "amount", "stage"]

    @pytest.mark.parametrize(
        ("field", "value"),
        [("stage", "Cierre"), ("stage", " "), ("amount", -1), ("amount", "1.234"), ("amount", None), ("title", ""),
         ("currency", "GBP"), ("probability", 101), ("expectedCloseDate", "2026-02-30"), ("assignedTo", 999_999)],
    )  # fmt: skip
    def test_says_what_is_wrong_with_a_field(self, alice, licences, field, value):
        with stored.nothing_written():
            assert list(details(alice.post(PATH, licences | {field: value}))) == [field]

    @pytest.mark.parametrize("field", ["accountId", "contactId"])
    def test_of_a_record_that_is_not_there_is_404(self, alice, stranger, licences, field):
        theirs = {"accountId": make.company(stranger.actor).pk, "contactId": make.contact(stranger.actor).pk}
        for number in (999_999, theirs[field]):
            with stored.nothing_written():
                assert alice.post(PATH, licences | {field: number}).status_code == 404

    def test_needs_the_permission(self, dario, licences):
        assert dario.post(PATH, licences).status_code == 403

    def test_is_what_the_other_dialects_call_oportunidad(self, alice, licences):
        made = alice.post(PATH, licences).json()
        shown = alice.get(f"/api/v1/oportunidades/{made['id']}/").json()["data"]
        assert (shown["nombre"], shown["valor"], shown["etapa"]) == ("Licencias 2026", "12500.50", "calificacion")


class TestListOpportunities:
    @pytest.fixture
    def four(self, alice, acme):
        """From the newest back: won, lost, two open; created at noon of 4, 3, 2 and 1 March."""
        for day, (stage, currency) in enumerate(
            [("prospecto", "PEN"), ("negociacion", "USD"), ("cerrada_perdida", "PEN"), ("cerrada_ganada", "PEN")], 1
        ):
            make.opportunity(
                alice.actor, name=stage, stage=stage, value=Decimal("100.10") * day, currency=currency,
                at=datetime(2026, 3, day, 17, tzinfo=UTC), company_id=acme.pk if day < 3 else None,
            )  # fmt: skip

    def test_is_a_page_with_the_newest_first_and_totals_over_all(self, alice, four):
        page = alice.get(f"{PATH}?size=1").json()
        assert list(page) == ["items", "total", "page", "size", "totalAmount", "byCurrency"]
        assert (page["total"], len(page["items"]), page["totalAmount"]) == (4, 1, 1001.0)
        assert page["byCurrency"] == {
            "PEN": {"count": 3, "totalAmount": 800.8}, "USD": {"count": 1, "totalAmount": 200.2},
        }  # fmt: skip
        assert list(page["items"][0]) == KEYS
        assert titles(alice.get(PATH)) == ["cerrada_ganada", "cerrada_perdida", "negociacion", "prospecto"]

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("status=open", ["negociacion", "prospecto"]),
            ("status=closed", ["cerrada_ganada", "cerrada_perdida"]),
            ("status=won", ["cerrada_ganada"]),
            ("status=lost", ["cerrada_perdida"]),
            ("stage=Negociación", ["negociacion"]),
            ("stage=venta&status=open", []),
            ("from=2026-03-02&to=2026-03-03", ["cerrada_perdida", "negociacion"]),
            ("from=2026-03-04", ["cerrada_ganada"]),
            ("to=2026-03-01", ["prospecto"]),
        ],
    )
    def test_narrows_by_status_stage_and_days(self, alice, four, query, found):
        answer = alice.get(f"{PATH}?{query}")
        assert (titles(answer), answer.json()["total"]) == (found, len(found))

    def test_narrows_by_account(self, alice, acme, four):
        assert titles(alice.get(f"{PATH}?accountId={acme.pk}")) == ["negociacion", "prospecto"]
        assert titles(alice.get(f"{PATH}?accountId={acme.pk}&status=open&stage=prospecto")) == ["prospecto"]

    def test_reads_days_in_the_workspaces_zone(self, alice):
        make.opportunity(alice.actor, name="late", at=datetime(2026, 3, 2, 4, 59, tzinfo=UTC))  # 23:59 in Lima
        assert titles(alice.get(f"{PATH}?to=2026-03-01")) == ["late"]
        assert titles(alice.get(f"{PATH}?from=2026-03-02")) == []

    @pytest.mark.parametrize("query", ["status=abierta", "stage=Cierre", "from=ayer", "to=2026-02-30", "accountId=x"])
    def test_names_the_filter_that_is_wrong(self, alice, query):
        assert list(details(alice.get(f"{PATH}?{query}"))) == [query.partition("=")[0]]

    def test_costs_the_same_queries_however_many_there_are(self, alice, four, counted):
        counted(PATH, queries=3)
        counted(f"{PATH}?status=closed&stage=venta&size=2", queries=4)  # and one for the stages


class TestGetOpportunity:
    def test_answers_it_with_its_version(self, alice, licences):
        made = alice.post(PATH, licences).json()
        answer = alice.get(f"{PATH}/{made['id']}")
        assert (answer.status_code, answer["ETag"], answer.json()) == (200, '"1"', made)

    def test_is_404_where_there_is_none(self, alice):
        assert alice.get(f"{PATH}/999").status_code == 404


class TestMoveOpportunity:
    def test_records_from_where_to_where_by_whom_and_why(self, alice, bob, deal):
        answer = bob.put(stage_of(deal), {"newStage": "Negociación", "reason": "Pidió otra propuesta"})
        assert (answer.status_code, list(answer.json()), answer.json()["stage"]) == (200, KEYS, "Negociación")
        assert moves(alice)[1:] == [("propuesta", "negociacion", "Pidió otra propuesta", "bob")]

    def test_to_won_lost_and_open_again_follows_the_stage(self, alice, deal):
        shown = [alice.put(stage_of(deal), {"newStage": word}).json() for word in ("venta", "PERDIDA", "calificacion")]
        today = str(alice.actor.today)
        assert [(each["status"], each["probability"], each["closedDate"]) for each in shown] == [
            ("won", 100, today), ("lost", 0, today), ("open", 25, None),
        ]  # fmt: skip

    @pytest.mark.parametrize("word", ["Propuesta", "propuesta", "PROPUESTA "])
    def test_to_the_stage_it_is_in_is_422(self, alice, deal, word):
        with stored.nothing_written():
            answer = alice.put(stage_of(deal), {"newStage": word, "reason": "x"})
        assert (answer.status_code, answer.json()["error"]) == (422, {
            "code": "SAME_STAGE",
            "message": "La oportunidad ya está en Propuesta",
            "details": {"newStage": ["La oportunidad ya está en Propuesta"]},
        })  # fmt: skip

    @pytest.mark.parametrize("body", [{"newStage": "Cierre"}, {"newStage": ""}, {"newStage": None}, {}])
    def test_to_a_stage_that_is_none_is_400(self, alice, deal, body):
        with stored.nothing_written():
            assert list(details(alice.put(stage_of(deal), body))) == ["newStage"]

    def test_of_an_old_version_is_412(self, alice, deal):
        assert alice.put(stage_of(deal), {"newStage": "venta"}, If_Match='"1"').status_code == 200
        with stored.nothing_written():
            stale = alice.put(stage_of(deal), {"newStage": "perdida"}, If_Match='"1"')
        assert (stale.status_code, stale.json()["error"]["code"]) == (412, "STALE")

    def test_needs_the_permission(self, dario, deal):
        assert dario.put(stage_of(deal), {"newStage": "venta"}).status_code == 403

    def test_is_404_where_there_is_none(self, stranger, deal):
        assert stranger.put(stage_of(deal), {"newStage": "venta"}).status_code == 404
