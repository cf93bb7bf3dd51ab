"""Who has a second factor enters the admin with a code as well; others enter as before."""

import re

import pyotp
import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from backend.core.actor import Actor
from backend.modules.identity import second_factors
from backend.modules.identity.actions.second_factors import set_up, verify
from backend.modules.identity.models import SecondFactor, User
from backend.modules.ledger.models import Entry
from tests import make, people
from tests.admin.pages import address

ASKED = b"Two-factor is on: enter a one-time code or a recovery code as well."
WRONG = b"The code is not right, or was used before."


@pytest.fixture
def code(root):
    """The current code of the superuser's, whose second factor is on."""
    return make.code_of(root.user)


def log_in(code: str | None = None, password: str = people.PASSWORD, browser: Client | None = None):
    form = {"username": "root", "password": password, "next": "/admin/"}
    return (browser or Client()).post("/admin/login/", form if code is None else form | {"code": code})


class TestTheLoginPage:
    def test_asks_for_name_password_and_code_of_whoever_comes(self, client, db):
        page = client.get("/admin/login/").content.decode()
        assert [name in page for name in ('name="username"', 'name="password"', 'name="code"')] == [True] * 3
        assert "One-time code, if two-factor is on" in page

    def test_lets_in_with_the_code(self, code):
        browser = Client()
        assert log_in(code, browser=browser)["Location"] == "/admin/"
        assert browser.get("/admin/").status_code == 200

    def test_takes_it_with_the_space_that_authenticators_show(self, code):
        assert log_in(f" {code[:3]} {code[3:]}").status_code == 302

    @pytest.mark.parametrize("given", [None, "", "  "])
    def test_asks_for_a_code_that_is_missing_and_opens_no_session(self, code, given):
        sessions = Session.objects.count()
        browser = Client()
        assert ASKED in log_in(given, browser=browser).content
        assert browser.get("/admin/").status_code == 302
        assert Session.objects.count() == sessions

    @pytest.mark.parametrize("given", ["000000x", "k3f9-x2mq-7trw", "ñ€", "1" * 40])
    def test_refuses_a_wrong_one_and_opens_no_session(self, code, given):
        sessions = Session.objects.count()
        browser = Client()
        assert WRONG in log_in(given, browser=browser).content
        assert browser.get("/admin/").status_code == 302
        assert Session.objects.count() == sessions

    @pytest.mark.parametrize("given", ["1" * 41, "12\x0034"])
    def test_refuses_what_can_be_no_code(self, code, given):
        assert log_in(given).status_code == 200

    @pytest.mark.parametrize("given", [None, "000000x", "right"])
    def test_says_nothing_of_codes_before_the_password_is_right(self, code, given):
        text = log_in(code if given == "right" else given, password="wrong").content
        assert b"Please enter the correct" in text
        assert ASKED not in text
        assert WRONG not in text
        assert SecondFactor.objects.get().last_step == 0, "the code is not used up"

    def test_takes_each_code_once(self, code):
        assert log_in(code).status_code == 302
        assert WRONG in log_in(code).content

    def test_takes_no_code_that_a_dialect_took(self, root, ours, code):
        verify(Actor(workspace_id=ours.pk, user_id=root.user.pk), code)
        assert WRONG in log_in(code).content

    def test_takes_a_recovery_code_once_and_the_ledger_has_it(self, root, ours):
        own = Actor(workspace_id=ours.pk, user_id=root.user.pk, username="root")
        secret = set_up(own).secret
        spare = verify(own, pyotp.TOTP(secret).now()).recovery_codes[0]
        assert log_in(spare).status_code == 302
        entry = Entry.objects.of(own).latest("pk")
        assert (entry.verb, entry.action, entry.username) == ("secondfactor.updated", "second_factor.verify", "root")
        assert WRONG in log_in(spare).content

    def test_lets_somebody_in_who_is_in_no_workspace(self, db):
        lone = User(username="lone", email="lone@example.com", is_staff=True)
        lone.set_password(people.PASSWORD)
        people.writing(None, lone.save)
        form = {"username": "lone", "password": people.PASSWORD, "code": make.code_of(lone), "next": "/admin/"}
        assert Client().post("/admin/login/", form).status_code == 302

    def test_asks_nobody_whose_second_factor_is_only_set_up(self, root, ours):
        set_up(Actor(workspace_id=ours.pk, user_id=root.user.pk))
        assert log_in().status_code == 302

    def test_heeds_no_code_of_who_has_no_second_factor(self, root):
        assert log_in("123456").status_code == 302

    def test_still_lets_nobody_in_who_is_no_staff(self, alice):
        form = {"username": "alice", "password": people.PASSWORD, "code": make.code_of(alice.user)}
        assert b"staff account" in Client().post("/admin/login/", form).content


class TestCodes:
    def test_are_tried_only_so_often(self, throttled, code):
        throttled.THROTTLE_PER_ADDRESS = 0
        answers = [log_in("000000x").content for _ in range(4)]
        assert [WRONG in each for each in answers] == [True, True, True, False]
        assert b"Too many attempts: try again in " in log_in(code).content
        assert SecondFactor.objects.get().last_step == 0, "no code is looked at"

    def test_that_are_missing_do_not_count(self, throttled, code):
        throttled.THROTTLE_PER_ADDRESS = 0
        for _ in range(5):
            assert ASKED in log_in().content
        assert log_in(code).status_code == 302

    def test_are_counted_together_with_the_dialects(self, root, throttled, ours, code):
        throttled.THROTTLE_PER_ADDRESS = 0
        for _ in range(3):
            log_in("000000x")
        body = {"email": "root@example.com", "password": people.PASSWORD}
        session = Client().post("/api/auth/login/", body, content_type="application/json").json()
        headers = {"Authorization": f"Bearer {session['tokens']['access']}"}
        answer = Client().post(
            "/api/auth/two-factor/", {"code": code}, content_type="application/json", headers=headers
        )
        assert answer.status_code == 429


class TestTheUserPage:
    def test_says_whether_there_is_one(self, root, bob):
        page = address(User, bob.user.pk, "change")
        assert shown(root, page) is False
        make.code_of(bob.user)
        assert shown(root, page) is True

    def test_shows_nothing_else_of_it(self, root, bob):
        make.code_of(bob.user)
        factor = SecondFactor.objects.get()
        text = root.get(address(User, bob.user.pk, "change")).content.decode()
        assert factor.sealed_secret not in text
        assert root.get(address(SecondFactor)).status_code == 404

    def test_does_not_let_it_be_changed(self, root, bob):
        make.code_of(bob.user)
        form = {"first_name": "Bob", "last_name": "", "is_active": "on", "second_factor": ""}
        assert root.post(address(User, bob.user.pk, "change"), form).status_code == 302
        assert second_factors.is_owed(bob.user)


def shown(browser: Client, page: str) -> bool:
    """What the page says about the second factor."""
    fields = [field for fieldset in browser.get(page).context["adminform"] for line in fieldset for field in line]
    read_only = {each.field["name"]: each.contents() for each in fields if getattr(each, "is_readonly", False)}
    return re.search(r'title="(\w+)"', read_only["second_factor"])[1] == "True"
