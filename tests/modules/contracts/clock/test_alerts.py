"""Who is told of a contract or a payment, when, and of what: once each."""

from datetime import date

import pytest

from backend.modules.contracts import actions, tasks
from backend.modules.contracts.actions import payments, settings
from backend.modules.contracts.models import Status
from backend.modules.identity.actions import telling as channels
from backend.modules.identity.models import Membership
from tests import make, people
from tests.modules.contracts.clock.conftest import alerts as written
from tests.modules.contracts.clock.conftest import in_force, mailed, titles, told

pytestmark = pytest.mark.django_db


def leave(who: people.Person) -> None:
    membership = Membership.objects.of(who.actor).get(user=who.user)
    membership.is_active = False
    people.writing(who.workspace.pk, membership.save)


class TestAContractThatEnds:
    def test_is_told_of_by_mail_and_in_the_application_to_its_agent_and_the_managers(self, alice, bob, carla, morning):
        contract = in_force(bob, "2026-03-09", title="Renta Departamento")
        morning("2026-03-02")
        for who in (bob, carla):
            [notice] = told(who)
            assert notice.title == f"El contrato {contract.number} vence en 7 días: Renta Departamento"
            assert (notice.kind, notice.subject_kind, notice.subject_id) == ("contract_ending", "contract", contract.pk)
            assert [each.subject for each in mailed(who)] == [notice.title]
            assert "vence el 9 de marzo de 2026" in mailed(who)[0].text
        assert (told(alice), mailed(alice)) == ([], [])

    def test_is_told_of_once_however_often_the_sweep_comes(self, bob, morning, clock):
        in_force(bob, "2026-03-09")
        assert [morning("2026-03-02"), tasks.tell_due()] == [1, 0]
        tasks.tell_workspace(bob.workspace.pk)
        morning("2026-03-03")
        assert len(told(bob)) == len(mailed(bob)) == 1

    @pytest.mark.parametrize(
        ("ends_on", "words"),
        [("2026-03-02", "vence hoy"), ("2026-03-03", "vence mañana"), ("2026-03-17", "en 15 días")],
    )
    def test_says_how_many_days_are_left(self, bob, morning, ends_on, words):
        settings.change(bob.actor, alert_days=[30, 15, 1, 0])
        in_force(bob, ends_on)
        morning("2026-03-02")
        assert words in titles(bob)[0]

    @pytest.mark.parametrize("ends_on", ["2026-03-07", "2026-03-10", None])
    def test_on_no_such_day_is_not_told_of(self, bob, morning, ends_on):
        in_force(bob, ends_on)
        morning("2026-03-02")
        assert told(bob) == []

    @pytest.mark.parametrize("status", [Status.DRAFT, Status.CANCELLED])
    def test_is_not_told_of_unless_it_is_in_force(self, bob, morning, status):
        contract = make.contract(bob.actor, ends_on=date(2026, 3, 9))
        if status != Status.DRAFT:
            actions.update(bob.actor, contract.pk, status=status)
        morning("2026-03-02")
        assert told(bob) == []

    def test_counts_anew_for_another_end(self, bob, morning):
        contract = in_force(bob, "2026-03-09")
        morning("2026-03-02")
        actions.update(bob.actor, contract.pk, ends_on=date(2026, 3, 10))
        morning("2026-03-03")
        assert [title[-30:] for title in titles(bob)] == [titles(bob)[0][-30:]] * 2
        assert [day for _, day, _ in written(bob)] == [date(2026, 3, 9), date(2026, 3, 10)]

    def test_that_comes_into_force_after_the_morning_of_its_day_is_told_of_on_the_next(self, bob, morning):
        contract = make.contract(bob.actor, ends_on=date(2026, 3, 9))
        morning("2026-03-02")
        actions.update(bob.actor, contract.pk, status=Status.ACTIVE)
        morning("2026-03-03")
        assert "vence en 6 días" in titles(bob)[0]

    def test_made_after_one_of_its_days_is_not_told_of_for_that_day(self, bob, morning):
        morning("2026-03-01")
        in_force(bob, "2026-03-12")
        morning("2026-03-02")
        assert told(bob) == []


class TestWhoIsTold:
    @pytest.fixture
    def contract(self, bob, clock):
        return in_force(bob, "2026-03-09")

    def test_is_told_once_as_agent_and_manager_in_one(self, carla, morning):
        in_force(carla, "2026-03-09")
        morning("2026-03-02")
        assert len(told(carla)) == len(mailed(carla)) == 1

    def test_are_the_administrators_where_there_is_no_manager(self, alice, contract, morning):
        morning("2026-03-02")
        assert len(told(alice)) == 1

    def test_are_the_administrators_where_the_manager_has_left(self, alice, carla, contract, morning):
        leave(carla)
        morning("2026-03-02")
        assert (len(told(alice)), told(carla)) == (1, [])

    def test_is_not_an_agent_who_has_left(self, bob, carla, contract, morning):
        leave(bob)
        morning("2026-03-02")
        assert (told(bob), len(told(carla))) == ([], 1)

    def test_is_not_an_agent_who_may_not_read_contracts_any_more(self, ours, carla, clock, morning):
        agent = people.person_holding(ours, "companies.view")
        in_force(agent, "2026-03-09")
        morning("2026-03-02")
        assert (told(agent), len(told(carla))) == ([], 1)

    def test_is_not_who_gave_the_contract_away(self, alice, bob, dario, contract, morning):
        actions.update(alice.actor, contract.pk, agent_email=dario.user.email)
        morning("2026-03-02")
        assert (told(bob), len(told(dario))) == ([], 1)

    @pytest.mark.parametrize(("agent", "managers"), [(True, False), (False, True), (False, False)])
    def test_is_who_the_settings_say(self, bob, carla, contract, morning, agent, managers):
        settings.change(bob.actor, tell_agent=agent, tell_managers=managers)
        morning("2026-03-02")
        assert (len(told(bob)), len(told(carla))) == (agent, managers)

    def test_chooses_the_channels(self, bob, contract, morning):
        channels.choose(bob.actor, channels={"contract_ending": {"email": False}})
        morning("2026-03-02")
        assert (len(told(bob)), mailed(bob)) == (1, [])

    def test_is_nobody_of_another_workspace(self, stranger, contract, morning):
        assert morning("2026-03-02") == 2
        assert told(stranger) == []


class TestAPayment:
    def test_is_told_of_three_days_before_it_is_due(self, bob, carla, morning):
        contract = in_force(bob)
        make.payment(bob.actor, contract, due_on=date(2026, 3, 5))
        morning("2026-03-01")
        assert told(bob) == []
        morning("2026-03-02")
        words = f"Un pago del contrato {contract.number} vence en 3 días: PEN 500.00"
        assert titles(bob) == titles(carla) == [words]
        assert "«Enganche» de PEN 500.00" in mailed(bob)[0].text

    def test_is_told_of_when_it_is_late_once(self, bob, morning):
        contract = in_force(bob)
        make.payment(bob.actor, contract, due_on=date(2026, 3, 2))
        for day in ("2026-03-02", "2026-03-03", "2026-03-04"):
            morning(day)
        assert titles(bob) == [f"Un pago del contrato {contract.number} está atrasado: PEN 500.00"]
        assert "venció el 2 de marzo de 2026 y sigue pendiente" in mailed(bob)[0].text

    def test_that_is_late_on_the_morning_after_the_contract_has_expired_is_told_of(self, bob, morning):
        settings.change(bob.actor, alert_days=[])
        contract = in_force(bob, "2026-03-02")
        make.payment(bob.actor, contract, due_on=date(2026, 3, 2))
        morning("2026-03-02")
        tasks.begin_day(bob.workspace.pk)
        morning("2026-03-03")
        assert len(titles(bob)) == 1

    def test_that_is_paid_is_not_told_of(self, bob, morning):
        contract = in_force(bob)
        for day in (date(2026, 3, 1), date(2026, 3, 5)):
            payment = make.payment(bob.actor, contract, due_on=day)
            payments.pay(bob.actor, payment.pk, contract_id=contract.pk)
        morning("2026-03-02")
        assert told(bob) == []

    def test_of_a_draft_is_not_told_of(self, bob, morning):
        make.payment(bob.actor, make.contract(bob.actor), due_on=date(2026, 3, 5))
        morning("2026-03-02")
        assert told(bob) == []

    def test_that_is_deleted_takes_what_was_told_of_it_along(self, bob, morning):
        contract = in_force(bob)
        payment = make.payment(bob.actor, contract, due_on=date(2026, 3, 5))
        morning("2026-03-02")
        payments.delete(bob.actor, payment.pk, contract_id=contract.pk)
        assert written(bob) == []
