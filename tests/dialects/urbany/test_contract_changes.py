"""PUT /api/contratos/{id}/: partial bodies, the steps of a contract's life, who looks after it."""

import pytest

from tests import make, people, stored
from tests.dialects.urbany.contracting import CONTRACTS, LEASE, ROW, created, detail, in_days, path, titles
from tests.dialects.urbany.entering import details, error
from tests.dialects.urbany.governing import DENIED
from tests.dialects.urbany.test_contracts import WRONG

pytestmark = pytest.mark.django_db

TEXTS = ("client_email", "client_phone", "property_address", "property_type", "terms_and_conditions")


@pytest.fixture
def contract(alice):
    return created(alice, **LEASE)


class TestChanging:
    def test_takes_the_document_s_example(self, alice):
        contract = created(alice, title="Venta Casa Residencial", status="Active")
        body = {
            "title": "Venta Casa Residencial - Actualizado", "status": "Signed", "priority": "High",
            "signed_date": "2025-01-06", "terms_and_conditions": "Términos actualizados...",
        }  # fmt: skip
        answer = alice.put(path(contract), body)
        assert (answer.status_code, list(answer.json())) == (200, ROW)
        assert answer.json()["updated_at"] > contract["updated_at"]
        assert detail(alice, contract).items() >= body.items()

    @pytest.mark.parametrize(
        "body",
        [
            {"title": "Otro"}, {"contract_type": "Management"}, {"priority": "Urgent"}, {"currency": "USD"},
            {"client_name": "Ana"}, {"client_email": "ana@example.com"}, {"client_phone": "1"}, {"property_size": None},
            {"property_address": "Lima"}, {"property_type": "Casa"}, {"start_date": None}, {"end_date": "2030-01-01"},
            {"terms_and_conditions": ""},
        ],
        ids=lambda body: next(iter(body)),
    )  # fmt: skip
    def test_of_one_field_leaves_the_others(self, alice, contract, body):
        before = detail(alice, contract)
        assert alice.put(path(contract), body).status_code == 200
        after = detail(alice, contract)
        assert after == before | body | {"updated_at": after["updated_at"]}

    def test_takes_back_what_it_answered(self, alice, contract):
        make.payment(alice.actor, make.Contract.objects.of(alice.actor).get())
        before = detail(alice, contract)
        with stored.nothing_written():
            assert alice.put(path(contract), before).status_code == 200
        assert detail(alice, contract) == before

    @pytest.mark.parametrize("field", TEXTS)
    def test_takes_null_for_no_text(self, alice, contract, field):
        assert alice.put(path(contract), {field: None}).status_code == 200
        assert detail(alice, contract)[field] == ""

    @pytest.mark.parametrize(("field", "value"), WRONG, ids=lambda each: repr(each)[:20])
    def test_names_the_field_that_is_wrong(self, alice, contract, field, value):
        before = detail(alice, contract)
        assert list(details(alice.put(path(contract), {field: value}))) == [field]
        assert detail(alice, contract) == before

    def test_computes_the_commission_anew(self, alice, contract):
        changes = {"contract_value": "333.33", "commission_rate": "1.5"}
        amounts = [alice.put(path(contract), {k: v}).json()["commission_amount"] for k, v in changes.items()]
        assert amounts == ["16.67", "5.00"]

    @pytest.mark.parametrize("body", [{"end_date": "2025-01-31"}, {"start_date": "2025-02-02"}])
    def test_of_one_date_is_held_against_the_other(self, alice, contract, body):
        assert list(details(alice.put(path(contract), body))) == ["end_date"]
        assert detail(alice, contract)["start_date"] == "2025-02-01"

    def test_links_no_record_of_another_workspace(self, alice, contract, stranger):
        theirs = {
            "contact_id": make.contact(stranger.actor).pk,
            "opportunity_id": make.opportunity(stranger.actor).pk,
            "agent": "stranger@example.com",
        }
        for field, value in theirs.items():
            assert list(details(alice.put(path(contract), {field: value}))) == [field]

    def test_unlinks_with_null(self, alice, contract):
        contact = make.contact(alice.actor)
        assert alice.put(path(contract), {"contact_id": contact.pk}).json()["contact_id"] == contact.pk
        assert alice.put(path(contract), {"contact_id": None}).json()["contact_id"] is None

    def test_of_a_state_that_is_gone_is_412_with_the_current_one(self, alice, contract):
        seen = alice.get(path(contract))["ETag"]
        assert alice.put(path(contract), {"title": "Uno"}, If_Match=seen).status_code == 200
        answer = alice.put(path(contract), {"title": "Dos"}, If_Match=seen)
        assert answer.status_code == 412
        assert detail(alice, contract)["title"] == "Uno"
        now = alice.get(path(contract))["ETag"]
        assert alice.put(path(contract), {"title": "Dos"}, If_Match=now)["ETag"] != now

    def test_is_done_once_for_one_idempotency_key(self, alice, contract):
        first = alice.put(path(contract), {"title": "Uno"}, Idempotency_Key="one")
        alice.put(path(contract), {"title": "Dos"})
        again = alice.put(path(contract), {"title": "Uno"}, Idempotency_Key="one")
        assert (first.content, first.status_code) == (again.content, again.status_code)
        assert detail(alice, contract)["title"] == "Dos"

    def test_of_another_workspace_s_is_404(self, alice, stranger):
        theirs = make.contract(stranger.actor)
        with stored.nothing_written():
            assert error(alice.put(path(theirs), {"title": "x"}))[0] == 404


class TestASignature:
    def test_needs_its_day(self, alice):
        active = created(alice, status="Active")
        assert details(alice.put(path(active), {"status": "Signed"})) == {
            "signed_date": ["Un contrato firmado lleva la fecha en que se firmó"]
        }
        assert list(details(alice.post(CONTRACTS, LEASE | {"status": "Signed"}))) == ["signed_date"]

    def test_may_be_today_and_not_tomorrow(self, alice):
        active = created(alice, status="Active")
        tomorrow = {"status": "Signed", "signed_date": in_days(alice, 1)}
        assert list(details(alice.put(path(active), tomorrow))) == ["signed_date"]
        assert alice.put(path(active), tomorrow | {"signed_date": in_days(alice, 0)}).status_code == 200

    def test_may_not_follow_the_end(self, alice):
        active = created(alice, status="Active", end_date="2026-01-31")
        after = {"status": "Signed", "signed_date": "2026-02-01"}
        assert list(details(alice.put(path(active), after))) == ["signed_date"]
        assert alice.put(path(active), after | {"signed_date": "2026-01-31"}).status_code == 200

    @pytest.mark.parametrize("status", ["Draft", "Active"])
    def test_belongs_to_no_contract_that_is_not_signed(self, alice, status):
        made = created(alice, status=status)
        assert list(details(alice.put(path(made), {"signed_date": "2026-01-31"}))) == ["signed_date"]

    def test_is_not_taken_back(self, alice):
        signed = created(alice, status="Signed", signed_date="2026-01-31")
        assert list(details(alice.put(path(signed), {"signed_date": None}))) == ["signed_date"]

    def test_stays_with_a_signed_contract_that_is_cancelled_and_comes_to_no_other(self, alice):
        signed, draft = created(alice, status="Signed", signed_date="2026-01-31"), created(alice)
        assert alice.put(path(signed), {"status": "Cancelled"}).json()["signed_date"] == "2026-01-31"
        never = alice.put(path(draft), {"status": "Cancelled", "signed_date": "2026-01-31"})
        assert list(details(never)) == ["signed_date"]


class TestAStep:
    def test_that_the_order_does_not_allow_says_which(self, alice, contract):
        answer = alice.put(path(contract), {"status": "Completed"})
        assert details(answer) == {"status": ["Un contrato no pasa de Draft a Completed"]}

    def test_to_expired_is_the_server_s_alone(self, alice):
        active = created(alice, status="Active", end_date="2020-01-01")
        assert list(details(alice.put(path(active), {"status": "Expired"}))) == ["status"]

    def test_to_cancelled_ends_it_for_every_field(self, alice, contract):
        alice.put(path(contract), {"status": "Cancelled"})
        status, sentence = error(alice.put(path(contract), {"title": "x"}))
        assert status == 409
        assert contract["contract_number"] in sentence
        assert list(details(alice.put(path(contract), {"status": "Active"}))) == ["status"]


class TestAnAgent:
    def test_is_told_by_address_in_any_case(self, alice, bob, contract):
        assert alice.put(path(contract), {"agent": "BOB@example.com"}).json()["agent"] == "bob@example.com"

    def test_is_given_the_contract_by_who_sees_all_alone(self, alice, bob, carla):
        own = created(bob)
        with stored.nothing_written():
            assert error(bob.put(path(own), {"agent": "carla@example.com"})) == (403, DENIED)
        assert bob.put(path(own), {"agent": "bob@example.com", "title": "Mío"}).status_code == 200
        assert carla.put(path(own), {"agent": "alice@example.com"}).json()["agent"] == "alice@example.com"
        assert titles(bob.get(CONTRACTS)) == []

    def test_is_an_active_member(self, alice, bob, contract):
        people.person("stranger", people.workspace("Elsewhere"))
        alice.patch(f"/api/users/{bob.user.pk}/", {"is_active": False})
        for email in ("bob@example.com", "stranger@example.com", "nobody@example.com"):
            assert list(details(alice.put(path(contract), {"agent": email}))) == ["agent"]
        assert alice.put(path(contract), {"agent": None}).json()["agent"] == "alice@example.com"
