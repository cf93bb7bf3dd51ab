"""No route is open to who has no business there: without credentials, with ones that do not hold.

Who comes from another workspace is in `test_tenancy.py`.
"""

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
WITH_HALF_A_LOGIN = {"urbany POST /api/auth/two-factor/", "urbany POST /api/auth/logout/"}
# Routes that are no operations: pages for people, each with its own door.
PAGES = {
    "",
    "favicon.ico",
    "admin/",
    "mail/",
    "mail/{id}/",
    "mail/{id}/html/",
    "files/{id}",
    "health/live",
    "health/ready",
    "^chat/?$",
    "invitation/",
    "openapi.json",
    "password-reset/",
}


@pytest.fixture
def here(alice) -> World:
    return calls.world(alice, "zarzamora")


class TestEveryRoute:
    def test_is_an_operation_of_a_document_or_a_page_that_we_know_of(self):
        documented = {name.split(" ")[2] for name in operations.published()}
        pages = PAGES | {dialect.mount for dialect in operations.BUILT.values()}
        pages |= {f"docs/{name}/{page}" for name in operations.BUILT for page in ("", "redoc/", "openapi.json")}
        found = {operations.normalised(route) for route in _routes(get_resolver())}
        pages |= {row.path.removeprefix("/") for row in operations.pages()}
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


def _unlike(status: int, answers: dict[Operation, Any]) -> dict[str, Any]:
    return {
        str(row): (answer.status_code, answer.content)
        for row, answer in answers.items()
        if not calls.is_problem(row, answer, status)
    }


def _routes(resolver: URLResolver, start: str = "") -> list[str]:
    found = []
    for each in resolver.url_patterns:
        route = start + str(each.pattern).replace("<", "{").replace(">", "}")
        found.extend(_routes(each, route) if isinstance(each, URLResolver) else [route])
    return found
