"""The wall between two workspaces with the same data: who calls from one never sees or changes anything of the other.

Tried over every operation of every dialect, with a token, with an API key, and with the token of somebody who belongs
to both; in the path, in each field of a body and each filter that names a record, as a term of a search.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from backend.dialects.wire import LARGEST_ID
from backend.modules.identity import tokens
from backend.modules.identity.actions.api_keys import NOT_FOR_KEYS
from tests import calls, operations, pdfs, people, stored
from tests.calls import Call, World
from tests.operations import Operation

pytestmark = pytest.mark.django_db

GUARDED = [row for row in operations.built() if not row.is_public]
OURS, THEIRS = "zarzamora", "guanabana"


def for_people_alone(row: Operation) -> bool:
    return row.permission == "self" or row.permission.partition(".")[0] in NOT_FOR_KEYS


def names_what_is_ones_own(row: Operation) -> bool:
    """A record that others of the same workspace don't see either."""
    return row.permission == "self" and row.names_a_record


@dataclass
class Caller:
    """Somebody of the other workspace, and what they may try."""

    credential: str
    rows: list[Operation]

    def send(self, row: Operation, call: Call) -> Any:
        return calls.send(row, call, self.credential)


@pytest.fixture
def here(alice) -> World:
    return calls.world(alice, OURS)


@pytest.fixture
def there(stranger) -> World:
    return calls.world(stranger, THEIRS)


@pytest.fixture
def key(there) -> Caller:
    made = Caller(there.key_text, [row for row in GUARDED if not for_people_alone(row)])
    first = made.rows[0]
    made.send(first, calls.of(first, there))  # which notes that the key was used, for a minute
    return made


@pytest.fixture(params=["a token", "an API key", "a token of somebody who belongs to both"])
def caller(request, here, there) -> Caller:
    if request.param == "an API key":
        return request.getfixturevalue("key")
    if request.param == "a token":
        return Caller(there.owner.token, GUARDED)
    both = people.person("both", here.owner.workspace, "admin")
    people.join(both, there.owner.workspace, "admin")
    calls.entrust(there, people.Person(both.user, there.owner.workspace))
    return Caller(tokens.issue(both.user, there.owner.workspace.pk).access, GUARDED)


class TestTheCalls:
    @pytest.mark.parametrize("row", GUARDED, ids=str)
    def test_try_every_field_that_names_a_record(self, row: Operation, here: World):
        assert {name for name, schema in _fields(row) if _is_an_id(schema)} <= {
            *calls.of(row, here).references,
            *calls.of(row, here).also,
        }


class TestARecordOfOurs:
    def test_is_404_in_every_path(self, here: World, there: World, caller: Caller):
        before = stored.of_workspace(here.owner.workspace.pk)
        found = {}
        for row in [row for row in caller.rows if row.names_a_record]:
            ours = calls.of(row, here)
            for call in (ours, replace(calls.of(row, there), ids=ours.ids)):
                answer = caller.send(row, call)
                if not calls.is_problem(row, answer, 404) or _mentions(answer, here):
                    found[str(row)] = (answer.status_code, answer.content)
        assert found == {}
        assert stored.of_workspace(here.owner.workspace.pk) == before

    def test_is_answered_as_one_that_never_was(self, here: World, caller: Caller):
        different = {}
        for row in [row for row in caller.rows if row.names_a_record]:
            call = calls.of(row, here)
            nobodys = caller.send(row, replace(call, ids=tuple(999_999_999 for _ in call.ids)))
            if caller.send(row, call).content != nobodys.content:
                different[str(row)] = nobodys.content
        assert different == {}

    def test_is_in_no_list_report_or_export(self, here: World, there: World, caller: Caller):
        leaking = {}
        for row in [row for row in caller.rows if row.method == "GET" and not row.names_a_record]:
            call = calls.of(row, there)
            for each in [call] if _requires_a_query(row) else [call, replace(call, query={})]:
                answer = caller.send(row, each)
                if answer.status_code != row.status or _mentions(answer, here):
                    leaking[str(row)] = answer.content
        assert leaking == {}

    def test_is_found_by_no_search(self, here: World, there: World, caller: Caller):
        leaking = {}
        for row in [row for row in caller.rows if row.method == "GET" and not row.names_a_record]:
            required = calls.of(row, there).query if _requires_a_query(row) else {}
            for name in [name for name, schema in _fields(row) if _is_a_text(schema)]:
                answer = caller.send(row, Call(query={**required, name: OURS}))
                if answer.status_code not in (200, 400, 404, 422) or (
                    answer.status_code == 200 and _mentions(answer, here)
                ):
                    leaking[f"{row} {name}"] = answer.content
        assert leaking == {}

    def test_narrows_no_list_to_itself(self, here: World, there: World, caller: Caller):
        leaking = {}
        for row, call in _with_our_references(caller.rows, here, there):
            if call.query:
                answer = caller.send(row, call)
                if answer.status_code >= 500 or _mentions(answer, here) or _mentions(answer, there):
                    leaking[str(row)] = (call, answer.content)
        assert leaking == {}

    def test_can_not_be_referred_to_in_a_body(self, here: World, there: World, caller: Caller):
        before = {place.mark: stored.of_workspace(place.owner.workspace.pk) for place in (here, there)}
        accepted = {}
        for row, call in _with_our_references(caller.rows, here, there):
            if not call.query:
                answer = caller.send(row, call)
                if answer.status_code not in (400, 404, 422) or _mentions(answer, here):
                    accepted[str(row)] = (call, answer.status_code, answer.content)
        assert accepted == {}
        assert {place.mark: stored.of_workspace(place.owner.workspace.pk) for place in (here, there)} == before

    def test_does_not_change_while_they_work_on_their_own(self, here: World, there: World, caller: Caller):
        before = stored.of_workspace(here.owner.workspace.pk)
        deletions_last = sorted(caller.rows, key=lambda row: row.method == "DELETE")
        answers = {row: caller.send(row, calls.of(row, there)) for row in deletions_last}
        assert {str(row) for row, answer in answers.items() if _mentions(answer, here)} == set()
        assert stored.of_workspace(here.owner.workspace.pk) == before
        reading = [row for row in caller.rows if row.method == "GET" and not names_what_is_ones_own(row)]
        assert {str(row): answers[row].status_code for row in reading} == {str(row): row.status for row in reading}


class TestAKey:
    def test_does_not_do_what_only_people_do(self, here: World, there: World, key: Caller):
        before = {place.mark: stored.of_workspace(place.owner.workspace.pk) for place in (here, there)}
        allowed = {}
        for row in [row for row in GUARDED if for_people_alone(row)]:
            for place in (here, there):
                answer = key.send(row, calls.of(row, place))
                if not calls.is_problem(row, answer, 403):
                    allowed[str(row)] = (answer.status_code, answer.content)
        assert allowed == {}
        assert {place.mark: stored.of_workspace(place.owner.workspace.pk) for place in (here, there)} == before


def _with_our_references(rows: list[Operation], here: World, there: World) -> Iterator[tuple[Operation, Call]]:
    """Their own valid calls, with one reference at a time turned to a record of ours."""
    for row in rows:
        ours, theirs = calls.of(row, here), calls.of(row, there)
        for name in (*theirs.references, *theirs.also):
            if name in theirs.query:
                yield row, replace(theirs, query={**theirs.query, name: ours.query[name]})
            else:
                yield row, replace(theirs, body={**theirs.body, name: {**ours.body, **ours.also}[name]})


def _mentions(answer: Any, place: World) -> bool:
    is_pdf = answer.headers.get("Content-Type") == "application/pdf"
    text = (pdfs.text(answer.content) if is_pdf else answer.content.decode()).casefold()
    return place.mark in text or place.owner.user.username in text


def _fields(row: Operation) -> Iterator[tuple[str, dict[str, Any]]]:
    """The fields of query and body, with the shapes that each may have."""
    described = operations.published()[str(row)]
    for each in described["parameters"]:
        if each["in"] == "query":
            yield each["name"], each["schema"]
    for body in operations.bodies(str(row)):
        yield from body["properties"].items()


def _requires_a_query(row: Operation) -> bool:
    return any(each["in"] == "query" and each["required"] for each in operations.published()[str(row)]["parameters"])


def _is_an_id(schema: dict[str, Any]) -> bool:
    """Whether it is `wire.Id`, and so names a record."""
    return any((each.get("minimum"), each.get("maximum")) == (1, LARGEST_ID) for each in schema.get("anyOf", [schema]))


def _is_a_text(schema: dict[str, Any]) -> bool:
    return any(
        each.get("type") == "string" and "format" not in each and "enum" not in each
        for each in schema.get("anyOf", [schema])
    )
