"""POST /api/auth/two-factor/ and what is under it: one-time codes and recovery codes."""

import base64
import re
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest

from backend.core.models import IdempotentRequest
from backend.modules.identity.models import SecondFactor
from tests import make, stored
from tests.dialects.urbany import entering
from tests.dialects.urbany.entering import details, error, get, log_in, post, tokens_of, verify

pytestmark = pytest.mark.django_db

WRONG = {"code": ["El código no es correcto o ya se usó"]}
OFF = (409, "La verificación en dos pasos no está configurada")
ON = (409, "La verificación en dos pasos ya está activada")
FORBIDDEN = (403, "No tiene permiso para realizar esta acción")
RECOVERY_CODE = re.compile(r"[2-9a-z]{4}-[2-9a-z]{4}-[2-9a-z]{4}")


def set_up(who):
    return who.post("/api/auth/two-factor/setup/")


def disable(who, code):
    return who.post("/api/auth/two-factor/disable/", {"code": code})


def renew(who, code, **headers):
    return who.post("/api/auth/two-factor/recovery-codes/", {"code": code}, **headers)


def is_on(who):
    return who.get("/api/users/me/").json()["two_factor_enabled"]


class TestSetUp:
    def test_answers_the_secret_in_three_forms(self, alice):
        answer = set_up(alice)
        assert (answer.status_code, list(answer.json())) == (200, ["secret", "otpauth_uri", "qr_code"])
        assert len(base64.b32decode(answer.json()["secret"])) == 20

    def test_gives_a_uri_that_an_authenticator_reads(self, alice):
        found = set_up(alice).json()
        parsed = pyotp.parse_uri(found["otpauth_uri"])
        assert isinstance(parsed, pyotp.TOTP)
        assert (parsed.secret, parsed.issuer, parsed.name) == (found["secret"], "Crisol", "alice@example.com")
        assert (parsed.digits, parsed.interval) == (6, 30)
        uri = urlsplit(found["otpauth_uri"])
        assert (uri.scheme, uri.netloc, uri.path) == ("otpauth", "totp", "/Crisol:alice%40example.com")
        assert parse_qs(uri.query) == {"secret": [found["secret"]], "issuer": ["Crisol"]}

    def test_gives_a_picture(self, alice):
        kind, _, content = set_up(alice).json()["qr_code"].partition(",")
        picture = base64.b64decode(content, validate=True)
        assert kind == "data:image/png;base64"
        assert (picture[:8], picture[12:16], picture[-8:-4]) == (b"\x89PNG\r\n\x1a\n", b"IHDR", b"IEND")
        width, height = (int.from_bytes(picture[start : start + 4]) for start in (16, 20))
        assert width == height >= 29 * 5

    def test_asks_for_nothing_until_a_first_code(self, alice):
        set_up(alice)
        answer = log_in()
        assert answer.json()["two_factor_required"] is False
        assert get("/api/users/me/", tokens_of(answer)["access"]).json()["two_factor_enabled"] is False

    def test_again_takes_the_place_of_the_first(self, alice, clock):
        first, second = entering.set_up(alice, clock), entering.set_up(alice, clock)
        assert first.secret != second.secret
        assert details(verify(alice.token, first.code())) == WRONG
        assert verify(alice.token, second.code()).status_code == 200

    def test_while_it_is_on_is_a_409_and_changes_nothing(self, alice, phone):
        assert error(set_up(alice)) == ON
        assert verify(alice.token, phone.next_code()).status_code == 200

    def test_is_nothing_for_an_api_key(self, alice):
        _, key = make.api_key(alice.actor)
        assert [error(post(name, {"code": "1"}, key)) for name in ("two-factor/setup", "two-factor")] == [FORBIDDEN] * 2

    def test_is_not_kept_for_an_idempotency_key(self, alice):
        secret = alice.post("/api/auth/two-factor/setup/", Idempotency_Key="one").json()["secret"]
        assert bytes(IdempotentRequest.objects.get().body) == b""
        again = alice.post("/api/auth/two-factor/setup/", Idempotency_Key="one")
        assert (again.status_code, secret in again.content.decode()) == (409, False)


class TestTheFirstCode:
    def test_turns_it_on_and_gives_ten_recovery_codes(self, alice, clock):
        phone = entering.set_up(alice, clock)
        answer = verify(alice.token, phone.code())
        assert answer.status_code == 200, answer.content
        body = answer.json()
        assert list(body) == ["message", "verified", "tokens", "recovery_codes"]
        assert (body["message"], body["verified"]) == ("2FA verificado exitosamente", True)
        assert len(set(body["recovery_codes"])) == 10
        assert all(RECOVERY_CODE.fullmatch(code) for code in body["recovery_codes"])
        assert is_on(alice)
        assert log_in().json()["two_factor_required"] is True

    def test_gives_tokens_that_open_everything(self, alice, clock):
        phone = entering.set_up(alice, clock)
        access = tokens_of(verify(alice.token, phone.code()))["access"]
        assert get("/api/users/me/", access).status_code == 200

    def test_is_asked_for_where_nothing_was_set_up(self, alice):
        for answer in (verify(alice.token, "123456"), disable(alice, "123456"), renew(alice, "123456")):
            assert error(answer) == OFF

    def test_has_to_come_before_it_is_disabled_or_renewed(self, alice, clock):
        phone = entering.set_up(alice, clock)
        assert [error(disable(alice, phone.code())), error(renew(alice, phone.code()))] == [OFF, OFF]

    def test_that_is_wrong_leaves_it_off(self, alice, clock):
        phone = entering.set_up(alice, clock)
        assert details(verify(alice.token, phone.wrong_code())) == WRONG
        assert not is_on(alice)


class TestACode:
    def test_gives_no_recovery_codes_again(self, alice, phone):
        assert verify(alice.token, phone.next_code()).json()["recovery_codes"] is None

    def test_is_good_once(self, alice, phone):
        code = phone.next_code()
        assert verify(alice.token, code).status_code == 200
        assert details(verify(alice.token, code)) == WRONG
        assert details(disable(alice, code)) == WRONG

    def test_that_turned_it_on_is_used_up(self, alice, phone):
        assert details(verify(alice.token, phone.code())) == WRONG

    @pytest.mark.parametrize(("steps", "status"), [(-2, 400), (-1, 200), (0, 200), (1, 200), (2, 400)])
    def test_is_taken_one_step_before_and_after_its_own(self, alice, phone, steps, status):
        phone.clock.tick(10)
        assert verify(alice.token, phone.code(steps)).status_code == status

    def test_of_the_step_before_is_good_once(self, alice, phone):
        phone.clock.tick(10)
        assert verify(alice.token, phone.code(-1)).status_code == 200
        assert details(verify(alice.token, phone.code(-1))) == WRONG
        assert verify(alice.token, phone.code()).status_code == 200

    def test_is_worth_nothing_after_a_later_one(self, alice, phone):
        phone.clock.tick(10)
        assert verify(alice.token, phone.code(1)).status_code == 200
        assert details(verify(alice.token, phone.code())) == WRONG

    def test_may_be_typed_as_authenticators_show_it(self, alice, phone):
        code = phone.next_code()
        assert verify(alice.token, f" {code[:3]} {code[3:]} ").status_code == 200

    def test_of_somebody_else_is_wrong(self, bob, alice, phone, clock):
        theirs = entering.enrol(bob, clock)
        assert details(verify(alice.token, theirs.next_code())) == WRONG

    @pytest.mark.parametrize(
        "code",
        ["12345", "1234567", "-12345", "１２３４５６", "ñandú", "😀" * 40, "x" * 40, "---", "' OR 1=1 --", "\u202e1"],
    )
    def test_that_cannot_be_one_is_a_400_wherever_it_is_asked_for(self, alice, phone, code):
        with stored.nothing_written():
            answers = [verify(alice.token, code), disable(alice, code), renew(alice, code)]
        assert [details(answer) for answer in answers] == [WRONG] * 3

    def test_that_is_wrong_changes_nothing(self, alice, phone):
        before = SecondFactor.objects.values().get()
        for take in (lambda code: verify(alice.token, code), lambda code: disable(alice, code)):
            assert details(take(phone.wrong_code())) == WRONG
        assert SecondFactor.objects.values().get() == before

    @pytest.mark.parametrize("code", ["", " ", None, 123456, "123\0456", "x" * 41, ["123456"], {}, True])
    def test_that_is_none_is_named(self, alice, phone, code):
        for answer in (verify(alice.token, code), disable(alice, code), renew(alice, code)):
            assert list(details(answer)) == ["code"]

    def test_with_half_a_character_is_refused(self, alice, phone):
        assert post("two-factor", '{"code": "\\ud800"}', alice.token).status_code == 400

    def test_that_is_missing_is_named(self, alice):
        assert details(post("two-factor", {}, alice.token)) == {"code": ["Este campo es obligatorio."]}

    def test_is_asked_for_after_a_login_alone(self, phone):
        assert error(post("two-factor", {"code": phone.next_code()})) == (401, "Se requiere un token de acceso")


class TestARecoveryCode:
    def test_is_good_once(self, alice, phone):
        assert verify(alice.token, phone.recovery_codes[0]).status_code == 200
        assert details(verify(alice.token, phone.recovery_codes[0])) == WRONG
        assert verify(alice.token, phone.recovery_codes[1]).status_code == 200

    @pytest.mark.parametrize(
        "typed",
        [str.upper, lambda code: code.replace("-", ""), lambda code: code.replace("-", " "), lambda code: f" {code} "],
    )
    def test_may_be_typed_in_any_case_with_or_without_hyphens(self, alice, phone, typed):
        assert verify(alice.token, typed(phone.recovery_codes[3])).status_code == 200
        assert details(verify(alice.token, phone.recovery_codes[3])) == WRONG

    def test_gives_tokens_that_open_everything_and_leaves_it_on(self, phone):
        half = tokens_of(log_in())["access"]
        access = tokens_of(verify(half, phone.recovery_codes[0]))["access"]
        assert get("/api/users/me/", access).json()["two_factor_enabled"] is True

    def test_of_somebody_else_is_wrong(self, alice, bob, phone, clock):
        theirs = entering.enrol(bob, clock)
        assert details(verify(alice.token, theirs.recovery_codes[0])) == WRONG

    def test_disables_as_well(self, alice, phone):
        assert disable(alice, phone.recovery_codes[0]).status_code == 200
        assert not is_on(alice)


class TestDisable:
    def test_asks_for_no_code_any_more(self, alice, phone):
        answer = disable(alice, phone.next_code())
        assert (answer.status_code, answer.json()) == (200, {"message": "2FA desactivado exitosamente"})
        assert not is_on(alice)
        assert log_in().json()["two_factor_required"] is False
        assert error(verify(alice.token, phone.next_code())) == OFF

    def test_lets_another_be_set_up(self, alice, phone):
        disable(alice, phone.next_code())
        other = entering.enrol(alice, phone.clock)
        assert other.secret != phone.secret
        assert details(verify(alice.token, phone.recovery_codes[0])) == WRONG
        assert verify(alice.token, other.next_code()).status_code == 200


class TestRenewRecoveryCodes:
    def test_gives_ten_others_and_ends_the_old_ones(self, alice, phone):
        answer = renew(alice, phone.next_code())
        assert (answer.status_code, list(answer.json())) == (200, ["message", "recovery_codes"])
        assert answer.json()["message"] == "Códigos de recuperación renovados"
        codes = answer.json()["recovery_codes"]
        assert len(set(codes)) == 10
        assert not set(codes) & set(phone.recovery_codes)
        assert details(verify(alice.token, phone.recovery_codes[0])) == WRONG
        assert verify(alice.token, codes[9]).status_code == 200

    def test_may_be_had_for_a_recovery_code(self, alice, phone):
        codes = renew(alice, phone.recovery_codes[0]).json()["recovery_codes"]
        assert len(codes) == 10
        assert verify(alice.token, codes[0]).status_code == 200

    def test_are_not_kept_for_an_idempotency_key(self, alice, phone):
        code = phone.next_code()
        assert renew(alice, code, Idempotency_Key="one").status_code == 200
        assert bytes(IdempotentRequest.objects.get().body) == b""
        assert renew(alice, code, Idempotency_Key="one").status_code == 409
