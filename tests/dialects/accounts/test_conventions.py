"""What holds for the whole dialect: pages, errors, bodies, conditional and repeated requests, credentials."""

import json

import pytest
from django.db import OperationalError
from django.test import Client

from tests import make, stored

pytestmark = pytest.mark.django_db

ACCOUNTS, CONTACTS, OPPORTUNITIES = "/v1/accounts", "/v1/contacts", "/v1/opportunities"
LISTS = [ACCOUNTS, CONTACTS, OPPORTUNITIES, "/v1/users/invitations", "/v1/apikeys"]
JSON = "application/json"


def error(answer, status, code):
    """The error of an answer that is one, field for field."""
    assert (answer.status_code, answer["Content-Type"]) == (status, JSON), answer.content
    assert list(answer.json()) == ["error"]
    found = answer.json()["error"]
    assert (list(found), found["code"]) == (["code", "message", "details"], code)
    return found


def details(answer):
    return error(answer, 400, "VALIDATION_ERROR")["details"]


@pytest.fixture
def many(alice):
    return [make.company(alice.actor, name=f"Empresa {number:03}") for number in range(45)]


class TestAPage:
    @pytest.mark.parametrize("path", LISTS)
    def test_has_items_total_page_and_size(self, alice, path):
        page = alice.get(path).json()
        assert list(page)[:4] == ["items", "total", "page", "size"]
        assert (page["items"], page["total"], page["page"], page["size"]) == ([], 0, 1, 20)

    def test_has_every_row_once_over_all_pages(self, alice, many):
        pages = [alice.get(f"{ACCOUNTS}?page={number}").json() for number in (1, 2, 3)]
        assert [len(page["items"]) for page in pages] == [20, 20, 5]
        assert [row["id"] for page in pages for row in page["items"]] == [each.pk for each in many]
        assert {page["total"] for page in pages} == {45}

    def test_past_the_end_is_empty(self, alice, many):
        page = alice.get(f"{ACCOUNTS}?page=4&size=20").json()
        assert (page["items"], page["total"], page["page"]) == ([], 45, 4)
        assert alice.get(f"{ACCOUNTS}?page=92233720368547758").json()["items"] == []

    @pytest.mark.parametrize("path", LISTS)
    @pytest.mark.parametrize(
        "query",
        ["size=0", "size=101", "size=x", "page=0", "page=-1", "page=x", "page=1.5", "page=99999999999999999999"],
    )
    def test_that_is_none_is_400(self, alice, path, query):
        assert list(details(alice.get(f"{path}?{query}"))) == [query.partition("=")[0]]

    @pytest.mark.parametrize("path", LISTS)
    def test_with_a_parameter_that_is_unknown_is_answered(self, alice, path):
        assert alice.get(f"{path}?utm_source=x&_=1").status_code == 200

    @pytest.mark.parametrize("path", [ACCOUNTS, CONTACTS])
    def test_with_a_null_byte_in_the_search_is_400(self, alice, path):
        assert details(alice.get(f"{path}?query=a%00b")) == {"query": ["No se permiten caracteres nulos."]}

    def test_says_when_it_stopped_counting(self, alice, many, settings):
        settings.COUNT_BOUND = 30
        answer = alice.get(f"{ACCOUNTS}?query=empresa")
        assert (answer.json()["total"], answer["X-Count-Exact"]) == (30, "false")


class TestAnError:
    @pytest.mark.parametrize("path", LISTS)
    def test_without_a_token_is_401_with_a_challenge(self, client, path):
        answer = client.get(path)
        assert error(answer, 401, "NOT_AUTHENTICATED")["message"] == "Se requiere un token de acceso"
        assert answer["WWW-Authenticate"] == 'Bearer realm="api"'

    def test_without_the_permission_is_403(self, dario):
        with stored.nothing_written():
            assert error(dario.post(ACCOUNTS, {"name": "Acme"}), 403, "PERMISSION_DENIED")["details"] == {}

    @pytest.mark.parametrize("path", ["nada", "accounts/", "accounts/1/nada", "accounts/x", "accounts//1", "%00"])
    def test_of_an_unknown_path_is_404(self, alice, client, path):
        for answer in (alice.get(f"/v1/{path}"), client.get(f"/v1/{path}")):
            assert error(answer, 404, "NOT_FOUND")["message"] == "El recurso no existe"

    @pytest.mark.parametrize(
        ("method", "path", "allowed"),
        [
            ("delete", "accounts", {"GET", "POST"}),
            ("patch", "accounts/1", {"GET", "PUT", "DELETE"}),
            ("get", "opportunities/1/stage", {"PUT"}),
            ("put", "opportunities/1", {"GET"}),
            ("post", "reports/top-accounts", {"GET"}),
            ("get", "attachments/presign", {"POST"}),
        ],
    )
    def test_of_a_method_that_is_not_there_is_405_with_those_that_are(self, alice, method, path, allowed):
        answer = getattr(alice, method)(f"/v1/{path}")
        assert method.upper() in error(answer, 405, "METHOD_NOT_ALLOWED")["message"]
        assert {each.strip() for each in answer["Allow"].split(",")} == allowed

    def test_that_nobody_expected_is_500_and_tells_nothing(self, alice, monkeypatch):
        def fail(*args, **kwargs):
            raise RuntimeError("the secret of the house")

        monkeypatch.setattr("backend.modules.companies.queries.page", fail)
        found = error(alice.get(ACCOUNTS), 500, "SERVER_ERROR")
        assert (found["message"], found["details"]) == ("Error inesperado", {})

    def test_of_a_database_that_is_away_is_503_and_tells_nothing(self, alice, monkeypatch):
        def fail(*args, **kwargs):
            raise OperationalError("connection to 10.1.2.3 refused")

        monkeypatch.setattr("backend.modules.companies.queries.page", fail)
        assert "10.1.2.3" not in str(error(alice.get(ACCOUNTS), 503, "UNAVAILABLE"))


class TestABody:
    @pytest.mark.parametrize("body", [b"hola", b'{"name": "Ac', b'{"name": "\\ud800"}', b'{"a": NaN}', b"{}{}"])
    def test_that_is_no_json_is_400(self, alice, body):
        with stored.nothing_written():
            assert alice.post(ACCOUNTS, body).status_code == 400

    @pytest.mark.parametrize("body", [[], "texto", 1, True, None])
    def test_that_is_no_object_is_400(self, alice, body):
        assert details(alice.post(ACCOUNTS, json.dumps(body).encode())) == {"body": ["Se esperaba un objeto."]}

    def test_that_is_empty_lacks_each_required_field(self, alice):
        assert details(alice.post(CONTACTS, b"")) == {"firstName": ["Este campo es obligatorio."]}

    def test_lists_every_reason_by_field_as_the_caller_spells_it(self, alice):
        body = {"accountId": "x", "amount": -1, "expectedCloseDate": "ayer", "company_id": 1}
        assert details(alice.post(OPPORTUNITIES, body)) == {
            "accountId": ["Debe ser un número entero."],
            "title": ["Este campo es obligatorio."],
            "amount": ["Debe ser mayor o igual que 0."],
            "stage": ["Este campo es obligatorio."],
            "expectedCloseDate": ["Debe ser una fecha AAAA-MM-DD que exista."],
            "company_id": ["Este campo no existe."],
        }

    def test_of_another_type_is_415(self, alice):
        headers = {"Authorization": f"Bearer {alice.token}"}
        with stored.nothing_written():
            answer = Client().post(ACCOUNTS, b"name=Acme", content_type="text/plain", headers=headers)
        error(answer, 415, "UNSUPPORTED_MEDIA_TYPE")

    def test_with_any_letter_comes_back_as_it_was(self, alice):
        text = "Ñandú 日本 🎉 \u202e<b>'; DROP TABLE companies; --\u2028x"
        made = alice.post(ACCOUNTS, {"name": text, "notes": text + "\n\ty"}).json()
        assert made["notes"] == text + "\n\ty"


class TestAKeyOfIdempotency:
    def test_makes_a_repeated_call_once(self, alice):
        body = {"firstName": "Ana"}
        first, second = (alice.post(CONTACTS, body, Idempotency_Key="k-1") for _ in range(2))
        assert (second.status_code, second.json(), second["Idempotent-Replay"]) == (201, first.json(), "true")
        assert alice.get(CONTACTS).json()["total"] == 1

    def test_of_another_call_is_422(self, alice):
        alice.post(CONTACTS, {"firstName": "Ana"}, Idempotency_Key="k-1")
        other = alice.post(CONTACTS, {"firstName": "Eva"}, Idempotency_Key="k-1")
        error(other, 422, "IDEMPOTENCY_KEY_REUSED")


class TestATokenOfAnotherDialect:
    def test_works_here_too(self, alice):
        login = {"username": "alice", "password": "correct horse battery"}
        token = Client().post("/api/token/", login, content_type=JSON).json()["access"]
        assert Client().get(ACCOUNTS, headers={"Authorization": f"Bearer {token}"}).status_code == 200
