"""Who is let in at the address that Meta calls."""

import json

import pytest
from django.test import Client

from tests import stored
from tests.modules.intake import sending
from tests.modules.intake.sending import VERIFY_TOKEN, deliver, delivery, message

pytestmark = pytest.mark.django_db

PAYLOAD = delivery(message("wamid.1", "51987654321"))


def ask(token: str, **changed: str | None):
    asked = {"hub.mode": "subscribe", "hub.verify_token": VERIFY_TOKEN, "hub.challenge": "1158201444"}
    asked |= {f"hub.{name}": value for name, value in changed.items()}
    return Client().get(f"/leads/intake/whatsapp/{token}", {k: v for k, v in asked.items() if v is not None})


class TestTheHandshake:
    def test_answers_the_challenge_as_plain_text(self, door):
        answer = ask(door.whatsapp_token)
        assert (answer.status_code, answer.content) == (200, b"1158201444")
        assert answer["Content-Type"] == "text/plain; charset=utf-8"
        assert answer["X-Content-Type-Options"] == "nosniff"

    @pytest.mark.parametrize("given", ["", "another word", VERIFY_TOKEN.upper(), "ñ"])
    def test_refuses_who_does_not_know_the_word(self, door, given):
        assert ask(door.whatsapp_token, verify_token=given).status_code == 403

    @pytest.mark.parametrize("changed", [{"mode": "unsubscribe"}, {"mode": None}, {"challenge": None}])
    def test_is_asked_for_as_meta_does_it(self, door, changed):
        assert ask(door.whatsapp_token, **changed).status_code == 422


class TestASignature:
    @pytest.mark.parametrize(
        "given",
        ["", "sha256=", "sha256=" + "0" * 64, "sha1=0", "ñ", sending.signature(b"{}"), "SHA256=" + "0" * 64],
    )
    def test_that_is_not_the_body_s_is_refused(self, door, given):
        with stored.nothing_written():
            answer = deliver(door.whatsapp_token, PAYLOAD, X_Hub_Signature_256=given)
        assert (answer.status_code, answer.json()) == (403, {"detail": "The signature does not match the body."})

    def test_that_is_not_there_is_refused(self, door):
        answer = Client().post(
            f"/leads/intake/whatsapp/{door.whatsapp_token}", PAYLOAD, content_type="application/json"
        )
        assert answer.status_code == 403

    def test_of_another_secret_is_refused(self, door):
        assert deliver(door.whatsapp_token, PAYLOAD, secret="another").status_code == 403

    def test_is_the_raw_body_s(self, door):
        spaced = json.dumps(PAYLOAD, indent=3, ensure_ascii=False).encode()
        assert deliver(door.whatsapp_token, spaced).status_code == 200

    def test_does_not_make_json_of_what_is_none(self, door):
        answer = deliver(door.whatsapp_token, b"{")
        assert (answer.status_code, answer.json()["detail"][0]["type"]) == (422, "json_invalid")

    def test_of_a_secret_that_the_server_can_not_read_any_more_is_for_later(self, door, settings):
        settings.SECRET_KEY = "another " * 10
        with stored.nothing_written():
            assert deliver(door.whatsapp_token, PAYLOAD).status_code == 503


class TestAnAddress:
    @pytest.mark.parametrize(
        "token", ["x", "1", "-", "1-", "99999999999999999999-a", "٣-a", "%00", "999999-" + "0" * 32]
    )
    def test_that_nobody_has_is_a_404(self, door, token):
        assert deliver(token, PAYLOAD).status_code == 404
        assert ask(token).status_code == 404

    def test_of_a_workspace_that_lacks_something_is_a_404(self, ours, door):
        for name in ("whatsapp_phone_number_id", "whatsapp_app_secret", "whatsapp_verify_token"):
            lacking = sending.set_up(ours.pk, **{name: ""})
            assert deliver(lacking.whatsapp_token, PAYLOAD).status_code == 404
            sending.set_up(ours.pk)
        assert deliver(door.whatsapp_token, PAYLOAD).status_code == 200

    def test_that_was_replaced_is_a_404(self, ours, door):
        renewed = sending.set_up(ours.pk, new_whatsapp_address=True)
        assert deliver(door.whatsapp_token, PAYLOAD).status_code == 404
        assert deliver(renewed.whatsapp_token, PAYLOAD).status_code == 200

    def test_of_another_workspace_takes_nothing_into_ours(self, ours, theirs, door):
        sending.set_up(theirs.pk, whatsapp_app_secret="theirs", whatsapp_phone_number_id="777")
        before = stored.of_workspace(ours.pk)
        other = sending.set_up(theirs.pk, whatsapp_app_secret="theirs", whatsapp_phone_number_id="777")
        assert deliver(other.whatsapp_token, PAYLOAD).status_code == 403
        assert deliver(other.whatsapp_token, PAYLOAD, secret="theirs").status_code == 200  # to a number of ours
        mixed = f"{ours.pk}-{other.whatsapp_token.partition('-')[2]}"
        assert deliver(mixed, PAYLOAD).status_code == 404
        assert stored.of_workspace(ours.pk) == before

    def test_takes_no_more_than_it_can_read(self, door):
        assert deliver(door.whatsapp_token, b" " * 3_000_000).status_code == 413

    def test_has_no_other_methods(self, door):
        assert Client().put(f"/leads/intake/whatsapp/{door.whatsapp_token}").status_code == 405
