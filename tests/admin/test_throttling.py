"""The passwords that the admin asks for are counted with all others."""

import pytest
from django.test import Client

from tests import people

pytestmark = pytest.mark.django_db

WRONG = {"username": "root", "password": "wrong", "next": "/admin/"}
RIGHT = WRONG | {"password": people.PASSWORD}


def change(browser, current):
    form = {"old_password": current, "new_password1": "Otra muy larga", "new_password2": "Otra muy larga"}
    return browser.post("/admin/password_change/", form)


class TestTheLoginForm:
    def test_says_that_there_were_too_many_attempts(self, root, throttled):
        browser = Client()
        answers = [browser.post("/admin/login/", WRONG) for _ in range(4)]
        assert [b"Too many attempts" in answer.content for answer in answers] == [False, False, False, True]
        answer = browser.post("/admin/login/", RIGHT)
        assert answer.status_code == 200
        assert b"Too many attempts: try again in " in answer.content

    def test_lets_in_before(self, root, throttled):
        browser = Client()
        for _ in range(2):
            browser.post("/admin/login/", WRONG)
        assert browser.post("/admin/login/", RIGHT)["Location"] == "/admin/"

    def test_counts_together_with_the_dialects(self, root, throttled):
        for _ in range(3):
            Client().post("/admin/login/", WRONG)
        body = {"username": "root", "password": people.PASSWORD}
        assert Client().post("/api/token/", body, content_type="application/json").status_code == 429


class TestOnesOwnPassword:
    def test_is_asked_for_only_so_often(self, root, throttled):
        assert [change(root, "wrong").status_code for _ in range(3)] == [200] * 3
        assert change(root, people.PASSWORD)["Location"] == "/admin/password_change/"
        assert b"Too many attempts: try again in " in root.get("/admin/password_change/").content
        root.user.refresh_from_db()
        assert root.user.check_password(people.PASSWORD)

    def test_is_changed_before(self, root, throttled):
        for _ in range(2):
            change(root, "wrong")
        assert change(root, people.PASSWORD).status_code == 302

    def test_set_by_a_superuser_lets_its_user_log_in_at_once(
        self, root, bob, throttled, django_capture_on_commit_callbacks
    ):
        new = "Cerro de la Sal 7"
        body = {"username": "bob", "password": "wrong"}
        for _ in range(3):
            Client().post("/api/token/", body, content_type="application/json")
        with django_capture_on_commit_callbacks(execute=True):
            root.post(f"/admin/identity/user/{bob.user.pk}/password/", {"password1": new, "password2": new})
        body["password"] = new
        assert Client().post("/api/token/", body, content_type="application/json").status_code == 200
