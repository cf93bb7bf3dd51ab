"""Every list of every dialect can be exported, and a file has what its list shows."""

import csv
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any, NamedTuple
from urllib.parse import urlencode

import pytest
from django.db.models import QuerySet
from django.utils import timezone

from backend.modules.exchange import sources
from backend.modules.exchange.formats import WRITERS
from backend.modules.identity.actions import invitations
from backend.modules.identity.models import Invitation, Membership, MembershipRole, Role
from backend.modules.opportunities import actions as opportunities
from tests import make, operations, people
from tests.modules.exchange.exports.cells import alike, cell
from tests.modules.exchange.exports.outcome import about
from tests.modules.exchange.exports.test_ordering import details, exports, order

pytestmark = pytest.mark.django_db

AT = datetime(2026, 3, 11, 3, 30, 5, 123456, tzinfo=UTC)


class Listed(NamedTuple):
    """The source of a list, and the permission that ordering it needs."""

    source: str
    permission: str


LISTS = {
    "sales GET /api/v1/auth/usuarios/": Listed("sales.usuarios", "users.view"),
    "sales GET /api/v1/empresas/": Listed("sales.empresas", "companies.export"),
    "sales GET /api/v1/clientes/": Listed("sales.clientes", "contacts.export"),
    "sales GET /api/v1/oportunidades/": Listed("sales.oportunidades", "opportunities.export"),
    "sales GET /api/v1/actividades/": Listed("sales.actividades", "activities.export"),
    "accounts GET /v1/users/invitations": Listed("accounts.invitations", "users.invite"),
    "accounts GET /v1/accounts": Listed("accounts.accounts", "companies.export"),
    "accounts GET /v1/contacts": Listed("accounts.contacts", "contacts.export"),
    "accounts GET /v1/opportunities": Listed("accounts.opportunities", "opportunities.export"),
    "accounts GET /v1/attachments": Listed("accounts.attachments", "attachments.view"),
    "accounts GET /v1/reports/stage-changes": Listed("accounts.stage-changes", "reports.view"),
    "urbany GET /api/users/": Listed("urbany.users", "users.view"),
    "urbany GET /api/roles/": Listed("urbany.roles", "roles.view"),
    "urbany GET /api/permissions/": Listed("urbany.permissions", "roles.view"),
    "urbany GET /api/contratos/": Listed("urbany.contratos", "contracts.export"),
    "onboarding GET /api/clients/": Listed("onboarding.clients", "contacts.export"),
    "onboarding GET /api/interactions/": Listed("onboarding.interactions", "activities.export"),
    "leads GET /users": Listed("leads.users", "users.view"),
    "leads GET /clients": Listed("leads.clients", "contacts.export"),
    "leads GET /leads": Listed("leads.leads", "leads.export"),
    "leads GET /audit-logs": Listed("leads.audit-logs", "audit.view"),
    "crisol GET /api/emails/": Listed("crisol.emails", "emails.resend"),
}
A_REPORT = "a report: computed, not a list of records; people subscribe to reports"
ONES_OWN = "the caller's own few, shown where they are dealt with"
PRIVATE = "what people write to each other is read where they write it, by who takes part at that moment"
EXCEPTIONS = {
    "leads GET /clients/search": "leads.clients with `q`",
    "leads GET /leads/stats": A_REPORT,
    "leads GET /leads/dashboard": A_REPORT,
    "leads GET /leads/search": "leads.clients and leads.leads with `q`",
    "accounts GET /v1/apikeys": "what there is to know about keys stays where they are managed",
    "onboarding GET /api/clients/by_stage/": "onboarding.clients with `stage`",
    "urbany GET /api/contratos/expiring/": "urbany.contratos, by `end_date`",
    "urbany GET /api/mensajes/conversations/": PRIVATE,
    "urbany GET /api/mensajes/search/": PRIVATE,
    "urbany GET /api/mensajes/stats/": A_REPORT,
    "urbany GET /api/roles/permissions/": "urbany.permissions under another address",
    "sales GET /api/v1/reportes/clientes-por-empresa/": A_REPORT,
    "accounts GET /v1/reports/top-accounts": A_REPORT,
    "crisol GET /api/scheduled-reports/reports/": "what can be subscribed to: the server's own, not records",
    "crisol GET /api/exports/sources/": "what can be exported: the server's own, not records",
    "urbany GET /api/mensajes/online-users/": "who is there at this moment, not records",
    "crisol GET /api/exports/": ONES_OWN,
    "crisol GET /api/scheduled-reports/": ONES_OWN,
    "crisol GET /api/notifications/": ONES_OWN,
    "crisol GET /api/notifications/preferences/": ONES_OWN,
}


def path_of(source: str) -> str:
    return next(name.split(" ")[2] for name, listed in LISTS.items() if listed.source == source)


def lists_of_records() -> set[str]:
    """The operations that answer several records: an array of objects, or an object that has one."""
    return {name for name, operation in operations.published().items() if _is_list(name, operation)}


def _is_list(name: str, operation: dict[str, Any]) -> bool:
    dialect, method, path = name.split(" ")
    answer = operation["responses"].get(200, {}).get("content", {}).get("application/json")
    if method != "GET" or "{" in path or answer is None:
        return False
    schema = _resolved(dialect, answer["schema"])
    return any(_is_of_objects(dialect, each) for each in (schema, *schema.get("properties", {}).values()))


def _is_of_objects(dialect: str, schema: dict[str, Any]) -> bool:
    return _resolved(dialect, _resolved(dialect, schema).get("items", {})).get("type") == "object"


def _resolved(dialect: str, schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        schema = operations.document(dialect)["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


class TestTheTable:
    def test_has_every_list_or_says_why_not(self):
        assert lists_of_records() == LISTS.keys() | EXCEPTIONS.keys()
        assert LISTS.keys() & EXCEPTIONS.keys() == set()

    def test_has_every_source_once(self):
        assert sorted(listed.source for listed in LISTS.values()) == sources.names()


@pytest.fixture
def world(alice, bob, carla, dario, stranger):
    """Records of every list here, and others of a stranger's; answers an opportunity that has attachments."""
    records(stranger)
    shut_out(people.person("nadie", alice.workspace))
    give(bob, make.role(alice.actor, name="Zorros, A"))
    give(bob, Role.objects.of(alice.actor).get(key="manager"))
    return records(alice)


def shut_out(who) -> None:
    who.user.is_active = False
    people.writing(who.workspace.pk, who.user.save)


def give(who, role) -> None:
    """One more role."""
    membership = Membership.objects.of(who.actor).get(user=who.user)
    roles = MembershipRole.objects.of(who.actor)
    people.writing(who.workspace.pk, lambda: roles.create(membership=membership, role=role))


def records(who):
    company = make.company(
        who.actor, name=f"Ñandú {who.user}", industry="technology", employees=7, website="https://a.example"
    )
    make.company(who.actor, name=f"=1+1 {who.user}")
    contact = make.contact(
        who.actor, first_name="Ana", last_name="Pérez", company_id=company.pk, stage="active", job_title="Gerente",
        assigned_to_id=who.user.pk,
    )  # fmt: skip
    make.contact(who.actor, last_name="", phone="+51 987 654 321", notes='a "b", c\nd')
    deal = make.opportunity(
        who.actor, contact_id=contact.pk, company_id=company.pk, value=Decimal("12525.50"), currency="USD",
        expected_close_on=date(2026, 12, 31), assigned_to_id=who.user.pk, at=AT,
    )  # fmt: skip
    won = make.opportunity(who.actor)
    opportunities.move(who.actor, won.pk, stage="cerrada_ganada", reason="Firmó")
    for kind in ("call", "task", "note"):
        make.activity(who.actor, kind=kind, contact_id=contact.pk, opportunity_id=deal.pk, occurs_at=AT)
    make.activity(who.actor, kind="meeting")
    for _ in range(2):
        make.attachment(who.actor, deal)
    make.lead(who.actor, contact, admin_notes="=1+1", status="quoted")
    make.lead(who.actor, channel="manual", assigned_to_id=who.user.pk)
    make.contract(who.actor, title="=1+1", priority="urgent")
    make.contract(who.actor, status="signed", signed_on=who.actor.today, contact_id=contact.pk)
    revoked, _ = make.invitation(who.actor, role_names=["sales", "manager"])
    invitations.revoke(who.actor, revoked.pk)
    late, _ = make.invitation(who.actor)
    QuerySet(Invitation).filter(pk=late.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    make.invitation(who.actor)
    return deal


def shown(who, source: str, **filters: Any) -> list[dict[str, Any]]:
    """The rows of the list's page, which is long enough for all."""
    path = path_of(source)
    size = {"accounts": "size", "leads": "limit"}.get(source.partition(".")[0], "page_size")
    longest = "limit" if path.endswith("stage-changes") else size
    answer = who.get(f"{path}?{urlencode(filters | {longest: 100})}")
    assert answer.status_code == 200, answer.content
    body = answer.json()
    return body if isinstance(body, list) else next(body[name] for name in ("items", "results", "data") if name in body)


def written(who, source: str, **filters: Any) -> list[dict[str, str]]:
    """The rows of the file, by their headers."""
    listed, file = sources.named(source), BytesIO()
    WRITERS["csv"](file, listed.open(who.actor, filters), about(listed.columns), lambda rows: None)
    return list(csv.DictReader(file.getvalue().decode("utf-8-sig").splitlines(keepends=True)))


class TestAFile:
    def test_has_the_rows_of_its_list_and_the_words_of_the_wire(self, alice, world):
        wrong = {}
        for source in sources.names():
            filters = {"accounts.attachments": {"opportunityId": world.pk}, "leads.audit-logs": {"table": "leads"}}.get(
                source, {}
            )
            rows, expected = written(alice, source, **filters), shown(alice, source, **filters)
            assert len(expected) > 1, source
            if source.startswith("sales."):  # headed in the document's own words
                rows, expected = [{"id": row["ID"]} for row in rows], [{"id": row["id"]} for row in expected]
            rows = [{name: alike(text) for name, text in row.items()} for row in rows]
            if rows != (expected := [{name: cell(value) for name, value in row.items()} for row in expected]):
                wrong[source] = (rows, expected)
        assert wrong == {}

    @pytest.mark.parametrize(
        ("source", "filters", "rows"),
        [
            ("accounts.accounts", {"query": "nandu"}, 1),
            ("accounts.accounts", {"query": ""}, 2),
            ("accounts.contacts", {"query": "987654"}, 1),
            ("accounts.opportunities", {"status": "closed"}, 1),
            ("accounts.opportunities", {"from": "2026-03-10", "to": "2026-03-10"}, 1),
            ("accounts.stage-changes", {"stage": "Prospecto"}, 2),
            ("onboarding.clients", {"stage": "ACTIVE", "search": "perez"}, 1),
            ("onboarding.interactions", {"client": 0}, 2),
            ("urbany.users", {"search": "BOB"}, 1),
            ("urbany.contratos", {"status": "Signed"}, 1),
            ("urbany.contratos", {"search": "empresa abc", "priority": "Urgent"}, 1),
            ("crisol.emails", {"state": "failed"}, 0),
            ("leads.clients", {"q": "perez", "client_type": "natural"}, 1),
            ("leads.leads", {"status": "quoted", "q": "ana"}, 1),
            ("leads.leads", {"unassigned": "true"}, 1),
            ("leads.audit-logs", {"table": "leads", "action": "create"}, 2),
        ],
    )
    def test_has_what_the_filters_of_the_page_leave(self, alice, world, source, filters, rows):
        if "client" in filters:
            filters = {"client": world.contact_id}
        found = [int(row["id"]) if "id" in row else row for row in written(alice, source, **filters)]
        assert len(found) == rows
        assert found == [row.get("id", None) or found[n] for n, row in enumerate(shown(alice, source, **filters))]

    def test_of_users_says_in_words_who_they_are(self, alice, world):
        found = {row["Usuario"]: row for row in written(alice, "sales.usuarios")}
        assert {name: (row["Tipo"], row["Activo"]) for name, row in found.items()} == {
            "alice": ("admin", "true"), "bob": ("regular", "true"), "carla": ("regular", "true"),
            "dario": ("regular", "true"), "nadie": ("regular", "false"),
        }  # fmt: skip
        assert found["alice"]["Nombre completo"] == "Alice Example"

    def test_says_nothing_secret(self, alice, world):
        secrets = ("password", "stamp", "hash", "token", "secret", "key", "text", "html")
        shown = {column.field for name in sources.names() for column in sources.named(name).columns}
        assert {field for field in shown if any(word in field for word in secrets)} == {"stage_key"}


class TestAnOrder:
    @pytest.mark.parametrize("listed", LISTS.values(), ids=lambda listed: listed.source)
    def test_needs_what_the_table_says(self, ours, listed):
        filters = {"opportunityId": 1} if listed.source == "accounts.attachments" else {}
        may = people.person_holding(ours, listed.permission)
        others = {each.permission for each in LISTS.values()} - {listed.permission}
        may_not = people.person_holding(ours, *others)
        assert order(may_not, listed.source, filters=filters).status_code == 403
        assert order(may, listed.source, filters=filters).status_code in ((202,) if not filters else (404,))
        assert not exports(may_not).filter(requested_by=may_not.user).exists()

    def test_of_any_list_names_the_filter_that_is_none(self, alice, world):
        for source in sources.names():
            filters = {"opportunityId": world.pk} if source == "accounts.attachments" else {}
            for wrong in ({"nada": 1}, {"page": 1}, {"page_size": 5}, {"ordering": "id"}, {"limit": 3}):
                assert details(order(alice, source, filters=filters | wrong)) == list(wrong), source
        assert not exports(alice).exists()

    @pytest.mark.parametrize(
        ("source", "filters", "field"),
        [
            ("accounts.attachments", {}, "opportunityId"),
            ("accounts.opportunities", {"status": "x"}, "status"),
            ("accounts.stage-changes", {"stage": "nada"}, "stage"),
            ("accounts.stage-changes", {"from": "2026-02-30"}, "from"),
            ("onboarding.interactions", {"client": "x"}, "client"),
            ("onboarding.clients", {"stage": "lead"}, "stage"),
            ("urbany.users", {"search": "x" * 201}, "search"),
            ("crisol.emails", {"state": "x"}, "state"),
            ("leads.leads", {"assigned_to": "x"}, "assigned_to"),
            ("leads.audit-logs", {"action": "created"}, "action"),
        ],
    )
    def test_names_the_filter_that_does_not_fit(self, alice, source, filters, field):
        assert details(order(alice, source, filters=filters)) == [field]
