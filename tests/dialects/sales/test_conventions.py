"""What holds for the whole dialect: envelope, pages, ordering, errors in Spanish that leave nothing half-written."""

import json

import pytest
from django.db import OperationalError
from django.test import Client

from tests import make, stored

pytestmark = pytest.mark.django_db

COMPANIES, CLIENTS = "/api/v1/empresas/", "/api/v1/clientes/"
LISTS = [COMPANIES, CLIENTS, "/api/v1/oportunidades/", "/api/v1/actividades/", "/api/v1/auth/usuarios/"]
JSON = "application/json"


def error(answer, status, code):
    """The error of an answer that is one, field for field."""
    assert (answer.status_code, answer["Content-Type"]) == (status, JSON), answer.content
    body = answer.json()
    assert (list(body), body["success"]) == (["success", "error"], False)
    assert list(body["error"]) == ["code", "message", "details"]
    assert body["error"]["code"] == code
    return body["error"]


def details(answer):
    return error(answer, 400, "VALIDATION_ERROR")["details"]


@pytest.fixture
def many(alice):
    return [make.company(alice.actor, name=f"Empresa {number:03}") for number in range(105)]


class TestAnAnswer:
    def test_has_success_data_and_message_in_this_order(self, alice):
        answer = alice.post(COMPANIES, {"nombre": "Acme"})
        assert answer["Content-Type"] == JSON
        assert list(answer.json()) == ["success", "data", "message"]
        path = f"{COMPANIES}{answer.json()['data']['id']}/"
        assert list(alice.get(path).json()) == ["success", "data", "message"]
        assert list(alice.patch(path, {"notas": "x"}).json()) == ["success", "data", "message"]
        assert list(alice.delete(path).json()) == ["success", "message"]

    def test_to_a_read_carries_the_version_that_if_match_takes(self, alice):
        company = make.company(alice.actor)
        path = f"{COMPANIES}{company.pk}/"
        tag = alice.get(path)["ETag"]
        assert alice.patch(path, {"notas": "x"}, If_Match=tag).status_code == 200
        stale = alice.patch(path, {"notas": "y"}, If_Match=tag)
        assert (stale.status_code, stale.json()["data"]["notas"]) == (412, "x")


class TestAPage:
    @pytest.mark.parametrize("path", LISTS)
    def test_has_the_documented_keys_first_and_links_that_are_null_at_the_ends(self, alice, path):
        page = alice.get(path).json()
        assert list(page)[:6] == ["count", "next", "previous", "success", "data", "message"]
        assert (page["next"], page["previous"], page["success"]) == (None, None, True)
        assert page["message"] == "Listado obtenido exitosamente"

    def test_has_twenty_rows_and_links_its_neighbours_with_the_filters(self, alice, many):
        first = alice.get(f"{COMPANIES}?search=empresa&ordering=-nombre").json()
        assert (first["count"], len(first["data"])) == (105, 20)
        assert first["next"] == f"http://testserver{COMPANIES}?search=empresa&ordering=-nombre&page=2"
        second = alice.get(first["next"]).json()
        assert second["previous"] == f"http://testserver{COMPANIES}?search=empresa&ordering=-nombre"
        assert second["data"][0]["nombre"] == "Empresa 084"

    def test_has_every_row_once_over_all_pages(self, alice, many):
        seen, address = [], COMPANIES
        while address:
            page = alice.get(address).json()
            seen, address = seen + [row["id"] for row in page["data"]], page["next"]
        assert seen == [each.pk for each in many]

    @pytest.mark.parametrize("path", LISTS)
    def test_has_at_most_a_hundred_rows(self, alice, path):
        assert alice.get(f"{path}?page_size=100").status_code == 200
        assert details(alice.get(f"{path}?page_size=101")) == {"page_size": ["Debe ser menor o igual que 100."]}
        assert details(alice.get(f"{path}?page_size=0")) == {"page_size": ["Debe ser mayor o igual que 1."]}
        assert details(alice.get(f"{path}?page_size=x")) == {"page_size": ["Debe ser un número entero."]}

    def test_of_a_hundred_has_a_hundred(self, alice, many):
        page = alice.get(f"{COMPANIES}?page_size=100").json()
        assert (len(page["data"]), page["next"]) == (100, f"http://testserver{COMPANIES}?page_size=100&page=2")

    @pytest.mark.parametrize("path", LISTS)
    @pytest.mark.parametrize("number", ["99", "0", "-1", "x", "1.5", "", str(2**63), "9" * 400])
    def test_that_is_not_there_is_404(self, alice, path, number):
        assert error(alice.get(f"{path}?page={number}"), 404, "NOT_FOUND")["message"] == "La página no existe"


class TestAnOrdering:
    @pytest.mark.parametrize("path", LISTS[:4])
    @pytest.mark.parametrize("ordering", ["name", "--id", "-", "id;drop", "id,nada", "workspace__name"])
    def test_that_is_unknown_is_400(self, alice, path, ordering):
        [reason] = details(alice.get(f"{path}?ordering={ordering}"))["ordering"]
        assert reason.endswith("no es una opción válida.")

    def test_takes_several_fields_with_signs_and_spaces(self, alice):
        for name, employees in (("A", 1), ("B", 2), ("C", 2)):
            make.company(alice.actor, name=name, employees=employees)
        rows = alice.get(f"{COMPANIES}?ordering=-num_empleados,%20nombre").json()["data"]
        assert [row["nombre"] for row in rows] == ["B", "C", "A"]


class TestAnError:
    def test_of_validation_lists_reasons_by_field(self, alice):
        answer = alice.post(CLIENTS, {"nombre_completo": " ", "email": "no", "telefono": 5, "otro": 1})
        found = error(answer, 400, "VALIDATION_ERROR")
        assert found["message"] == "Los datos proporcionados no son válidos"
        assert found["details"] == {
            "nombre_completo": ["Este campo no puede estar vacío."],
            "empresa_id": ["Este campo es obligatorio."],
            "telefono": ["Debe ser un texto."],
            "email": ["Debe ser un correo electrónico válido."],
            "otro": ["Este campo no existe."],
        }

    @pytest.mark.parametrize("path", LISTS)
    def test_without_a_token_is_401_with_a_challenge(self, client, path):
        answer = client.get(path)
        assert error(answer, 401, "UNAUTHORIZED")["message"] == "Se requiere un token de acceso"
        assert answer["WWW-Authenticate"] == 'Bearer realm="api"'

    def test_without_the_permission_is_403(self, dario):
        with stored.nothing_written():
            found = error(dario.post(COMPANIES, {"nombre": "Acme"}), 403, "PERMISSION_DENIED")
        assert found == {
            "code": "PERMISSION_DENIED", "message": "No tiene permiso para realizar esta acción", "details": {},
        }  # fmt: skip

    @pytest.mark.parametrize("path", ["", "nada/", "empresas/1/nada/", "empresas/x/", "empresas//", "%00/"])
    def test_of_an_unknown_path_is_404(self, alice, client, path):
        for answer in (alice.get(f"/api/v1/{path}"), client.get(f"/api/v1/{path}")):
            assert error(answer, 404, "NOT_FOUND")["message"] == "El recurso no existe"

    @pytest.mark.parametrize(
        ("method", "path", "allowed"),
        [
            ("delete", "empresas/", {"GET", "POST"}),
            ("put", "empresas/1/", {"GET", "PATCH", "DELETE"}),
            ("get", "actividades/1/completar/", {"PATCH"}),
            ("post", "reportes/ventas/", {"GET"}),
            ("get", "auth/login/", {"POST"}),
        ],
    )
    def test_of_a_method_that_is_not_there_is_405_with_those_that_are(self, alice, method, path, allowed):
        answer = getattr(alice, method)(f"/api/v1/{path}")
        assert method.upper() in error(answer, 405, "METHOD_NOT_ALLOWED")["message"]
        assert {each.strip() for each in answer["Allow"].split(",")} == allowed

    def test_that_nobody_expected_is_500_and_tells_nothing(self, alice, monkeypatch, caplog):
        def fail(*args, **kwargs):
            raise RuntimeError("the secret of the house")

        monkeypatch.setattr("backend.modules.companies.queries.page", fail)
        found = error(alice.get(COMPANIES), 500, "SERVER_ERROR")
        assert found == {"code": "SERVER_ERROR", "message": "Error inesperado", "details": {}}
        assert "the secret of the house" in caplog.text

    def test_of_a_database_that_is_away_is_503_and_tells_nothing(self, alice, monkeypatch):
        def fail(*args, **kwargs):
            raise OperationalError("connection to 10.1.2.3 refused")

        monkeypatch.setattr("backend.modules.companies.queries.page", fail)
        assert "10.1.2.3" not in str(error(alice.get(COMPANIES), 503, "SERVICE_UNAVAILABLE"))

    def test_in_the_middle_of_a_write_leaves_nothing(self, alice, monkeypatch):
        def fail(*args, **kwargs):
            raise RuntimeError

        monkeypatch.setattr("backend.core.tally.count", fail)
        with stored.nothing_written():
            assert alice.post(COMPANIES, {"nombre": "Acme"}).status_code == 500

    def test_of_a_missing_slash_is_a_308_that_keeps_the_query(self, alice):
        answer = alice.get("/api/v1/empresas?page=2")
        assert (answer.status_code, answer["Location"]) == (308, "/api/v1/empresas/?page=2")


class TestABody:
    @pytest.mark.parametrize(
        "body",
        [
            b"hola", b'{"nombre": "Ac', b"{'nombre': 'Acme'}", '{"nombre": "José"}'.encode("latin-1"),
            '{"nombre": "Acme"}'.encode("utf-16"), b'{"num_empleados": NaN}', b'{"nombre": "\\ud800"}',
            b'{"nombre": "a\x00b"}', b"[" * 100_000, b"{}{}",
        ],
    )  # fmt: skip
    def test_that_is_no_json_in_utf_8_is_400(self, alice, body):
        with stored.nothing_written():
            assert error(alice.post(COMPANIES, body), 400, "VALIDATION_ERROR")["details"] == {}

    @pytest.mark.parametrize("body", [[], "texto", 1, True, None])
    def test_that_is_no_object_is_400(self, alice, body):
        answer = alice.post(COMPANIES, json.dumps(body).encode())
        assert details(answer) == {"body": ["Se esperaba un objeto."]}

    def test_that_is_empty_lacks_each_required_field(self, alice):
        assert details(alice.post(COMPANIES, b"")) == {"nombre": ["Este campo es obligatorio."]}

    def test_of_another_type_is_415(self, alice):
        headers = {"Authorization": f"Bearer {alice.token}"}
        for kind in ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain"):
            with stored.nothing_written():
                answer = Client().post(COMPANIES, b"nombre=Acme", content_type=kind, headers=headers)
            error(answer, 415, "UNSUPPORTED_MEDIA_TYPE")

    def test_that_is_too_large_is_413(self, alice):
        with stored.nothing_written():
            error(alice.post(COMPANIES, {"nombre": "Acme", "notas": "x" * 3_000_000}), 413, "PAYLOAD_TOO_LARGE")

    @pytest.mark.parametrize("field", ["nombre", "notas", "direccion", "sitio_web"])
    def test_with_a_null_byte_names_its_field(self, alice, field):
        with stored.nothing_written():
            answer = alice.post(COMPANIES, {"nombre": "Acme", field: "a\0b"})
        assert list(details(answer)) == [field]

    @pytest.mark.parametrize("number", ["9" * 30, str(2**63), str(2**64), "1e300", "1e400", "-1", "1.5"])
    @pytest.mark.parametrize(("path", "field"), [(COMPANIES, "num_empleados"), (CLIENTS, "empresa_id")])
    def test_with_a_number_out_of_range_is_400(self, alice, path, field, number):
        body = f'{{"nombre": "Acme", "{field}": {number}}}'.encode()
        with stored.nothing_written():
            found = details(alice.post(path, body))
        assert not found or field in found

    def test_with_any_letter_comes_back_as_it_was(self, alice):
        text = "Ñandú 日本 🎉 \u202e<b>'; DROP TABLE companies; --\u2028x"
        assert (
            alice.post(COMPANIES, {"nombre": text, "notas": text + "\n\ty"}).json()["data"]["notas"] == text + "\n\ty"
        )


class TestAQuery:
    @pytest.mark.parametrize("path", LISTS)
    def test_with_a_parameter_that_is_unknown_is_answered(self, alice, path):
        assert alice.get(f"{path}?utm_source=x&_=1").status_code == 200

    @pytest.mark.parametrize("path", [COMPANIES, CLIENTS])
    def test_with_a_null_byte_in_the_search_is_400(self, alice, path):
        assert details(alice.get(f"{path}?search=a%00b")) == {"search": ["No se permiten caracteres nulos."]}

    @pytest.mark.parametrize("term", ["'", '"', "%", "_", "\\", "*", "a OR b", "NEAR(", "x" * 5000, "🎉", "-", "   "])
    def test_searches_for_signs_as_they_are(self, alice, term):
        make.company(alice.actor, name="Acme")
        answer = alice.client.get(COMPANIES, {"search": term}, headers={"Authorization": f"Bearer {alice.token}"})
        assert answer.status_code == 200
        assert answer.json()["count"] == (0 if term.strip() else 1)
