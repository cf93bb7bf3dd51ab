"""The collections are complete and fit to be imported. That they pass is for `make postman` to say."""

import json
import re

import pytest

from tests import operations
from tests.operations import normalised
from tests.postman import DIALECTS, FOLDER, collection, environment, operation, requests, script

DYNAMIC = re.compile(r"{{(\w+)}}")
SET_OR_READ = re.compile(r"pm\.(environment|collectionVariables)\.[gs]et\(\"(\w+)\"")


def variables(dialect):
    return {each["key"]: each["value"] for each in collection(dialect)["variable"]}


def test_every_dialect_that_is_built_has_a_collection():
    assert set(DIALECTS) == set(operations.BUILT)


@pytest.mark.parametrize("dialect", DIALECTS)
class TestACollection:
    def test_calls_every_operation_and_page_of_its_dialect(self, dialect):
        rows = [row for row in operations.built() + operations.pages() if row.dialect == dialect]
        called = {operation(item) for item in requests(collection(dialect))}
        assert [str(row) for row in rows if f"{row.method} {normalised(row.path)}" not in called] == []

    def test_tests_the_status_of_every_answer(self, dialect):
        status = re.compile(r"pm\.test\(.*pm\.response\.to\.have\.status\(\d{3}\)")
        items = requests(collection(dialect))
        assert [item["name"] for item in items if not status.search(script(item, "test"))] == []

    def test_declares_every_variable_that_it_uses_and_no_other(self, dialect):
        text = json.dumps(collection(dialect), ensure_ascii=False).replace('\\"', '"')
        of = {"environment": set(environment(dialect)), "collectionVariables": set(variables(dialect))}
        touched = SET_OR_READ.findall(text)
        assert [name for where, name in touched if name not in of[where]] == []
        used = set(DYNAMIC.findall(text)) | {name for _, name in touched}
        assert used == of["environment"] | of["collectionVariables"]

    def test_has_nothing_in_it_of_somebodys_session(self, dialect):
        of_a_session = [name for name in environment(dialect) if name.endswith(("_token", "user_id"))]
        assert {environment(dialect)[name] for name in of_a_session} == {""}
        assert set(variables(dialect).values()) == {""}


def test_the_lock_of_newman_has_a_hash_for_everything_and_no_address():
    packages = json.loads((FOLDER / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    locked = {name: package for name, package in packages.items() if name}
    assert "node_modules/newman" in locked
    assert [name for name, package in locked.items() if "integrity" not in package or "resolved" in package] == []
