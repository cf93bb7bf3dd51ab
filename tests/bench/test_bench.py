"""What the benchmark compares has to be the same; how fast it is, no test says."""

import io
import json

import pytest
from django.conf import settings
from django.db import connection, connections
from django.urls import resolve

from backend.core import folding, search
from backend.core.listing import Window
from backend.modules.companies import queries as companies
from backend.modules.companies.models import Company
from backend.modules.contacts import phones
from backend.modules.contacts import queries as contacts
from backend.modules.contacts.models import Contact
from bench import cases, floor
from tests import operations

ROWS = 30
PAGES = cases.pages("tiny")
on_postgresql = pytest.mark.skipif(
    connections["default"].vendor != "postgresql", reason="the benchmark and its floor speak to PostgreSQL"
)


class TestTheCases:
    @pytest.mark.parametrize("case", cases.every(["tiny"]), ids=lambda case: case.name)
    def test_are_operations_of_the_project_and_of_the_floor(self, case):
        resolve(case.path)
        assert case.method in {each.split()[1] for each in operations.published() if each.endswith(f" {case.path}")}
        assert (case.method, case.path) in floor.ROUTES

    def test_have_the_export_among_them(self):
        resolve(cases.EXPORT)
        assert ("GET", cases.EXPORT) in floor.ROUTES

    def test_send_a_body_as_long_as_they_say(self):
        place = cases.Place(workspace_id=1, token="t", company_id=1234)
        head, _, body = cases.creation("tiny").request(place).partition("\r\n\r\n")
        assert f"Content-Length: {len(body)}\r\n" in f"{head}\r\n"
        assert json.loads(body)["empresa_id"] == 1234


@pytest.fixture
def place(bob, monkeypatch):
    """A filled workspace of bob's, whose rows the floor sees through the test's own connection."""
    from bench import data

    with connection.cursor() as cursor:
        data.fill(cursor, bob.workspace.pk, bob.user.pk, ROWS)
    monkeypatch.setattr(floor.threads, "connection", connection.connection, raising=False)
    monkeypatch.setattr(floor, "KEY", settings.SECRET_KEY.encode())
    company_id = companies.find_by_exact_name(bob.actor, Company.objects.of(bob.actor).first().name).pk
    return cases.Place(bob.workspace.pk, bob.token, company_id)


def ask(place, method, path, body=b""):
    """The floor's status and body."""
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "HTTP_HOST": "testserver",
        "HTTP_AUTHORIZATION": f"Bearer {place.token}",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
    }
    statuses = []
    answer = b"".join(floor.application(environ, lambda status, headers: statuses.append(status)))
    return int(statuses[0][:3]), answer


@on_postgresql
class TestTheFloor:
    @pytest.mark.parametrize("case", PAGES, ids=lambda case: case.title)
    def test_answers_the_same_page(self, bob, place, case):
        status, answer = ask(place, case.method, case.path)
        assert (status, json.loads(answer)) == (200, bob.get(case.path).json())
        assert json.loads(answer)["count"] == ROWS

    def test_stores_the_same_client(self, bob, place):
        def new(number):
            return cases.NEW_CLIENT | {
                "empresa_id": place.company_id,
                "telefono": f"+51 98765432{number}",
                "email": f"ana{number}@example.com",
            }

        case = cases.creation("tiny")
        status, answer = ask(place, "POST", case.path, json.dumps(new(1)).encode())
        other = bob.post(case.path, new(2))
        assert (status, set(json.loads(answer)["data"])) == (other.status_code, set(other.json()["data"]))
        ours, theirs = (Contact.objects.of(bob.actor).get(email=f"ana{number}@example.com") for number in (1, 2))
        own = {"email", "email_key", "phone", "phone_key", "created_at", "updated_at", "search_text", "id"}
        assert {name: value for name, value in ours.recorded_values().items() if name not in own} == {
            name: value for name, value in theirs.recorded_values().items() if name not in own
        }
        assert ours.search_text.replace("1", "2") == theirs.search_text.replace("1", "2")
        assert json.loads(ask(place, "GET", "/api/clients/")[1])["count"] == ROWS + 2

    def test_exports_the_same_rows(self, bob, place):
        status, answer = ask(place, "GET", cases.EXPORT)
        ours = b"".join(bob.get(cases.EXPORT).streaming_content)
        assert (status, [line.split(b",")[0] for line in answer.splitlines()[1:]]) == (
            200,
            [line.split(b",")[0] for line in ours.splitlines()[1:]],
        )

    def test_lets_nobody_in_whose_token_does_not_hold(self, place):
        for token in ("", place.token[:-2], place.token.replace(".", "x.", 1)):
            assert ask(cases.Place(1, token, 1), "GET", PAGES[0].path)[0] == 401


@on_postgresql
class TestTheData:
    def test_are_as_the_actions_would_have_written_them(self, bob, place):
        for each in Contact.objects.of(bob.actor).select_related("company"):
            number = phones.e164(each.phone, bob.actor.region)
            assert (each.email_key, each.phone_key) == (folding.key(each.email), number)
            assert number is not None
            parts = (each.first_name, each.last_name, each.email, each.phone, each.company.name, each.notes)
            assert each.search_text == search.text(*parts, phones=(each.phone, number))
        for each in Company.objects.of(bob.actor):
            assert (each.name_key, each.folded_name) == (folding.key(each.name), folding.fold(each.name))
            assert each.search_text == search.text(each.name, each.phone, each.address, each.notes)

    def test_are_counted(self, bob, place):
        assert contacts.page(bob.actor, contacts.Filters(stage="lead"), Window()).count.rows == ROWS / 3
        assert companies.page(bob.actor, companies.Filters(), Window()).count.rows == ROWS
