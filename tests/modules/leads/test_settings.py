"""How leads come in and whose they become, over `/leads/settings`."""

import pytest

from backend.core import sealing
from backend.core.actor import Actor
from backend.core.recording import MASK
from backend.modules.identity import actions as identity
from backend.modules.leads.models import LeadSettings
from backend.modules.ledger.models import Entry
from tests.test_parallel import at_once

pytestmark = pytest.mark.django_db

PATH = "/leads/settings"
USUAL = {
    "round_robin": False,
    "round_robin_members": [],
    "whatsapp_on": False,
    "whatsapp_phone_number_id": "",
    "whatsapp_app_secret": "",
    "whatsapp_verify_token": "",
    "whatsapp_url": None,
    "web_form": False,
    "web_form_origins": [],
    "web_form_required": [],
    "web_form_thanks": "",
    "web_form_url": None,
}
SECRETS = {"whatsapp_app_secret": "s3cr3t-of-the-app", "whatsapp_verify_token": "w0rd-of-ours"}
WHATSAPP = {"whatsapp_phone_number_id": "106540352242922", **SECRETS}


class TestTheSettings:
    def test_are_the_usual_ones_until_somebody_changes_them(self, carla):
        assert carla.get(PATH).json() == USUAL
        assert not LeadSettings.objects.of(carla.actor).exists()

    def test_are_for_managers(self, alice, bob, carla, dario):
        assert [who.get(PATH).status_code for who in (alice, bob, carla, dario)] == [200, 403, 200, 403]
        assert [who.put(PATH, {}).status_code for who in (alice, bob, carla, dario)] == [200, 403, 200, 403]

    def test_are_each_workspace_s_own(self, alice, stranger):
        alice.put(PATH, WHATSAPP | {"round_robin": True})
        assert stranger.get(PATH).json() == USUAL

    def test_have_addresses_of_the_workspace_s_own_once_they_are_written(self, alice, stranger, settings):
        ours, theirs = alice.put(PATH, {}).json(), stranger.put(PATH, {}).json()
        assert ours["web_form_url"].startswith(f"{settings.PUBLIC_URL}/leads/intake/web/{alice.workspace.pk}-")
        found = {shown[name] for shown in (ours, theirs) for name in ("web_form_url", "whatsapp_url")}
        assert len({address.rpartition("/")[2] for address in found}) == 4


class TestAChange:
    def test_is_of_the_fields_that_are_given(self, carla, bob):
        changed = carla.put(PATH, {"round_robin": True, "round_robin_members": [bob.user.pk, bob.user.pk]}).json()
        assert changed["round_robin_members"] == [bob.user.pk]
        again = carla.put(PATH, {"web_form_origins": ["HTTPS://www.Example.com/", "http://[::1]:8000"]}).json()
        assert again == changed | {"web_form_origins": ["http://[::1]:8000", "https://www.example.com"]}

    def test_may_be_what_was_answered(self, carla):
        shown = carla.put(PATH, WHATSAPP | {"web_form": True, "web_form_required": ["message", "phone"]})
        assert shown.json()["web_form_required"] == ["message", "phone"]
        again = carla.put(PATH, shown.json())
        assert (again.json(), again["ETag"]) == (shown.json(), shown["ETag"])

    def test_of_an_address_makes_another(self, carla):
        shown = carla.put(PATH, {}).json()
        changed = carla.put(PATH, {"new_web_form_address": True, "new_whatsapp_address": False}).json()
        assert changed["web_form_url"] != shown["web_form_url"]
        assert changed["whatsapp_url"] == shown["whatsapp_url"]

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("round_robin", None),
            ("round_robin", "perhaps"),
            ("round_robin_members", ["bob"]),
            ("round_robin_members", None),
            ("round_robin_members", [0]),
            ("whatsapp_phone_number_id", "+51 987"),
            ("whatsapp_phone_number_id", "1" * 33),
            ("whatsapp_app_secret", "x" * 201),
            ("whatsapp_app_secret", None),
            ("web_form_origins", ["www.example.com"]),
            ("web_form_origins", ["*"]),
            ("web_form_origins", ["https://example.com/page"]),
            ("web_form_origins", ["null"]),
            ("web_form_required", ["name"]),
            ("web_form_thanks", "x" * 501),
            ("remind", True),
        ],
    )
    def test_that_makes_no_sense_names_the_field(self, carla, field, value):
        answer = carla.put(PATH, {field: value})
        assert answer.status_code == 422
        assert {each["loc"][1] for each in answer.json()["detail"]} == {field}
        assert not LeadSettings.objects.of(carla.actor).exists()

    def test_names_no_participant_who_is_none(self, carla, bob, stranger):
        answer = carla.put(PATH, {"round_robin_members": [bob.user.pk, stranger.user.pk]})
        assert answer.status_code == 422
        assert answer.json()["detail"][0]["loc"] == ["body", "round_robin_members"]

    def test_may_keep_a_participant_who_has_left(self, alice, bob, carla):
        alice.put(PATH, {"round_robin_members": [bob.user.pk]})
        identity.set_active(Actor.system(alice.workspace.pk), bob.user.pk, is_active=False)
        assert alice.put(PATH, {"round_robin_members": [bob.user.pk, carla.user.pk]}).status_code == 200

    def test_on_settings_that_somebody_else_has_changed_is_refused(self, carla, alice):
        read = carla.put(PATH, {})["ETag"]
        alice.put(PATH, {"round_robin": True})
        assert carla.put(PATH, {"round_robin": False}, If_Match=read).status_code == 412


class TestASecret:
    def test_is_never_shown(self, alice):
        answers = [alice.put(PATH, WHATSAPP), alice.get(PATH), alice.get("/audit-logs?table=lead_settings")]
        assert answers[0].json()["whatsapp_app_secret"] == answers[0].json()["whatsapp_verify_token"] == MASK
        assert answers[1].json()["whatsapp_on"] is True
        assert [secret for secret in SECRETS.values() for answer in answers if secret in answer.content.decode()] == []

    def test_is_masked_in_the_ledger_and_so_are_the_addresses(self, alice):
        shown = alice.put(PATH, WHATSAPP).json()
        alice.put(PATH, {"whatsapp_app_secret": "another"})
        entries = list(Entry.objects.of(alice.actor).filter(table="lead_settings").order_by("id"))
        assert [entry.verb for entry in entries] == ["leadsettings.created", "leadsettings.updated"]
        assert (entries[1].old, entries[1].new) == ({"sealed_app_secret": MASK}, {"sealed_app_secret": MASK})
        written = str([(entry.old, entry.new) for entry in entries])
        assert shown["whatsapp_url"].rpartition("/")[2] not in written

    def test_is_sealed_at_rest(self, alice):
        alice.put(PATH, WHATSAPP)
        row = LeadSettings.objects.of(alice.actor).values().get()
        assert [secret for secret in SECRETS.values() if secret in str(row)] == []
        assert sealing.unseal(row["sealed_app_secret"]) == SECRETS["whatsapp_app_secret"]

    def test_stays_when_it_comes_masked_and_goes_when_it_comes_empty(self, alice):
        alice.put(PATH, WHATSAPP)
        alice.put(PATH, {"whatsapp_app_secret": MASK, "whatsapp_verify_token": ""})
        row = LeadSettings.objects.of(alice.actor).get()
        assert sealing.unseal(row.sealed_app_secret) == SECRETS["whatsapp_app_secret"]
        assert (row.sealed_verify_token, alice.get(PATH).json()["whatsapp_on"]) == ("", False)


@pytest.mark.parallel
@pytest.mark.django_db(transaction=True)
def test_several_first_changes_at_once_make_one_row_with_all_of_them(carla):
    bodies = [{"round_robin": True}, {"web_form": True}, {"web_form_thanks": "¡Gracias!"}, WHATSAPP]
    answers = at_once(4, lambda which: carla.put(PATH, bodies[which]).status_code)
    found = LeadSettings.objects.of(carla.actor).get()
    assert answers == [200] * 4
    assert (found.round_robin, found.web_form, found.web_form_thanks, found.takes_whatsapp) == (
        True,
        True,
        "¡Gracias!",
        True,
    )
