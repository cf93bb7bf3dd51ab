"""The documentation of every dialect: a document that tells the truth, and pages that lead from one to another."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from ninja.openapi.schema import OpenAPISchema

from backend.api import DIALECTS
from backend.dialects.base import Dialect
from backend.dialects.documentation import KINDS
from tests import calls, operations, source
from tests.calls import World
from tests.operations import Operation

STATIC = source.ROOT / "backend" / "static" / "crisol"
TOKEN_PLACE = re.compile(r"body((?:\?\.\w+)+)")
TYPES = {"string": str, "integer": int, "number": int | float, "boolean": bool, "null": type(None)}
LOGINS = [row for row in operations.built() if row.is_public and re.search(r"/(login|token)/?$", row.path)]

pytestmark = pytest.mark.django_db
dialects = pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
kinds = pytest.mark.parametrize("kind", KINDS)
rows = pytest.mark.parametrize("row", operations.built(), ids=str)


@pytest.fixture
def here(alice) -> World:
    return calls.world(alice, "zarzamora")


def address(dialect: Dialect, kind: str) -> str:
    return {"swagger": f"/docs/{dialect.name}/", "redoc": f"/docs/{dialect.name}/redoc/"}[kind]


class TestTheDocument:
    @dialects
    def test_has_the_documented_operations_that_are_mounted(self, client, dialect):
        document = client.get(f"/docs/{dialect.name}/openapi.json").json()
        found = {
            f"{dialect.name} {method.upper()} {operations.normalised(path)}"
            for path, methods in document["paths"].items()
            for method in methods
        }
        assert found == {str(row) for row in operations.built() if row.dialect == dialect.name}

    @dialects
    def test_refers_to_nothing_that_it_lacks(self, dialect):
        document = operations.document(dialect.name)
        assert _referred_to(document) <= set(document["components"]["schemas"])

    @dialects
    def test_has_each_name_for_one_shape_alone(self, dialect, monkeypatch):
        """Of two with the same name, ninja would show the one that came last in the place of both."""
        names: set[str] = set()

        def add(schema: OpenAPISchema, definitions: dict[str, Any]) -> None:
            names.update(name for name, shape in definitions.items() if schema.schemas.get(name, shape) != shape)
            schema.schemas.update(definitions)

        monkeypatch.setattr(OpenAPISchema, "add_schema_definitions", add)
        assert names & _referred_to(dialect.api.get_openapi_schema()) == set()

    @rows
    def test_shows_an_answer_as_it_is_sent(self, row: Operation, here: World):
        answer = calls.send(row, calls.of(row, here), here.owner.token)
        content = operations.published()[str(row)]["responses"][answer.status_code].get("content", {})
        assert answer.status_code == row.status, answer.content
        if "application/json" in content:
            schemas = operations.document(row.dialect)["components"]["schemas"]
            assert list(_strays(content["application/json"]["schema"], answer.json(), "", schemas)) == []
        elif content or answer.content:
            assert answer["Content-Type"].partition(";")[0] == "".join(content)


class TestAPage:
    @dialects
    @kinds
    def test_leads_to_the_same_page_of_every_dialect(self, client, dialect, kind):
        links = _links(client, address(dialect, kind), "Dialects")
        assert links == {each.name: address(each, kind) for each in DIALECTS}
        assert _current(client, address(dialect, kind), "Dialects") == [dialect.name]

    @dialects
    @kinds
    def test_leads_to_the_other_forms_of_the_same_dialect(self, client, dialect, kind):
        links = _links(client, address(dialect, kind), "Forms of this documentation")
        pages = {title: address(dialect, each) for each, title in KINDS.items()}
        assert links == pages | {"OpenAPI": f"/docs/{dialect.name}/openapi.json"}
        assert _current(client, address(dialect, kind), "Forms of this documentation") == [KINDS[kind]]

    @dialects
    @kinds
    def test_reads_the_document_of_its_dialect(self, client, dialect, kind):
        text = client.get(address(dialect, kind)).content.decode()
        assert re.findall(r'data-openapi="([^"]*)"', text) == [f"/docs/{dialect.name}/openapi.json"]


class TestTheDocumentedAddresses:
    @pytest.mark.parametrize("row", operations.pages(), ids=str)
    def test_have_what_the_contract_says(self, client, row: Operation):
        dialect = operations.BUILT[row.dialect]
        kind = {title: kind for kind, title in KINDS.items()}.get(row.note)
        twin = address(dialect, kind) if kind else f"/docs/{row.dialect}/openapi.json"
        assert client.get(row.path).content == client.get(twin).content
        assert client.get(row.path)["Content-Type"] == client.get(twin)["Content-Type"]

    def test_of_a_document_answers_json(self, client):
        answer = client.get("/api/schema/")
        assert answer["Content-Type"] == "application/json"
        assert answer.json()["info"]["title"] == "Crisol: urbany"

    @pytest.mark.parametrize("path", ["/api/schema/", "/api/docs/", "/redoc/", "/docs/sales/"])
    def test_can_be_read_and_nothing_else(self, path):
        visitor = Client(enforce_csrf_checks=True)
        assert visitor.head(path).status_code == 200
        assert {method: getattr(visitor, method)(path).status_code for method in ("post", "put", "delete")} == {
            "post": 405,
            "put": 405,
            "delete": 405,
        }

    def test_without_their_slash_are_the_same(self, client):
        answer = client.get("/api/docs")
        assert (answer.status_code, answer["Location"]) == (308, "/api/docs/")


class TestALoginFromThePage:
    """The script takes the token out of what a login answered; here its places are held against the answers."""

    def test_is_there_in_every_dialect_that_was_published(self):
        assert {row.dialect for row in LOGINS} == {row.dialect for row in operations.table()} & set(operations.BUILT)

    @pytest.mark.parametrize("row", LOGINS, ids=str)
    def test_leaves_a_token_where_the_script_looks_for_it(self, row: Operation, here: World, client):
        body = calls.send(row, calls.of(row, here), None).json()
        places = TOKEN_PLACE.findall((STATIC / "swagger.js").read_text(encoding="utf-8"))
        found = [token for place in places if (token := _at(body, place.split("?.")[1:]))]
        answer = client.get("/api/me/", headers={"Authorization": f"Bearer {found[0]}"})
        assert (len(found), answer.status_code) == (1, 200)

    @dialects
    def test_has_one_credential_to_fill_in(self, dialect):
        schemes = operations.document(dialect.name)["components"]["securitySchemes"]
        by_form = {"password": {"tokenUrl": "/auth/login", "scopes": {}}}
        own = {"leads": {"OAuth2PasswordBearer": {"type": "oauth2", "flows": by_form}}}
        assert schemes == own.get(dialect.name, {"Credentials": {"type": "http", "scheme": "bearer"}})


class TestOurScriptsAndStyles:
    @pytest.mark.parametrize("file", sorted(STATIC.glob("*.[jc]s*")), ids=lambda file: file.name)
    def test_name_no_other_host(self, file: Path):
        assert re.findall(r"(?:https?:)?//[\w-]+\.[\w.-]+", file.read_text(encoding="utf-8")) == []


def _referred_to(document: dict[str, Any]) -> set[str]:
    return set(re.findall(r"'#/components/schemas/([^']+)'", str(document)))


def _nav(client, page: str, label: str) -> str:
    found = re.findall(rf'<nav aria-label="{label}">(.*?)</nav>', client.get(page).content.decode(), re.DOTALL)
    assert len(found) == 1
    return found[0]


def _links(client, page: str, label: str) -> dict[str, str]:
    return {text: link for link, text in re.findall(r'<a href="([^"]+)"[^>]*>([^<]+)</a>', _nav(client, page, label))}


def _current(client, page: str, label: str) -> list[str]:
    return re.findall(r'aria-current="page">([^<]+)<', _nav(client, page, label))


def _at(body: Any, keys: list[str]) -> Any:
    for key in keys:
        body = body.get(key) if isinstance(body, dict) else None
    return body


def _strays(shape: dict[str, Any], value: Any, where: str, schemas: dict[str, Any]) -> Iterator[str]:
    """Where a value is not what its schema says: the places, with what is wrong there."""
    if "$ref" in shape:
        shape = schemas[shape["$ref"].rpartition("/")[2]]
    if "anyOf" in shape:
        tries = [list(_strays(each, value, where, schemas)) for each in shape["anyOf"]]
        yield from min(tries, key=len)
    elif isinstance(value, dict) and shape.get("type") == "object":
        yield from _of_object(shape, value, where, schemas)
    elif isinstance(value, list) and shape.get("type") == "array":
        for index, each in enumerate(value):
            yield from _strays(shape["items"], each, f"{where}.{index}", schemas)
    elif "type" in shape and not isinstance(value, TYPES.get(shape["type"], ())):
        yield f"{where}: {value!r} is no {shape['type']}"
    elif "enum" in shape and value not in shape["enum"]:
        yield f"{where}: {value!r} is not among {shape['enum']}"


def _of_object(shape: dict[str, Any], value: dict[str, Any], where: str, schemas: dict[str, Any]) -> Iterator[str]:
    known, others = shape.get("properties", {}), shape.get("additionalProperties", False)
    yield from (f"{where}.{name} is missing" for name in set(shape.get("required", ())) - set(value))
    for name, each in value.items():
        if name not in known and not others:
            yield f"{where}.{name} is not documented"
        elif isinstance(found := known.get(name, others), dict):
            yield from _strays(found, each, f"{where}.{name}", schemas)
