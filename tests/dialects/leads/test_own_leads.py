"""A salesperson sees the leads that are assigned to them, and of a colleague's nothing: on no route of no dialect."""

import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace

import pytest

from backend.core.errors import PermissionDenied
from backend.modules.attachments import subjects
from backend.modules.exchange import sources
from backend.modules.exchange.formats import WRITERS
from backend.modules.identity import authentication
from tests import calls, make, operations, pdfs, people
from tests.calls import Call, World
from tests.modules.exchange.exports.outcome import about
from tests.operations import Operation

pytestmark = pytest.mark.django_db

READING = [row for row in operations.built() if row.method == "GET" and row.permission != operations.OWN_DOOR]
CHANGING = [row for row in operations.built() if row.dialect == "leads" and row.path.startswith("/leads/{id}")]
# What only a colleague's lead says, neither their client nor anything else in the workspace: what it is looked for by,
# and what it shows beside it. An error may repeat what was looked for.
NOTES = {"chirimoya": "madurisima", "guayaba": "verdecita"}


@pytest.fixture
def colleague(ours):
    return people.person("colleague", ours, "sales")


@pytest.fixture
def place(alice) -> World:
    return calls.world(alice, "zarzamora")


@pytest.fixture
def hidden(alice, colleague, place):
    """A colleague's lead of a client whom everybody sees."""
    admin_notes, sales_notes = (f"{word} {mark}" for word, mark in NOTES.items())
    return make.lead(
        alice.actor, place.contact, status="quoted", channel="instagram", assigned_to_id=colleague.user.pk,
        admin_notes=admin_notes, sales_notes=sales_notes,
    )  # fmt: skip


@pytest.fixture
def seller(ours) -> people.Person:
    """Who may everything that a salesperson may, in every dialect."""
    return people.person("seller", ours, "sales", password=people.PASSWORD)


def shows(answer) -> bool:
    is_pdf = answer.headers.get("Content-Type") == "application/pdf"
    text = (pdfs.text(answer.content) if is_pdf else answer.content.decode(errors="replace")).casefold()
    return any(mark in text for mark in NOTES.values())


def with_every_term(row: Operation, call: Call) -> Iterator[Call]:
    """The call as it is, without its filters, and with each of its parameters asking for what is hidden."""
    described = operations.published()[str(row)]["parameters"]
    names = [each["name"] for each in described if each["in"] == "query"]
    required = {each["name"] for each in described if each["in"] == "query" and each["required"]}
    kept = {name: value for name, value in call.query.items() if name in required}
    yield call
    yield replace(call, query=kept)
    for name in names:
        for word in (*NOTES, "instagram", "quoted"):
            yield replace(call, query=kept | {name: word})


class TestEveryRoute:
    def test_of_every_dialect_shows_nothing_of_a_colleague_s_leads(self, place, hidden, seller):
        calls.entrust(place, seller)
        showing = {}
        for row in READING:
            for call in with_every_term(row, calls.of(row, place)):
                answer = calls.send(row, call, seller.token)
                if answer.status_code >= 500 or shows(answer):
                    showing[str(row), str(call.query)] = (answer.status_code, answer.content[:500])
        assert showing == {}

    def test_shows_it_to_who_may_see_all(self, place, hidden, carla):
        """So that the marks above are ones that would be found."""
        found = {
            str(row)
            for row in READING
            if any(shows(calls.send(row, call, carla.token)) for call in with_every_term(row, calls.of(row, place)))
        }
        assert found == {
            "leads GET /leads", "leads GET /leads/search", "leads GET /clients/{id}",
            "leads GET /clients/by-phone/{id}",
        }  # fmt: skip

    def test_of_it_alone_is_a_404_and_changes_nothing(self, alice, place, hidden, seller):
        before = alice.get(f"/leads/{hidden.pk}").content
        for row in CHANGING:
            call = replace(calls.of(row, place), ids=(hidden.pk,))
            answer = calls.send(row, call, seller.token)
            may = authentication.bearer(seller.token).may(row.permission)
            assert calls.is_problem(row, answer, 404 if may else 403), str(row)
        assert alice.get(f"/leads/{hidden.pk}").content == before

    def test_counts_none_that_is_a_colleague_s(self, hidden, seller):
        assert seller.get("/leads").headers["X-Total-Count"] == "0"
        assert seller.get("/leads/stats").json()["total"] == 0
        assert seller.get(f"/leads?assigned_to={hidden.assigned_to_id}").json() == []
        detail = seller.get(f"/clients/{hidden.contact_id}").json()
        assert detail["leads"] == []

    def test_shows_what_is_given_to_them_from_the_next_request_on_and_not_a_request_longer(self, alice, hidden, seller):
        token = seller.token
        for user_id, status in ((seller.user.pk, 200), (None, 404)):
            alice.patch(f"/leads/{hidden.pk}/assign", {"user_id": user_id})
            assert seller.call("get", f"/leads/{hidden.pk}", Authorization=f"Bearer {token}").status_code == status


class TestAFile:
    @pytest.mark.parametrize("format", WRITERS)
    def test_of_any_list_has_nothing_of_a_colleague_s(self, place, hidden, seller, tmp_path, format):
        actor, written = authentication.bearer(seller.token), []
        for name in sources.names():
            source = sources.named(name)
            filters = {"opportunityId": place.opportunity.pk} if name == "accounts.attachments" else {}
            try:
                rows = source.open(actor, filters)
            except PermissionDenied:
                continue
            file = tmp_path / name
            with file.open("w+b") as content, pdfs.printable():
                WRITERS[format](content, rows, about(source.columns), lambda rows: None)
            text = pdfs.text(file.read_bytes()) if format == "pdf" else unpacked(file)
            assert not re.search("|".join(NOTES.values()), text.casefold()), name
            written.append(name)
        assert "leads.leads" in written
        assert "leads.audit-logs" not in written


class TestAttachments:
    def test_of_a_lead_are_seen_by_who_sees_it(self, hidden, seller, colleague, carla, dario):
        seen = {
            who.user.username: subjects._kinds["lead"].visible(authentication.bearer(who.token), hidden.pk)
            for who in (seller, colleague, carla, dario)
        }
        assert seen == {"seller": False, "colleague": True, "carla": True, "dario": False}


def unpacked(file) -> str:
    """The texts of a CSV, or of the parts of an XLSX."""
    if not zipfile.is_zipfile(file):
        return file.read_text(encoding="utf-8-sig")
    with zipfile.ZipFile(file) as parts:
        return "".join(parts.read(name).decode() for name in parts.namelist())
