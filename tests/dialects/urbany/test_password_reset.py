"""POST /api/auth/password-reset/."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core import signing
from django.db import transaction

from backend.core.actor import Actor
from backend.modules.identity import actions, tokens
from backend.modules.identity.actions import passwords
from backend.modules.identity.models import User
from backend.modules.ledger.models import Entry
from tests import make, people, stored
from tests.dialects.urbany.entering import (
    STRONG,
    ask_for_link,
    details,
    get,
    links_to,
    log_in,
    post,
    reset,
    send,
    tokens_of,
)
from tests.test_parallel import at_once

pytestmark = pytest.mark.django_db

DONE = {"message": "Contraseña actualizada exitosamente"}
NO_LINK = {"token": ["El enlace no es válido, ya se usó o ha caducado: pida otro"]}
ALICE = "alice@example.com"


@pytest.fixture
def link(alice):
    """The token of the link that alice has just been mailed."""
    ask_for_link(ALICE)
    return links_to(ALICE)[-1]


@pytest.fixture
def later(monkeypatch):
    """Let time pass for whoever asks how old a signature is."""

    def later(wait):
        now = signing.time.time()
        monkeypatch.setattr(signing.time, "time", lambda: now + wait.total_seconds())

    return later


class TestFollowingTheLink:
    def test_makes_the_new_password_the_only_one(self, link):
        answer = reset(link)
        assert (answer.status_code, answer.json()) == (200, DONE)
        assert log_in(password=STRONG).status_code == 200
        assert log_in().status_code == 401

    def test_is_possible_once(self, link):
        assert reset(link).status_code == 200
        assert details(reset(link, "otros cuatro tigres 4")) == NO_LINK
        assert log_in(password=STRONG).status_code == 200

    def test_ends_every_session(self, alice, ours, link):
        pair = tokens.issue(alice.user, ours.pk)
        reset(link)
        assert get("/api/users/me/", pair.access).status_code == 401
        assert get("/api/clients/", pair.access).status_code == 401
        assert send("/api/token/refresh/", {"refresh": pair.refresh}).status_code == 401

    def test_is_too_late_after_another_link_was_followed(self, link, later):
        later(timedelta(minutes=1))
        ask_for_link(ALICE)
        first, second = links_to(ALICE)
        assert (reset(second).status_code, first) == (200, link)
        assert details(reset(first)) == NO_LINK

    def test_holds_for_an_hour(self, link, later):
        later(timedelta(minutes=59))
        assert reset(link).status_code == 200

    def test_does_not_hold_for_longer(self, link, later):
        later(timedelta(hours=1, seconds=1))
        assert details(reset(link)) == NO_LINK

    def test_is_too_late_after_another_password(self, alice, link):
        change = {"old_password": people.PASSWORD, "new_password": STRONG, "new_password_confirm": STRONG}
        assert alice.post("/api/users/change-password/", change).status_code == 200
        assert details(reset(link, "otros cuatro tigres 4")) == NO_LINK

    def test_is_too_late_after_another_address(self, alice, link):
        assert alice.patch(f"/api/users/{alice.user.pk}/", {"email": "alicia@example.com"}).status_code == 200
        assert details(reset(link)) == NO_LINK

    def test_is_in_time_after_the_address_changed_its_case(self, alice, link):
        alice.patch(f"/api/users/{alice.user.pk}/", {"email": "Alice@Example.com"})
        assert reset(link).status_code == 200

    def test_is_nothing_for_who_was_deactivated(self, alice, ours, link):
        alice.user.is_active = False
        people.writing(ours.pk, alice.user.save)
        assert details(reset(link)) == NO_LINK

    def test_is_nothing_for_who_may_act_nowhere(self, alice, ours, link):
        actions.set_active(Actor.system(ours.pk), alice.user.pk, is_active=False)
        assert details(reset(link)) == NO_LINK

    def test_is_nothing_for_who_was_deleted(self, alice, bob):
        link = make.recovery_token(bob.user)
        alice.delete(f"/api/users/{bob.user.pk}/")
        assert details(reset(link)) == NO_LINK

    def test_with_a_weak_password_leaves_it_usable(self, link):
        for weak in ("abc", "password", ALICE):
            assert list(details(reset(link, weak))) == ["new_password"]
        assert log_in().status_code == 200
        assert reset(link).status_code == 200

    def test_with_a_confirmation_that_differs_leaves_it_usable(self, link):
        body = {"token": link, "new_password": STRONG, "new_password_confirm": "otra"}
        assert details(post("password-reset", body)) == {"new_password_confirm": ["Las contraseñas no coinciden."]}
        assert reset(link).status_code == 200

    def test_leaves_the_second_factor(self, alice, phone):
        assert reset(make.recovery_token(alice.user)).status_code == 200
        answer = log_in(password=STRONG)
        assert answer.json()["two_factor_required"] is True
        assert get("/api/users/me/", tokens_of(answer)["access"]).status_code == 401

    def test_pays_for_a_password_that_somebody_else_chose(self, alice, bob, ours):
        actions.set_password(alice.actor, bob.user.pk, password="una que eligió Alice 9")
        assert reset(make.recovery_token(User.objects.get(pk=bob.user.pk))).status_code == 200
        body = {"email": "bob@example.com", "password": STRONG, "companyId": ours.pk}
        assert send("/v1/auth/login", body).json()["forcePasswordReset"] is False

    def test_gives_a_password_to_who_had_none(self, bob):
        ask_for_link("bob@example.com")
        assert reset(links_to("bob@example.com")[0]).status_code == 200
        assert log_in("bob@example.com", STRONG).status_code == 200

    def test_is_in_the_ledger_without_the_password(self, alice, link):
        reset(link)
        entry = Entry.objects.of(alice.actor).get(action="user.reset_password")
        assert (entry.user_id, entry.record_id) == (alice.user.pk, alice.user.pk)
        assert set(entry.new.values()) | set(entry.old.values()) == {"********"}


def other_end(text: str) -> str:
    """The same text, but for its last letter."""
    return text[:-1] + ("A" if text[-1] != "A" else "B")


class TestATokenThatIsNone:
    def spoilt(self, alice, link):
        claims = {"user": alice.user.pk, "stamp": alice.user.password_stamp, "email": alice.user.email_key}
        payload, when, signature = link.split(":")
        return {
            "another signature": f"{payload}:{when}:{other_end(signature)}",
            "another payload": f"{signing.dumps(claims | {'user': 0}).split(':')[0]}:{when}:{signature}",
            "another time": f"{payload}:{other_end(when)}:{signature}",
            "no time": f"{payload}:{signature}",
            "no signature": payload,
            "another use of the key": signing.dumps(claims),
            "another key": signing.dumps(claims, key="x" * 50, salt=passwords.SALT),
            "another stamp": signing.dumps(claims | {"stamp": ""}, salt=passwords.SALT),
            "a user who never was": signing.dumps(claims | {"user": 2**40}, salt=passwords.SALT),
            "an access token": alice.token,
            "colons": ":::",
            "not ASCII": f"ñandú:{when}:{signature}",
            "ASCII but the signature": f"{payload}:{when}:ñandú",
            "SQL": "' OR 1=1 --",
            "2000 characters": "x" * 2000,
        }

    def test_is_a_400_and_never_a_500(self, alice, link):
        with stored.nothing_written():
            answers = {why: reset(token) for why, token in self.spoilt(alice, link).items()}
        assert {why: details(answer) for why, answer in answers.items()} == dict.fromkeys(answers, NO_LINK)
        assert reset(link).status_code == 200

    @pytest.mark.parametrize("token", ["", " ", None, 7, "\0", "x" * 2001, ["a"]])
    def test_is_named(self, alice, token):
        assert list(details(reset(token))) == ["token"]

    def test_with_half_a_character_is_refused(self, alice):
        body = '{"token": "\\ud800", "new_password": "tres tristes 3", "new_password_confirm": "tres tristes 3"}'
        assert post("password-reset", body).status_code == 400

    def test_asks_for_its_three_fields(self, db):
        fields = ["new_password", "new_password_confirm", "token"]
        assert details(post("password-reset", {})) == dict.fromkeys(fields, ["Este campo es obligatorio."])


@pytest.mark.parallel
@pytest.mark.django_db(transaction=True)
class TestSeveralAtOnce:
    def test_with_one_link_set_one_password(self, alice):
        token = make.recovery_token(alice.user)
        chosen = [f"tres tristes tigres {which}" for which in range(6)]
        with ThreadPoolExecutor(1) as aside:
            with transaction.atomic():
                User.objects.select_for_update().get(pk=alice.user.pk)
                all_of_them = aside.submit(at_once, 6, lambda which: reset(token, chosen[which]))
                time.sleep(0.5)  # each has begun, and waits for the row
            answers = all_of_them.result(60)
        assert Counter(answer.status_code for answer in answers) == {200: 1, 400: 5}
        assert all(details(answer) == NO_LINK for answer in answers if answer.status_code == 400)
        works = [log_in(password=password).status_code == 200 for password in chosen]
        assert works == [answer.status_code == 200 for answer in answers]
