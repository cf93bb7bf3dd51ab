"""POST /auth/login by form, as OAuth2's password flow sends it; GET /auth/me; errors as FastAPI sends them."""

import json

import pytest
from django.test import Client

from tests import make, people
from tests.dialects.leads.conftest import faults

pytestmark = pytest.mark.django_db

FORM = {"username": "alice", "password": people.PASSWORD}
MISSING = ["body", "username"], ["body", "password"]


def log_in(client, **form):
    return client.post("/auth/login", FORM | form)


class TestLogin:
    def test_answers_a_bearer_token_that_counts_in_every_dialect(self, client, alice):
        answer = log_in(client)
        assert (answer.status_code, list(answer.json())) == (200, ["access_token", "token_type"])
        assert answer.json()["token_type"] == "bearer"
        headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
        for path in ("/auth/me", "/api/v1/clientes/", "/v1/contacts", "/api/users/me/", "/api/me/"):
            assert client.get(path, headers=headers).status_code == 200, path

    def test_takes_what_the_swagger_page_sends(self, client, alice):
        form = FORM | {"grant_type": "password", "scope": "", "client_id": "", "client_secret": ""}
        headers = {"Authorization": "Basic Og==", "X-Requested-With": "XMLHttpRequest"}
        assert client.post("/auth/login", form, headers=headers).status_code == 200

    def test_takes_a_multipart_form_and_the_name_in_any_case(self, client, alice):
        assert client.post("/auth/login", FORM | {"username": " ALICE "}).status_code == 200

    @pytest.mark.parametrize("wrong", [{"password": "otra"}, {"username": "nadie"}, {"password": "x" * 4096}])
    def test_that_is_wrong_says_only_so(self, client, alice, wrong):
        answer = log_in(client, **wrong)
        assert (answer.status_code, answer.json()) == (401, {"detail": "Incorrect username or password"})
        assert answer.headers["WWW-Authenticate"] == "Bearer"

    @pytest.mark.parametrize(
        ("form", "expected"),
        [
            ({}, [(MISSING[0], "missing"), (MISSING[1], "missing")]),
            ({"username": "alice"}, [(MISSING[1], "missing")]),
            ({"username": "", "password": "x"}, [(MISSING[0], "string_too_short")]),
            (FORM | {"grant_type": "refresh_token"}, [(["body", "grant_type"], "literal_error")]),
        ],
    )
    def test_that_lacks_something_is_a_422(self, client, alice, form, expected):
        assert faults(client.post("/auth/login", form)) == expected

    def test_by_json_lacks_both(self, client, alice):
        answer = client.post("/auth/login", FORM, content_type="application/json")
        assert [location for location, _ in faults(answer)] == list(MISSING)

    def test_of_who_may_not_act_is_a_403(self, client, alice, bob, ours):
        dario = people.person("dario", ours, "user", password=people.PASSWORD)
        alice.patch(f"/users/{dario.user.pk}", {"is_active": False})
        assert log_in(client, username="dario").status_code == 403

    def test_is_throttled(self, client, alice, throttled):
        for _ in range(3):
            assert log_in(client, password="otra").status_code == 401  # noqa: S106
        answer = log_in(client)
        assert (answer.status_code, list(answer.json())) == (429, ["detail"])
        assert int(answer.headers["Retry-After"]) > 0

    def test_that_owes_a_second_factor_opens_nothing_here(self, client, alice):
        make.code_of(alice.user)
        token = log_in(client).json()["access_token"]
        for path in ("/auth/me", "/leads", "/users"):
            answer = client.get(path, headers={"Authorization": f"Bearer {token}"})
            assert (answer.status_code, list(answer.json())) == (401, ["detail"]), path


class TestMe:
    def test_is_who_calls(self, bob):
        assert bob.get("/auth/me").json().items() >= {
            "id": bob.user.pk, "username": "bob", "email": "bob@example.com", "full_name": "Bob Example",
            "role": "sales", "is_active": True,
        }.items()  # fmt: skip

    def test_needs_a_token(self, client):
        answer = client.get("/auth/me")
        assert (answer.status_code, answer.json()) == (401, {"detail": "Not authenticated"})
        answer = client.get("/auth/me", headers={"Authorization": "Bearer nothing"})
        assert (answer.status_code, answer.json()) == (401, {"detail": "Could not validate credentials"})


class TestWhatIsNoOperation:
    @pytest.mark.parametrize(
        "path", ["/leads/abc", "/leads/1/x", "/clients/1/leads", "/users/0x1", "/audit-logs/x", "/auth"]
    )
    def test_is_not_found_in_this_dialect(self, alice, path):
        answer = alice.get(path)
        assert (answer.status_code, answer.json()) == (404, {"detail": "Not found"})

    @pytest.mark.parametrize("method", ["put", "delete", "head", "options"])
    def test_is_a_method_that_is_not_there(self, alice, method):
        answer = alice.call(method, "/leads")
        assert (answer.status_code, set(answer.headers["Allow"].split(", "))) == (405, {"GET", "POST"})
        assert method == "head" or answer.json() == {"detail": "Method Not Allowed"}

    @pytest.mark.parametrize("path", ["/leads/", "/clients/search/?q=a/b%20c/", "/clients/by-phone/0412%203/"])
    def test_with_a_slash_at_its_end_leads_to_where_it_is_without(self, alice, path):
        answer = alice.get(path)
        assert answer.status_code == 308
        start, slash, query = path.partition("/?") if "?" in path else (path[:-1], "", "")
        assert answer.headers["Location"] == (f"{start}?{query}" if slash else start)

    def test_with_a_slash_keeps_method_and_body(self, alice, juan):
        sent_on = alice.post("/clients/", juan)
        assert (sent_on.status_code, sent_on.headers["Location"]) == (308, "/clients")
        assert alice.post(sent_on.headers["Location"], juan).status_code == 201

    @pytest.mark.parametrize("path", ["/leads/abc/", "/nothing/", "/leadsx/"])
    def test_with_a_slash_that_leads_nowhere_is_not_found(self, alice, path):
        assert alice.get(path).status_code == 404


class TestABody:
    @pytest.mark.parametrize("text", [b"{", b"\xff", b'{"a": NaN}'])
    def test_that_is_no_json_is_a_422(self, alice, text):
        headers = {"Authorization": f"Bearer {alice.token}"}
        answer = Client().post("/clients", text, content_type="application/json", headers=headers)
        [(location, kind)] = faults(answer)
        assert (location, kind) == (["body"], "json_invalid")

    @pytest.mark.parametrize("body", [[], "x", 7, None])
    def test_that_is_no_object_is_a_422(self, alice, body):
        headers = {"Authorization": f"Bearer {alice.token}"}
        answer = Client().post("/clients", json.dumps(body), content_type="application/json", headers=headers)
        assert faults(answer)
