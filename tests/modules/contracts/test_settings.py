"""What the server does by itself with contracts, over `/api/contratos/settings/`."""

import pytest

from backend.modules.contracts.models import ContractSettings
from backend.modules.ledger.models import Entry
from tests.test_parallel import at_once

pytestmark = pytest.mark.django_db

PATH = "/api/contratos/settings/"
USUAL = {
    "alert_days": [30, 15, 7, 1],
    "payment_alert_days": [3],
    "alert_at": "08:00",
    "tell_agent": True,
    "tell_managers": True,
    "drafts_on_win": False,
}


class TestTheSettings:
    def test_are_the_usual_ones_until_somebody_changes_them(self, bob):
        assert bob.get(PATH).json() == USUAL
        assert not ContractSettings.objects.of(bob.actor).exists()

    def test_are_each_workspace_s_own(self, alice, stranger):
        alice.put(PATH, {"tell_agent": False})
        assert stranger.get(PATH).json() == USUAL

    def test_are_read_by_who_may_read_contracts_and_changed_by_managers(self, bob, carla, dario):
        assert [who.get(PATH).status_code for who in (bob, carla, dario)] == [200, 200, 200]
        assert [who.put(PATH, {}).status_code for who in (bob, carla, dario)] == [403, 200, 403]


class TestAChange:
    def test_is_of_the_fields_that_are_given(self, carla, bob):
        changed = USUAL | {"alert_at": "18:30", "drafts_on_win": True}
        assert carla.put(PATH, {"alert_at": "18:30", "drafts_on_win": True}).json() == changed
        assert carla.put(PATH, {"tell_managers": False}).json() == changed | {"tell_managers": False}
        assert bob.get(PATH).json() == changed | {"tell_managers": False}
        verbs = Entry.objects.of(carla.actor).filter(table="contract_settings").order_by("id")
        assert list(verbs.values_list("verb", "username")) == [
            ("contractsettings.created", "carla"),
            ("contractsettings.updated", "carla"),
        ]

    def test_orders_the_days_and_counts_each_once(self, carla):
        body = {"alert_days": [1, 60, 7, 7, 0], "payment_alert_days": []}
        assert carla.put(PATH, body).json() == USUAL | {"alert_days": [60, 7, 1, 0], "payment_alert_days": []}

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("alert_days", [366]),
            ("alert_days", [-1]),
            ("alert_days", [1.5]),
            ("alert_days", [True]),
            ("alert_days", ["soon"]),
            ("alert_days", list(range(11))),
            ("alert_days", None),
            ("alert_days", 7),
            ("payment_alert_days", [400]),
            ("alert_at", "25:00"),
            ("alert_at", "8"),
            ("alert_at", None),
            ("tell_agent", "perhaps"),
            ("drafts_on_win", None),
            ("remind", True),
        ],
    )
    def test_that_makes_no_sense_names_the_field(self, carla, field, value):
        answer = carla.put(PATH, {field: value})
        assert answer.status_code == 400
        assert [name.partition(".")[0] for name in answer.json()["details"]] == [field]
        assert not ContractSettings.objects.of(carla.actor).exists()

    def test_on_settings_that_somebody_else_has_changed_is_refused(self, carla, alice):
        read = carla.get(PATH)["ETag"]
        alice.put(PATH, {"tell_agent": False})
        assert carla.put(PATH, {"tell_agent": True}, If_Match=read).status_code == 412
        assert carla.put(PATH, {"tell_agent": True}, If_Match=alice.get(PATH)["ETag"]).status_code == 200


@pytest.mark.parallel
@pytest.mark.django_db(transaction=True)
def test_several_first_changes_at_once_make_one_row_with_all_of_them(carla):
    bodies = [{"tell_agent": False}, {"tell_managers": False}, {"drafts_on_win": True}, {"alert_at": "10:00"}]
    answers = at_once(4, lambda which: carla.put(PATH, bodies[which]).status_code)
    changed = {"tell_agent": False, "tell_managers": False, "drafts_on_win": True, "alert_at": "10:00"}
    assert (answers, carla.get(PATH).json()) == ([200] * 4, USUAL | changed)
    assert ContractSettings.objects.of(carla.actor).count() == 1
