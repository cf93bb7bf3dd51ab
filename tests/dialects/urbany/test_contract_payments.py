"""Payments and notes of a contract on the wire: /api/contratos/{id}/payments/ and /notes/."""

import pytest

from backend.modules.contracts.actions import payments as payment_actions
from tests import make, stored
from tests.dialects.urbany.contracting import created, detail, in_days, path
from tests.dialects.urbany.entering import details, error
from tests.dialects.urbany.governing import DENIED

pytestmark = pytest.mark.django_db

SHOWN = ["id", "payment_type", "amount", "due_date", "paid_date", "status"]
NOTE = ["id", "note_type", "content", "created_by", "created_at"]
WRONG = [
    *(("amount", each) for each in (None, "", 0, "-1", "0.001", "1000000000000", "NaN", True)),
    *(("due_date", each) for each in (None, "", "2026-02-30", 20260101)),
    *(("paid_date", each) for each in ("2026-02-30", "")),
    *(("status", each) for each in (None, "paid", "Pagado", "")),
    *(("payment_type", each) for each in (None, "", "x" * 101, "a\0")),
    ("nada", 1),
]


@pytest.fixture
def contract(alice):
    return created(alice, contract_value="1000.00", status="Active")


@pytest.fixture
def deposit(alice):
    return {"payment_type": "Enganche", "amount": "100.00", "due_date": in_days(alice, 10)}


def add(who, contract, **fields):
    answer = who.post(f"{path(contract)}payments/", fields)
    assert (answer.status_code, list(answer.json())) == (201, SHOWN), answer.content
    return answer.json()


def of(contract, payment):
    return f"{path(contract)}payments/{payment['id']}/"


def summary(who, contract):
    return list(detail(who, contract)["payment_summary"].values())


def end(who, contract, status="Cancelled"):
    assert who.put(path(contract), {"status": status}).status_code == 200


class TestAPayment:
    def test_is_shown_as_documented(self, alice, contract, deposit):
        made = add(alice, contract, **deposit)
        assert made == deposit | {"id": made["id"], "paid_date": None, "status": "Pending"}
        assert detail(alice, contract)["payments"] == [made]

    @pytest.mark.parametrize(("days", "status"), [(-1, "Late"), (0, "Pending"), (1, "Pending")])
    @pytest.mark.parametrize("given", ["Pending", "Late"])
    def test_that_is_open_follows_its_day(self, alice, contract, deposit, days, status, given):
        made = add(alice, contract, **deposit | {"due_date": in_days(alice, days), "status": given})
        assert made["status"] == status
        moved = alice.put(of(contract, made), {"due_date": in_days(alice, -days)}).json()
        assert moved["status"] == ("Late" if days == 1 else "Pending")

    def test_may_be_paid_from_the_start(self, alice, contract, deposit):
        assert add(alice, contract, **deposit, status="Paid")["paid_date"] == in_days(alice, 0)
        made = add(alice, contract, **deposit, status="Paid", paid_date="2026-01-02")
        assert made["paid_date"] == "2026-01-02"

    @pytest.mark.parametrize("body", ["", {}, {"paid_date": None}])
    def test_is_paid_once_and_today_if_nothing_is_said(self, alice, contract, deposit, body):
        made = add(alice, contract, **deposit)
        paid = alice.call("post", f"{of(contract, made)}pay/", body)
        assert (paid.status_code, list(paid.json())) == (200, SHOWN)
        assert (paid.json()["status"], paid.json()["paid_date"]) == ("Paid", in_days(alice, 0))
        assert error(alice.post(f"{of(contract, made)}pay/", {})) == (409, "El pago ya está pagado o anulado")

    def test_may_have_been_paid_before_and_not_tomorrow(self, alice, contract, deposit):
        made = add(alice, contract, **deposit)
        tomorrow = {"paid_date": in_days(alice, 1)}
        assert list(details(alice.post(f"{of(contract, made)}pay/", tomorrow))) == ["paid_date"]
        paid = {"status": "Paid"} | tomorrow
        assert list(details(alice.put(of(contract, made), paid))) == ["paid_date"]
        assert alice.post(f"{of(contract, made)}pay/", {"paid_date": "2026-01-02"}).json()["paid_date"] == "2026-01-02"

    def test_has_a_day_of_payment_only_if_it_is_paid(self, alice, contract, deposit):
        early = deposit | {"paid_date": in_days(alice, 0)}
        assert list(details(alice.post(f"{path(contract)}payments/", early))) == ["paid_date"]
        made = add(alice, contract, **deposit, status="Paid")
        assert alice.put(of(contract, made), {"status": "Pending"}).json()["paid_date"] is None

    def test_is_deleted_unless_it_is_paid(self, alice, contract, deposit):
        paid, pending = add(alice, contract, **deposit, status="Paid"), add(alice, contract, **deposit)
        assert alice.delete(of(contract, pending)).status_code == 204
        assert error(alice.delete(of(contract, paid)))[0] == 409
        assert [each["id"] for each in detail(alice, contract)["payments"]] == [paid["id"]]

    @pytest.mark.parametrize(("field", "value"), WRONG, ids=lambda each: repr(each)[:20])
    def test_names_the_field_that_is_wrong(self, alice, contract, deposit, field, value):
        made = add(alice, contract, **deposit)
        with stored.nothing_written():
            assert list(details(alice.post(f"{path(contract)}payments/", deposit | {field: value}))) == [field]
            assert list(details(alice.put(of(contract, made), {field: value}))) == [field]

    def test_takes_back_what_it_answered(self, alice, contract, deposit):
        made = add(alice, contract, **deposit)
        with stored.nothing_written():
            assert alice.put(of(contract, made), made).json() == made

    def test_of_a_state_that_is_gone_is_412(self, alice, contract, deposit):
        made = add(alice, contract, **deposit)
        seen = alice.put(of(contract, made), {"amount": 1})["ETag"]
        alice.put(of(contract, made), {"amount": 2})
        assert alice.put(of(contract, made), {"amount": 3}, If_Match=seen).status_code == 412
        assert alice.delete(of(contract, made), If_Match=seen).status_code == 412
        assert detail(alice, contract)["payments"][0]["amount"] == "2.00"

    def test_of_another_contract_is_404(self, alice, contract, deposit):
        other = created(alice)
        made = add(alice, contract, **deposit)
        with stored.nothing_written():
            for answer in (
                alice.put(of(other, made), {"amount": 1}),
                alice.post(f"{of(other, made)}pay/", {}),
                alice.delete(of(other, made)),
            ):
                assert error(answer)[0] == 404

    def test_is_open_to_who_may_change_contracts_alone(self, alice, dario, deposit):
        mine = created(alice, agent=dario.user.email)
        with stored.nothing_written():
            assert error(dario.post(f"{path(mine)}payments/", deposit)) == (403, DENIED)


class TestASchedule:
    def test_divides_what_is_left_of_the_value_with_the_rest_on_the_last(self, alice, contract, deposit):
        add(alice, contract, **deposit)
        body = {"instalments": 7, "first_due_date": "2099-01-31"}
        answer = alice.post(f"{path(contract)}payments/schedule/", body)
        assert (answer.status_code, list(answer.json())) == (201, ["total", "payments"])
        made = answer.json()["payments"]
        assert answer.json()["total"] == "900.00"
        assert [each["amount"] for each in made] == ["128.57"] * 6 + ["128.58"]
        assert [each["due_date"] for each in made] == [
            "2099-01-31", "2099-02-28", "2099-03-31", "2099-04-30", "2099-05-31", "2099-06-30", "2099-07-31",
        ]  # fmt: skip
        assert {each["payment_type"] for each in made} == {"Mensualidad"}
        assert summary(alice, contract) == ["1000.00", "0.00", "1000.00", "0.00", "0.00"]

    def test_of_a_total_divides_that(self, alice, contract):
        body = {"instalments": 3, "first_due_date": in_days(alice, 1), "total": 100, "payment_type": "Renta"}
        made = alice.post(f"{path(contract)}payments/schedule/", body).json()["payments"]
        assert [(each["payment_type"], each["amount"]) for each in made] == [
            ("Renta", "33.33"), ("Renta", "33.33"), ("Renta", "33.34"),
        ]  # fmt: skip

    def test_of_nothing_or_of_less_than_cents_is_400(self, alice, contract):
        day = {"first_due_date": "2099-01-31"}
        schedule = f"{path(contract)}payments/schedule/"
        assert list(details(alice.post(schedule, day | {"instalments": 2, "total": "0.01"}))) == ["total"]
        alice.post(schedule, day | {"instalments": 1})
        assert list(details(alice.post(schedule, day | {"instalments": 1}))) == ["total"]

    @pytest.mark.parametrize("instalments", [0, -1, 601, None, "x", True, 1.5])
    def test_of_no_such_number_is_400(self, alice, contract, instalments):
        body = {"instalments": instalments, "first_due_date": "2099-01-31"}
        with stored.nothing_written():
            answer = alice.post(f"{path(contract)}payments/schedule/", body)
            assert list(details(answer)) == ["instalments"]

    def test_has_room_for_so_many_payments_and_no_more(self, alice, contract, deposit, monkeypatch):
        monkeypatch.setattr(payment_actions, "MOST", 5)
        body = {"instalments": 5, "first_due_date": "2099-01-31"}
        add(alice, contract, **deposit)
        assert error(alice.post(f"{path(contract)}payments/schedule/", body))[0] == 409
        assert alice.post(f"{path(contract)}payments/schedule/", body | {"instalments": 4}).status_code == 201
        assert error(alice.post(f"{path(contract)}payments/", deposit)) == (
            409, "Un contrato tiene a lo sumo 5 pagos",
        )  # fmt: skip


class TestTheSum:
    def test_is_held_against_the_value(self, alice, contract, deposit):
        assert summary(alice, contract) == ["0.00", "0.00", "0.00", "0.00", "1000.00"]
        late = {"due_date": in_days(alice, -1)}
        add(alice, contract, **deposit, status="Paid")
        add(alice, contract, **deposit | {"amount": "20.50"})
        add(alice, contract, **deposit | late | {"amount": "3.25"})
        add(alice, contract, **deposit | {"amount": "999.00"}, status="Cancelled")
        assert detail(alice, contract)["payment_summary"] == {
            "scheduled": "123.75", "paid": "100.00", "pending": "23.75", "late": "3.25", "unscheduled": "876.25",
        }  # fmt: skip

    def test_says_by_how_much_more_than_the_value_is_scheduled(self, alice, contract, deposit):
        add(alice, contract, **deposit | {"amount": "1000.01"})
        assert summary(alice, contract)[-1] == "-0.01"


class TestAContractThatEnded:
    def test_has_its_open_payments_cancelled_with_it(self, alice, contract, deposit):
        late = {"due_date": in_days(alice, -1)}
        add(alice, contract, **deposit)
        add(alice, contract, **deposit | late)
        paid = add(alice, contract, **deposit, status="Paid")
        end(alice, contract)
        found = {each["id"]: each["status"] for each in detail(alice, contract)["payments"]}
        assert found.pop(paid["id"]) == "Paid"
        assert set(found.values()) == {"Cancelled"}

    def test_takes_no_payment_and_loses_none(self, alice, contract, deposit):
        made = add(alice, contract, **deposit)
        alice.put(path(contract), {"status": "Signed", "signed_date": in_days(alice, 0)})
        end(alice, contract, "Completed")
        schedule = {"instalments": 2, "first_due_date": "2099-01-31"}
        with stored.nothing_written():
            for answer in (
                alice.post(f"{path(contract)}payments/", deposit),
                alice.post(f"{path(contract)}payments/schedule/", schedule),
                alice.put(of(contract, made), {"amount": 1}),
                alice.post(f"{of(contract, made)}pay/", {}),
                alice.delete(of(contract, made)),
            ):
                assert error(answer)[0] == 409


class TestANote:
    def test_says_who_wrote_it(self, alice, carla, contract):
        made = carla.post(f"{path(contract)}notes/", {"note_type": "Legal", "content": "Falta la firma"})
        assert (made.status_code, list(made.json())) == (201, NOTE)
        alice.put(f"{path(contract)}notes/{made.json()['id']}/", {"content": "Firmado"})
        [note] = detail(alice, contract)["notes"]
        assert note == made.json() | {"content": "Firmado"}
        assert (note["note_type"], note["created_by"]) == ("Legal", "carla@example.com")

    @pytest.mark.parametrize("kind", ["General", "Call", "Meeting", "Legal", "Payment"])
    def test_is_of_a_kind(self, alice, contract, kind):
        answer = alice.post(f"{path(contract)}notes/", {"note_type": kind, "content": "x"})
        assert answer.json()["note_type"] == kind

    def test_is_written_changed_and_deleted_when_the_contract_has_ended_as_well(self, alice, contract):
        end(alice, contract)
        made = alice.post(f"{path(contract)}notes/", {"content": "x"})
        address = f"{path(contract)}notes/{made.json()['id']}/"
        assert (made.status_code, alice.put(address, {"content": "y"}).status_code) == (201, 200)
        assert alice.delete(address).status_code == 204
        assert error(alice.delete(address))[0] == 404

    @pytest.mark.parametrize(
        ("field", "value"),
        [*(("content", each) for each in (None, "", " ", 1, "x" * 20_001, "a\0")), ("note_type", "Otra"), ("nada", 1)],
        ids=lambda each: repr(each)[:20],
    )
    def test_names_the_field_that_is_wrong(self, alice, contract, field, value):
        body = {"content": "x"} | {field: value}
        with stored.nothing_written():
            assert list(details(alice.post(f"{path(contract)}notes/", body))) == [field]

    def test_of_another_contract_is_404(self, alice, contract):
        note = make.note(alice.actor, make.contract(alice.actor))
        with stored.nothing_written():
            assert error(alice.put(f"{path(contract)}notes/{note.pk}/", {"content": "x"}))[0] == 404
            assert error(alice.delete(f"{path(contract)}notes/{note.pk}/"))[0] == 404

    def test_comes_after_those_before_it(self, alice, contract):
        for text in "abc":
            alice.post(f"{path(contract)}notes/", {"content": text})
        assert [note["content"] for note in detail(alice, contract)["notes"]] == ["a", "b", "c"]
