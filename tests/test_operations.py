"""What the contracts document is there, as they say; and what is there says what it does."""

import pytest

from backend.core import errors
from tests import operations
from tests.operations import BUILT, Operation, published

rows = pytest.mark.parametrize("row", operations.built(), ids=str)
described = pytest.mark.parametrize("name", published())


class TestTheTable:
    def test_has_every_documented_operation_once(self):
        assert len(operations.table()) == 154
        assert len({str(row) for row in operations.table()}) == 154

    def test_has_the_dialects_that_are_built(self):
        assert {row.dialect for row in operations.table()} == set(BUILT) - {operations.OWN_DIALECT}

    def test_names_permissions_that_the_code_declares(self):
        from backend.core.permissions import catalogue

        assert {row.permission for row in operations.built() if row.needs_permission} <= set(catalogue)


@rows
class TestADocumentedOperation:
    def test_is_published(self, row: Operation):
        assert str(row) in published()

    def test_announces_its_status_and_no_other_success(self, row: Operation):
        assert [int(code) for code in published()[str(row)]["responses"] if int(code) < 300] == [row.status]

    def test_names_its_permission(self, row: Operation):
        others = {"public": None, operations.OWN_DOOR: None, "self": "Needs a login alone"}
        sentence = others.get(row.permission, f"Needs `{row.permission}`")
        text = published()[str(row)]["description"]
        if sentence is None:
            assert "Needs" not in text
        else:
            assert sentence in text

    def test_asks_for_a_token_unless_it_is_public(self, row: Operation):
        assert bool(published()[str(row)].get("security")) is not row.is_public


@pytest.mark.parametrize(
    "row", [row for row in operations.built() if row.method != "GET" and not row.is_public], ids=str
)
class TestAnUnsafeOperation:
    def test_takes_an_idempotency_key_and_the_version_of_its_record(self, row: Operation):
        headers = {each["name"] for each in published()[str(row)]["parameters"] if each["in"] == "header"}
        assert headers == {"Idempotency-Key", "If-Match"} if row.names_a_record else {"Idempotency-Key"}


class TestADocumentedPage:
    @pytest.mark.django_db
    def test_is_served(self, client):
        assert {row.path: client.get(row.path).status_code for row in operations.pages()} == {
            row.path: 200 for row in operations.pages()
        }


@described
class TestAPublishedOperation:
    def test_is_documented_or_an_addition_that_we_know_of(self, name: str):
        assert name in {str(row) for row in operations.built()}

    def test_has_a_summary_and_a_description(self, name: str):
        assert published()[name]["summary"].strip()
        assert published()[name]["description"].strip().endswith(".")

    def test_documents_its_errors(self, name: str):
        of_a_field = BUILT[name.split()[0]].status(errors.Malformed([]))
        expected = {of_a_field, 401, 404} | ({403} if published()[name].get("security") else set())
        assert expected <= {int(code) for code in published()[name]["responses"]}

    def test_has_an_id_of_its_own_within_the_document(self, name: str):
        dialect = name.split()[0]
        same = [other for other, operation in published().items() if other.startswith(f"{dialect} ")]
        ids = [published()[other]["operationId"] for other in same]
        assert ids.count(published()[name]["operationId"]) == 1

    def test_has_an_example_for_every_field_of_its_body(self, name: str):
        for schema in operations.bodies(name):
            assert [field for field, shape in schema["properties"].items() if not shape.get("examples")] == []

    def test_gives_examples_and_defaults_that_its_body_accepts(self, name: str):
        for schema in operations.bodies(name):
            for field in schema["properties"].values():
                given = [*field.get("examples", []), *([field["default"]] if "default" in field else [])]
                assert [value for value in given if "enum" in field and value not in field["enum"]] == []


class TestTheAdditions:
    def test_are_of_dialects_that_are_built(self):
        assert {row.dialect for row in operations.added()} <= set(BUILT)

    def test_have_nothing_that_the_table_documents(self):
        assert not {str(row) for row in operations.added()} & {str(row) for row in operations.table()}

    def test_are_each_there_once(self):
        assert len({str(row) for row in operations.added()}) == len(operations.added())
