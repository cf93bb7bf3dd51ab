"""What is kept of a second factor, who may take it away, and many codes at once."""

import base64
from collections import Counter

import pytest
from django.db import connection

from backend.modules.identity import second_factors
from backend.modules.identity.models import SecondFactor
from backend.modules.ledger.models import Entry
from tests import people
from tests.dialects.urbany import entering
from tests.dialects.urbany.entering import details, error, post, verify
from tests.test_parallel import at_once

pytestmark = pytest.mark.django_db

WRONG = {"code": ["El código no es correcto o ya se usó"]}
OFF = (409, "La verificación en dos pasos no está configurada")
FORBIDDEN = (403, "No tiene permiso para realizar esta acción")


def is_on(who):
    return who.get("/api/users/me/").json()["two_factor_enabled"]


class TestWhatIsStored:
    def columns(self) -> list[str]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM second_factors")
            return [str(value) for row in cursor.fetchall() for value in row]

    def test_has_neither_the_secret_nor_the_codes(self, phone):
        row = " ".join(self.columns())
        assert phone.secret not in row
        assert base64.b32decode(phone.secret).hex() not in row
        assert not any(code in row or code.replace("-", "") in row for code in phone.recovery_codes)

    def test_has_neither_in_the_ledger(self, alice, phone):
        verify(alice.token, phone.recovery_codes[0])
        alice.post("/api/auth/two-factor/recovery-codes/", {"code": phone.next_code()})
        entries = Entry.across_workspaces.filter(table="second_factors")
        assert {entry.action for entry in entries} >= {"second_factor.set_up", "second_factor.verify"}
        written = [value for entry in entries for values in (entry.old, entry.new) for value in values.items()]
        masked = {value for name, value in written if name in ("sealed_secret", "recovery_hashes") and value}
        assert masked == {"********"}
        assert phone.secret not in str(written)
        assert SecondFactor.objects.get().recovery_hashes[0] not in str(written)


class TestAnotherSecretKey:
    def test_refuses_codes_and_recovery_codes_and_says_why_in_the_log(self, alice, phone, settings, caplog):
        settings.SECRET_KEY = "another key of at least thirty-two bytes"
        for code in (phone.next_code(), phone.recovery_codes[0]):
            assert details(verify(alice.token, code)) == WRONG
        assert "was sealed with another SECRET_KEY" in caplog.text
        assert phone.secret not in caplog.text

    def test_takes_both_while_the_old_one_stands_among_the_fallbacks(self, alice, phone, settings):
        settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
        settings.SECRET_KEY = "another key of at least thirty-two bytes"
        assert verify(alice.token, phone.next_code()).status_code == 200
        assert verify(alice.token, phone.recovery_codes[0]).status_code == 200
        assert details(verify(alice.token, phone.recovery_codes[0])) == WRONG

    def test_needs_the_old_one_no_longer_once_a_code_was_taken(self, alice, phone, settings):
        settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
        settings.SECRET_KEY = "another key of at least thirty-two bytes"
        assert verify(alice.token, phone.next_code()).status_code == 200
        settings.SECRET_KEY_FALLBACKS = []
        assert verify(alice.token, phone.next_code()).status_code == 200
        assert details(verify(alice.token, phone.recovery_codes[0])) == WRONG


class TestAnAuthenticator:
    def test_that_counts_as_in_rfc_6238_agrees(self, clock):
        secret = base64.b32encode(b"12345678901234567890").decode()
        clock.seconds = 1_111_111_109
        assert second_factors.matching_step(secret, "081804") == 1_111_111_109 // 30


class TestResetByAnAdministrator:
    @pytest.fixture
    def lost(self, bob, clock):
        """Bob, who has lost his authenticator."""
        entering.enrol(bob, clock)
        return bob

    def reset(self, who, whom):
        return who.post(f"/api/users/{whom.user.pk}/reset-two-factor/")

    def test_takes_it_away(self, alice, lost, clock):
        answer = self.reset(alice, lost)
        assert (answer.status_code, answer.json()) == (200, {"message": "2FA restablecido exitosamente"})
        assert not is_on(lost)
        assert entering.enrol(lost, clock).recovery_codes

    def test_is_in_the_ledger_without_the_secret(self, alice, lost):
        self.reset(alice, lost)
        entry = Entry.objects.of(alice.actor).get(action="second_factor.reset")
        assert (entry.verb, entry.username) == ("secondfactor.deleted", "alice")
        assert entry.old["user_id"] == lost.user.pk
        assert {entry.old["sealed_secret"], entry.old["recovery_hashes"]} == {"********"}

    def test_of_oneself_is_forbidden(self, alice, phone):
        assert self.reset(alice, alice).status_code == 403
        assert is_on(alice)

    def test_of_a_stranger_is_a_404(self, stranger, lost):
        assert self.reset(stranger, lost).status_code == 404
        assert is_on(lost)

    def test_of_who_belongs_to_another_workspace_too_is_forbidden(self, alice, stranger, lost, theirs):
        people.join(lost, theirs, "user")
        for administrator in (alice, stranger):
            assert error(self.reset(administrator, lost)) == (403, "Solo la propia persona puede cambiar estos datos")
        assert is_on(lost)

    def test_of_who_may_do_more_is_forbidden(self, alice, phone, ours):
        helper = people.person_holding(ours, "users.change")
        assert error(self.reset(helper, alice)) == FORBIDDEN
        assert is_on(alice)

    @pytest.mark.parametrize("role", ["manager", "sales", "user"])
    def test_needs_the_permission(self, ours, lost, role):
        assert error(self.reset(people.person("nina", ours, role), lost)) == FORBIDDEN
        assert is_on(lost)

    def test_of_who_has_none_is_a_409(self, alice, bob):
        assert error(self.reset(alice, bob)) == OFF

    def test_of_nobody_is_a_404(self, alice):
        assert alice.post("/api/users/999999/reset-two-factor/").status_code == 404


@pytest.mark.parallel
@pytest.mark.django_db(transaction=True)
class TestTwentyAtOnce:
    def statuses(self, do):
        return Counter(answer.status_code for answer in at_once(20, do))

    def test_with_one_code_one_is_taken(self, alice, phone):
        token, code = alice.token, phone.next_code()
        assert self.statuses(lambda which: verify(token, code)) == {200: 1, 400: 19}

    def test_with_one_recovery_code_one_is_taken(self, alice, phone):
        token, code = alice.token, phone.recovery_codes[0]
        assert self.statuses(lambda which: verify(token, code)) == {200: 1, 400: 19}

    def test_with_the_ten_recovery_codes_each_is_taken_once(self, alice, phone):
        token = alice.token
        assert self.statuses(lambda which: verify(token, phone.recovery_codes[which % 10])) == {200: 10, 400: 10}
        assert SecondFactor.objects.get().recovery_hashes == []

    def test_with_the_first_code_one_gets_recovery_codes_and_they_work(self, alice, clock):
        phone = entering.set_up(alice, clock)
        token = alice.token
        answers = at_once(20, lambda which: verify(token, phone.code()))
        [taken] = [answer for answer in answers if answer.status_code == 200]
        assert verify(token, taken.json()["recovery_codes"][0]).status_code == 200

    def test_that_set_it_up_leave_one_whose_secret_somebody_was_given(self, alice, clock):
        token = alice.token
        answers = at_once(20, lambda which: post("two-factor/setup", {}, token))
        assert {answer.status_code for answer in answers} == {200}
        phones = [entering.Phone(clock, answer.json()["secret"], []) for answer in answers]
        assert Counter(verify(token, phone.code()).status_code for phone in phones) == {200: 1, 400: 19}
