"""No route is open to who has no business there: without credentials, with ones that do not hold, from elsewhere."""

from dataclasses import replace
from typing import Any

import pytest
from django.urls import URLResolver, get_resolver

from tests import calls, credentials, operations, stored
from tests.calls import World
from tests.operations import Operation
from tests.people import Person

pytestmark = pytest.mark.django_db

BUILT = operations.built()
GUARDED = [row for row in BUILT if not row.is_public]
# A login that still owes its second factor opens these, and nothing else.
WITH_HALF_A_LOGIN = {"urbany POST /api/auth/two-factor/"}
# Routes that are no operations: pages for people, each with its own door.
PAGES = {"", "favicon.ico", "admin/"}

OURS, THEIRS = "zarzamora", "guanabana"


@pytest.fixture
def here(alice) -> World:
    return calls.world(alice, OURS)


@pytest.fixture
def there(stranger) -> World:
    return calls.world(stranger, THEIRS)


class TestEveryRoute:
    def test_is_an_operation_of_a_document_or_a_page_that_we_know_of(self):
        documented = {name.split(" ")[2] for name in operations.published()}
        pages = PAGES | {dialect.mount for dialect in operations.BUILT.values()}
        pages |= {f"docs/{name}/{page}" for name in operations.BUILT for page in ("", "redoc/", "openapi.json")}
        found = {operations.normalised(route) for route in _routes(get_resolver())}
        unknown = {route for route in found if f"/{route}" not in documented and route not in pages}
        assert {route for route in unknown if not route.startswith("admin/")} == set()

    def test_that_a_dialect_is_mounted_on_is_a_404_itself(self, client):
        mounts = [dialect.mount for dialect in operations.BUILT.values() if dialect.mount]
        assert {mount: client.get(f"/{mount}").status_code for mount in mounts} == dict.fromkeys(mounts, 404)

    def test_of_the_admin_asks_for_a_login(self, client):
        answer = client.get("/admin/contacts/contact/")
        assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/admin/login/")


class TestWithoutCredentials:
    @pytest.mark.parametrize("row", GUARDED, ids=str)
    def test_a_guarded_route_answers_401_in_its_dialect(self, row: Operation, here: World):
        before = stored.of_workspace(here.owner.workspace.pk)
        answer = calls.send(row, calls.of(row, here), None)
        assert calls.is_problem(row, answer, 401), answer.content
        assert answer["WWW-Authenticate"].startswith("Bearer")
        assert stored.of_workspace(here.owner.workspace.pk) == before

    @pytest.mark.parametrize(
        "header", ["", "Bearer", "Bearer ", "Basic YWxpY2U6YWxpY2U=", "bearer", "Token x", "Bearer a b"]
    )
    def test_a_header_that_is_no_bearer_token_answers_401(self, header: str, here: World):
        answers = {row: calls.send(row, calls.of(row, here), None, Authorization=header) for row in GUARDED}
        assert _unlike(401, answers) == {}

    def test_a_public_route_does_not_ask(self, here: World):
        answers = {row: calls.send(row, calls.of(row, here), None) for row in BUILT if row.is_public}
        assert {str(row): answer.status_code for row, answer in answers.items()} == {
            str(row): row.status for row in answers
        }


@pytest.mark.parametrize("credential", credentials.THAT_DO_NOT_HOLD, ids=lambda each: each.__name__)
class TestCredentialsThatDoNotHold:
    def test_answer_401_on_every_guarded_route(self, credential, here: World, bob: Person):
        token = credential(bob)
        before = stored.of_workspace(here.owner.workspace.pk)
        rows = GUARDED
        if credential is credentials.owing_a_second_factor:
            rows = [row for row in rows if str(row) not in WITH_HALF_A_LOGIN]
        answers = {row: calls.send(row, calls.of(row, here), token) for row in rows}
        assert _unlike(401, answers) == {}
        assert stored.of_workspace(here.owner.workspace.pk) == before


class TestAStranger:
    """An administrator, of another workspace."""

    def test_gets_404_for_every_record_of_ours(self, here: World, there: World):
        before = stored.of_workspace(here.owner.workspace.pk)
        rows = [row for row in GUARDED if row.names_a_record]
        answers = {row: calls.send(row, calls.of(row, here), there.owner.token) for row in rows}
        assert _unlike(404, answers) == {}
        assert stored.of_workspace(here.owner.workspace.pk) == before

    def test_gets_the_same_answer_as_for_a_record_that_never_was(self, here: World, there: World):
        different = {}
        for row in [row for row in GUARDED if row.names_a_record]:
            call = calls.of(row, here)
            ours = calls.send(row, call, there.owner.token)
            nobodys = calls.send(row, replace(call, ids=tuple(999_999_999 for _ in call.ids)), there.owner.token)
            if ours.content != nobodys.content:
                different[str(row)] = ours.content
        assert different == {}

    def test_finds_nothing_of_ours_in_any_list(self, here: World, there: World):
        leaking = {}
        for row in [row for row in GUARDED if row.method == "GET" and not row.names_a_record]:
            for call in (calls.of(row, there), replace(calls.of(row, there), query={})):
                answer = calls.send(row, call, there.owner.token)
                if answer.status_code != row.status or OURS in answer.content.decode().casefold():
                    leaking[str(row)] = answer.content
        assert leaking == {}

    def test_can_not_filter_by_our_records(self, here: World, there: World):
        leaking = {}
        for row, call in _with_our_references(here, there):
            if row.method == "GET":
                answer = calls.send(row, call, there.owner.token)
                if answer.status_code >= 500 or _mentions(answer, here) or THEIRS in answer.content.decode():
                    leaking[str(row)] = (call, answer.content)
        assert leaking == {}

    def test_can_not_refer_to_our_records_in_a_body(self, here: World, there: World):
        before = {place.mark: stored.of_workspace(place.owner.workspace.pk) for place in (here, there)}
        accepted = {}
        for row, call in _with_our_references(here, there):
            if row.method != "GET":
                answer = calls.send(row, call, there.owner.token)
                if answer.status_code not in (400, 404, 422) or _mentions(answer, here):
                    accepted[str(row)] = (call, answer.status_code, answer.content)
        assert accepted == {}
        assert {place.mark: stored.of_workspace(place.owner.workspace.pk) for place in (here, there)} == before

    def test_changes_nothing_of_ours_by_working_on_their_own(self, here: World, there: World):
        before = stored.of_workspace(here.owner.workspace.pk)
        answers = {row: calls.send(row, calls.of(row, there), there.owner.token) for row in _deletions_last(GUARDED)}
        assert {str(row) for row, answer in answers.items() if OURS in answer.content.decode().casefold()} == set()
        assert stored.of_workspace(here.owner.workspace.pk) == before


def _with_our_references(here: World, there: World) -> list[tuple[Operation, calls.Call]]:
    """Their own valid calls, with one reference at a time turned to a record of ours."""
    found = []
    for row in GUARDED:
        ours, theirs = calls.of(row, here), calls.of(row, there)
        for name in theirs.references:
            if name in theirs.query:
                found.append((row, replace(theirs, query={**theirs.query, name: ours.query[name]})))
            else:
                found.append((row, replace(theirs, body={**theirs.body, name: ours.body[name]})))
    return found


def _mentions(answer: Any, place: World) -> bool:
    return place.mark in answer.content.decode().casefold()


def _unlike(status: int, answers: dict[Operation, Any]) -> dict[str, Any]:
    return {
        str(row): (answer.status_code, answer.content)
        for row, answer in answers.items()
        if not calls.is_problem(row, answer, status)
    }


def _deletions_last(rows: list[Operation]) -> list[Operation]:
    return sorted(rows, key=lambda row: row.method == "DELETE")


def _routes(resolver: URLResolver, start: str = "") -> list[str]:
    found = []
    for each in resolver.url_patterns:
        route = start + str(each.pattern).replace("<", "{").replace(">", "}")
        found.extend(_routes(each, route) if isinstance(each, URLResolver) else [route])
    return found
