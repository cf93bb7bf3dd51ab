"""POST /api/contratos/ and GET /api/contratos/{id}/: what a contract is made of, and how it is shown."""

import re

import pytest

from tests import make, people, stored
from tests.dialects.urbany.contracting import CONTRACTS, DETAIL, LEASE, LEAST, ROW, created, detail, in_days, path
from tests.dialects.urbany.entering import details, error
from tests.dialects.urbany.governing import DENIED

pytestmark = pytest.mark.django_db

MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
NOT_A_DAY = ["2026-02-30", "2025-02-29", "2026-13-01", "01/02/2026", "mañana", "", 20260201, True, "0001-01-01"]
WRONG = [
    *(("start_date", each) for each in NOT_A_DAY),
    ("end_date", "2026-04-31"),
    ("signed_date", "2026-06-31"),
    *(("contract_value", each) for each in (None, "", "-0.01", -1, "1.005", "1000000000000", "NaN", "1e20", True, [])),
    *(("commission_rate", each) for each in (None, "-0.01", "100.01", "5.001", "NaN", "Infinity", True)),
    *(("property_size", each) for each in ("-1", "10000000000", "0.001", True)),
    *(("contract_type", each) for each in (None, "", "sale", "SALE", "Venta", 1, ["Sale"])),
    *(("status", each) for each in (None, "", "draft", "Firmado")),
    *(("priority", each) for each in (None, "high", "Crítica")),
    *(("currency", each) for each in (None, "pen", "XXX", "")),
    *(("title", each) for each in (None, "", "  ", "x" * 201, 7, "a\0b")),
    *(("client_name", each) for each in (None, "", "x" * 201, "a\0b")),
    *(("client_email", each) for each in ("nobody", "a@b", "x" * 250 + "@example.com", "a\0@example.com")),
    *(("client_phone", each) for each in ("9" * 21, "9\0")),
    *(("property_address", each) for each in ("x" * 1001, "a\0")),
    *(("property_type", each) for each in ("x" * 101, "a\0")),
    *(("terms_and_conditions", each) for each in ("x" * 20_001, "a\0")),
    *(("contact_id", each) for each in (0, -1, "x", True, 2**63)),
    *(("opportunity_id", each) for each in (0, 1.5, True, 2**63)),
    *(("agent", each) for each in ("", "nobody", 3)),
    ("nada", 1),
]


class TestCreating:
    def test_answers_what_the_document_shows(self, alice):
        answer = alice.post(CONTRACTS, LEASE)
        made = answer.json()
        assert (answer.status_code, list(made)) == (201, ROW)
        year = alice.actor.today.year
        assert made.items() >= {
            "contract_number": f"CON-{year}-001", "title": "Arrendamiento Oficina Centro", "contract_type": "Lease",
            "status": "Draft", "priority": "Medium", "client_name": "Empresa ABC S.A.", "agent": "alice@example.com",
            "property_address": "Torre Corporativa, Piso 15", "contract_value": "50000.00", "commission_rate": "5.00",
            "commission_amount": "2500.00", "start_date": "2025-02-01", "end_date": "2025-02-01", "signed_date": None,
        }.items()  # fmt: skip
        assert MOMENT.fullmatch(made["created_at"])
        assert MOMENT.fullmatch(made["updated_at"])

    def test_needs_a_title_a_type_a_client_and_a_value_alone(self, alice):
        assert details(alice.post(CONTRACTS, {})).keys() == LEAST.keys()
        made = detail(alice, created(alice))
        assert made.items() >= {
            "status": "Draft", "priority": "Medium", "currency": "PEN", "commission_rate": "0.00",
            "commission_amount": "0.00", "client_email": "", "client_phone": "", "property_address": "",
            "property_type": "", "property_size": None, "start_date": None, "end_date": None, "signed_date": None,
            "terms_and_conditions": "", "contact_id": None, "opportunity_id": None, "agent": "alice@example.com",
        }.items()  # fmt: skip

    def test_takes_numbers_for_money_as_well(self, alice):
        made = created(alice, contract_value=1234.5, commission_rate=2, property_size=80)
        assert (made["contract_value"], made["commission_rate"], made["commission_amount"]) == (
            "1234.50", "2.00", "24.69",
        )  # fmt: skip
        assert detail(alice, made)["property_size"] == "80.00"

    def test_takes_the_largest_value_to_the_cent(self, alice):
        made = created(alice, contract_value="999999999999.99", commission_rate="100")
        assert (made["contract_value"], made["commission_amount"]) == ("999999999999.99", "999999999999.99")
        assert detail(alice, made)["payment_summary"]["unscheduled"] == "999999999999.99"

    def test_numbers_one_after_the_other_beyond_three_digits(self, alice, bob, stranger):
        year = alice.actor.today.year
        numbers = [created(who)["contract_number"] for who in (alice, bob, stranger, bob)]
        assert numbers == [f"CON-{year}-001", f"CON-{year}-002", f"CON-{year}-001", f"CON-{year}-003"]

    @pytest.mark.parametrize("status", ["Draft", "Active", "Signed"])
    def test_may_begin_with_a_later_step(self, alice, status):
        signed = {"signed_date": in_days(alice, 0)} if status == "Signed" else {}
        assert created(alice, status=status, **signed)["status"] == status

    @pytest.mark.parametrize("status", ["Completed", "Cancelled", "Expired"])
    def test_does_not_begin_with_the_end(self, alice, status):
        answer = alice.post(CONTRACTS, LEAST | {"status": status})
        said = f"Un contrato no nace como {status}: empieza como Draft, Active o Signed"
        assert details(answer) == {"status": [said]}

    def test_names_a_contact_and_an_opportunity_of_the_workspace(self, alice):
        contact = make.contact(alice.actor)
        deal = make.opportunity(alice.actor, contact_id=contact.pk)
        made = created(alice, contact_id=contact.pk, opportunity_id=deal.pk)
        assert (made["contact_id"], made["opportunity_id"]) == (contact.pk, deal.pk)

    def test_names_none_of_another_workspace(self, alice, stranger):
        theirs = {
            "contact_id": make.contact(stranger.actor).pk,
            "opportunity_id": make.opportunity(stranger.actor).pk,
            "agent": "stranger@example.com",
        }
        for field, value in theirs.items():
            with stored.nothing_written():
                assert list(details(alice.post(CONTRACTS, LEAST | {field: value}))) == [field]

    def test_ignores_what_only_the_server_writes(self, alice):
        given = {
            "id": 7, "contract_number": "CON-1999-999", "commission_amount": "1.00", "created_at": "x", "updated_at": 1,
            "payments": [], "payment_summary": {}, "documents": [], "notes": [],
        }  # fmt: skip
        made = created(alice, commission_rate="10", **given)
        assert made["contract_number"].endswith("-001")
        assert made["commission_amount"] == "100.00"

    @pytest.mark.parametrize(("field", "value"), WRONG, ids=lambda each: repr(each)[:20])
    def test_names_the_field_that_is_wrong(self, alice, field, value):
        with stored.nothing_written():
            assert list(details(alice.post(CONTRACTS, LEAST | {field: value}))) == [field]

    def test_does_not_end_before_it_starts(self, alice):
        answer = alice.post(CONTRACTS, LEAST | {"start_date": "2026-05-02", "end_date": "2026-05-01"})
        assert list(details(answer)) == ["end_date"]

    @pytest.mark.parametrize("body", [[], "x", 1, None])
    def test_takes_an_object_alone(self, alice, body):
        answer = alice.call("post", CONTRACTS, [body])
        assert list(details(answer)) == ["body"]

    def test_is_done_once_for_one_idempotency_key(self, alice):
        first, second = (alice.post(CONTRACTS, LEAST, Idempotency_Key="one") for _ in range(2))
        assert (first.status_code, first.content) == (201, second.content)
        assert alice.get(CONTRACTS).json()["count"] == 1
        assert alice.post(CONTRACTS, LEASE, Idempotency_Key="one").status_code == 422

    def test_needs_the_permission(self, dario):
        with stored.nothing_written():
            assert error(dario.post(CONTRACTS, LEAST)) == (403, DENIED)


class TestADetail:
    def test_has_the_contract_its_payments_and_its_notes(self, alice):
        contract = created(alice, **LEASE)
        alice.post(
            f"{path(contract)}payments/", {"payment_type": "Enganche", "amount": "500", "due_date": "2026-01-15"}
        )
        alice.post(f"{path(contract)}notes/", {"content": "Cliente interesado en cerrar pronto"})
        found = detail(alice, contract)
        assert set(found) == DETAIL
        assert found.items() >= LEASE.items()
        assert list(found["payments"][0]) == ["id", "payment_type", "amount", "due_date", "paid_date", "status"]
        assert list(found["notes"][0]) == ["id", "note_type", "content", "created_by", "created_at"]
        assert found["notes"][0].items() >= {
            "note_type": "General", "content": "Cliente interesado en cerrar pronto", "created_by": "alice@example.com",
        }.items()  # fmt: skip
        assert MOMENT.fullmatch(found["notes"][0]["created_at"])

    def test_that_is_not_there_is_404(self, alice, stranger):
        theirs = make.contract(stranger.actor)
        for contract_id in (0, 2**63 - 1, 10**30, theirs.pk):
            assert error(alice.get(f"{CONTRACTS}{contract_id}/"))[0] == 404

    def test_costs_the_same_queries_however_much_there_is(self, alice, counted):
        one, many = make.contract(alice.actor), make.contract(alice.actor)
        for number in range(12):
            make.payment(alice.actor, many)
            make.note(alice.actor, many, content=f"Note {number}")
        counted(path(one), queries=5)
        counted(path(many), queries=5)

    def test_keeps_the_name_of_an_agent_who_left(self, alice, bob):
        made = created(bob)
        alice.delete(f"/api/users/{bob.user.pk}/")
        assert detail(alice, made)["agent"] is not None

    def test_is_read_with_contracts_view_and_nothing_more(self, ours, alice):
        reader = people.person_holding(ours, "contracts.view")
        made = make.contract(alice.actor, agent_email=reader.user.email)
        assert detail(reader, made)["id"] == made.pk
        assert error(reader.put(path(made), {"title": "x"})) == (403, DENIED)
