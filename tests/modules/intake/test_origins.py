"""Which pages may send a form, and read what it is answered."""

import pytest
from django.test import Client

from tests import stored
from tests.modules.intake import sending
from tests.modules.intake.sending import PAGE, form, submit

pytestmark = pytest.mark.django_db

OTHERS = ["https://evil.example", "http://www.example.com", "https://www.example.com:8443", "null"]


def ask(token: str, origin: str, path: str = "/leads/intake/web/"):
    """What a browser asks before a page sends JSON."""
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    return Client().options(f"{path}{token}", headers=asked | {"Origin": origin})


class TestABrowserThatAsks:
    def test_is_let_through_from_a_page_of_ours(self, door):
        answer = ask(door.web_form_token, PAGE)
        assert (answer.status_code, answer["Access-Control-Allow-Origin"]) == (204, PAGE)
        assert (answer["Access-Control-Allow-Methods"], answer["Access-Control-Allow-Headers"]) == (
            "POST",
            "content-type",
        )
        assert "Access-Control-Allow-Credentials" not in answer
        assert "Origin" in answer["Vary"]

    @pytest.mark.parametrize("origin", OTHERS)
    def test_is_not_let_through_from_any_other(self, door, origin):
        answer = ask(door.web_form_token, origin)
        assert [name for name in answer.headers if name.startswith("Access-Control")] == []

    def test_is_not_let_through_to_another_workspace(self, theirs, door):
        other = sending.set_up(theirs.pk, web_form_origins=["https://theirs.example"])
        assert "Access-Control-Allow-Origin" not in ask(other.web_form_token, PAGE)

    def test_is_not_let_through_by_what_the_server_allows_for_the_rest(self, door, settings):
        settings.CORS_ALLOW_ALL_ORIGINS = True
        assert "Access-Control-Allow-Origin" not in ask(door.web_form_token, OTHERS[0])
        assert "Access-Control-Allow-Origin" not in ask(door.whatsapp_token, OTHERS[0], "/leads/intake/whatsapp/")
        assert "Access-Control-Allow-Origin" in ask("", OTHERS[0], "/leads")

    @pytest.mark.parametrize("token", ["", "x", "999999-0"])
    def test_at_no_address_is_not_let_through(self, door, token):
        assert "Access-Control-Allow-Origin" not in ask(token, PAGE)


class TestAPage:
    def test_of_ours_reads_the_answer(self, door):
        answer = submit(door.web_form_token, form())
        assert (answer.status_code, answer["Access-Control-Allow-Origin"]) == (200, PAGE)
        assert "Origin" in answer["Vary"]

    @pytest.mark.parametrize("origin", OTHERS)
    def test_of_any_other_is_refused_and_reads_nothing(self, door, origin):
        with stored.nothing_written():
            answer = submit(door.web_form_token, form(), origin=origin)
        assert answer.status_code == 403
        assert "Access-Control-Allow-Origin" not in answer

    def test_of_any_is_refused_where_none_is_named(self, ours):
        token = sending.set_up(ours.pk, web_form_origins=[]).web_form_token
        assert submit(token, form()).status_code == 403
        assert submit(token, form(), origin=None).status_code == 200
