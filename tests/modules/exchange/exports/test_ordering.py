"""Ordering exports over HTTP."""

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from backend.core.errors import DomainError
from backend.dialects.kept_query import reading
from backend.modules.exchange import actions
from backend.modules.exchange.models import Export, State
from backend.modules.ledger.models import Entry
from backend.modules.opportunities.routers.sales import FilterQuery
from tests import make, people
from tests.test_parallel import at_once

pytestmark = pytest.mark.django_db

PATH = "/api/exports/"
LISTS = {
    "sales.empresas": "companies.export",
    "sales.clientes": "contacts.export",
    "sales.oportunidades": "opportunities.export",
    "sales.actividades": "activities.export",
}
QUERIES = {
    "sales.empresas": {"search": "áéí & co", "industria": "tecnologia"},
    "sales.clientes": {"search": "ana", "empresa_id": 7},
    "sales.oportunidades": {
        "estado": "abierta", "etapa": "propuesta", "cliente_id": 3, "empresa_id": 7, "moneda": "USD",
        "valor_min": "10.50", "valor_max": "99.00", "fecha_desde": "2026-01-01", "fecha_hasta": "2026-02-28",
    },
    "sales.actividades": {
        "tipo": "llamada", "estado": "completada", "cliente_id": 3, "oportunidad_id": 5,
        "fecha_desde": "2026-01-01", "fecha_hasta": "2026-02-28",
    },
}  # fmt: skip
formats = pytest.mark.parametrize("format", ["csv", "xlsx"])
lists = pytest.mark.parametrize("source", LISTS)


def path_of(source: str) -> str:
    return f"/api/v1/{source.partition('.')[2]}/export/"


def order(who, source="sales.empresas", **body):
    return who.post(PATH, {"source": source} | body)


def details(answer) -> list[str]:
    """The fields that a refusal names."""
    assert answer.status_code == 400, answer.content
    return list(answer.json()["error"]["details"])


def exports(who):
    return Export.objects.of(who.actor).order_by("id")


class TestAnOrder:
    @lists
    @formats
    def test_waits_for_a_worker(self, alice, source, format):
        answer = order(alice, source, format=format, filters={})
        [export] = exports(alice)
        assert answer.status_code == 202
        assert answer.json() | {"created_at": ""} == {
            "id": export.pk, "source": source, "filters": {}, "format": format, "status": "waiting", "rows_done": 0,
            "rows_total": None, "last_error": "", "created_at": "", "finished_at": None, "expires_at": None,
            "download_url": None,
        }  # fmt: skip
        assert (export.requested_by, export.state, export.attempts) == (alice.user, State.DUE, 0)

    def test_is_of_all_rows_as_csv_unless_it_says_otherwise(self, alice):
        answer = order(alice).json()
        assert (answer["format"], answer["filters"]) == ("csv", {})

    @lists
    def test_keeps_the_filters_as_they_were_given(self, alice, source):
        assert order(alice, source, filters=QUERIES[source]).json()["filters"] == QUERIES[source]

    def test_stands_in_the_ledger(self, alice):
        number = order(alice, filters={"search": "lima"}).json()["id"]
        [entry] = Entry.objects.of(alice.actor).filter(table="exports")
        assert (entry.verb, entry.action, entry.username, entry.record_id) == (
            "export.created", "export.order", "alice", number,
        )  # fmt: skip
        assert entry.new["filters"] == {"search": "lima"}

    def test_with_one_idempotency_key_is_one_order(self, alice):
        body = {"source": "sales.empresas"}
        first, again = (alice.post(PATH, body, Idempotency_Key="one") for _ in range(2))
        assert (again.status_code, again.json()) == (202, first.json())
        assert alice.post(PATH, body | {"format": "xlsx"}, Idempotency_Key="one").status_code == 422
        assert exports(alice).count() == 1


class TestAnOrderBesideItsList:
    @lists
    @formats
    def test_answers_in_the_dialect_with_where_to_look(self, alice, source, format):
        answer = alice.post(path_of(source), {"formato": format})
        [export] = exports(alice)
        assert (answer.status_code, answer.json()) == (
            202,
            {
                "success": True,
                "data": {"id": export.pk, "estado": "waiting", "formato": format, "url": f"{PATH}{export.pk}/"},
                "message": "Exportación encargada exitosamente",
            },
        )
        assert alice.get(answer.json()["data"]["url"]).json()["source"] == source

    @lists
    def test_takes_the_filters_of_the_list(self, alice, source):
        asked = Client().post(
            path_of(source), query_params=QUERIES[source], headers={"Authorization": f"Bearer {alice.token}"}, data={},
            content_type="application/json",
        )  # fmt: skip
        assert asked.status_code == 202, asked.content
        assert exports(alice).get().filters == QUERIES[source]

    def test_reads_them_again_as_the_list_does(self, alice):
        filters = []
        reading(FilterQuery, lambda actor, read: filters.append(read))(alice.actor, QUERIES["sales.oportunidades"])
        [read] = filters
        assert (read.is_open, read.stage, read.contact_id, read.company_id) == (True, "propuesta", 3, 7)
        assert (read.value_from, read.value_to) == (Decimal("10.50"), Decimal("99"))
        assert (read.created_from, read.created_to) == (date(2026, 1, 1), date(2026, 2, 28))

    def test_with_one_idempotency_key_is_one_order(self, alice):
        path = path_of("sales.clientes")
        answers = [alice.post(path, {}, Idempotency_Key="one").json() for _ in range(2)]
        assert answers[0] == answers[1]
        assert exports(alice).count() == 1

    @pytest.mark.parametrize(
        ("source", "query", "field"),
        [
            ("sales.empresas", "industria=nada", "industria"),
            ("sales.clientes", "empresa_id=x", "empresa_id"),
            ("sales.oportunidades", "etapa=nada", "etapa"),
            ("sales.oportunidades", "valor_min=NaN", "valor_min"),
            ("sales.actividades", "fecha_desde=2026-02-30", "fecha_desde"),
        ],
    )
    def test_names_the_filter_that_is_none(self, alice, source, query, field):
        assert details(alice.post(f"{path_of(source)}?{query}")) == [field]
        assert not exports(alice).exists()

    def test_names_the_format_that_is_none(self, alice):
        assert details(alice.post(path_of("sales.empresas"), {"formato": "ods"})) == ["formato"]
        assert details(alice.post(path_of("sales.empresas"), {"formato": "csv", "nada": 1})) == ["nada"]


class TestARefusal:
    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({}, "source"),
            ({"source": "sales.nada"}, "source"),
            ({"source": ""}, "source"),
            ({"source": None}, "source"),
            ({"source": ["sales.empresas"]}, "source"),
            ({"source": "sales.empresas\0"}, "source"),
            ({"source": "x" * 101}, "source"),
            ({"source": "sales.empresas", "format": "ods"}, "format"),
            ({"source": "sales.empresas", "format": None}, "format"),
            ({"source": "sales.empresas", "format": {"csv": 1}}, "format"),
            ({"source": "sales.empresas", "filters": []}, "filters"),
            ({"source": "sales.empresas", "filters": None}, "filters"),
            ({"source": "sales.empresas", "filters": "search=lima"}, "filters"),
            ({"source": "sales.empresas", "nada": 1}, "nada"),
        ],
    )
    def test_names_the_field(self, alice, body, field):
        assert details(alice.post(PATH, body)) == [field]
        assert not exports(alice).exists()

    @pytest.mark.parametrize(
        ("source", "filters", "field"),
        [
            ("sales.empresas", {"nada": 1}, "nada"),
            ("sales.empresas", {"industry": "technology"}, "industry"),
            ("sales.empresas", {"page": 2}, "page"),
            ("sales.empresas", {"industria": "technology"}, "industria"),
            ("sales.empresas", {"industria": ["tecnologia"]}, "industria"),
            ("sales.empresas", {"search": 5}, "search"),
            ("sales.empresas", {"search": "a\0b"}, "search"),
            ("sales.empresas", {"search": {"a": {"b": []}}}, "search"),
            ("sales.clientes", {"empresa_id": "x"}, "empresa_id"),
            ("sales.clientes", {"empresa_id": True}, "empresa_id"),
            ("sales.clientes", {"empresa_id": 0}, "empresa_id"),
            ("sales.clientes", {"empresa_id": 2**64}, "empresa_id"),
            ("sales.oportunidades", {"etapa": "nada"}, "etapa"),
            ("sales.oportunidades", {"valor_min": "mucho"}, "valor_min"),
            ("sales.oportunidades", {"fecha_desde": "ayer"}, "fecha_desde"),
            ("sales.oportunidades", {"fecha_hasta": 20260101}, "fecha_hasta"),
            ("sales.actividades", {"tipo": "fiesta"}, "tipo"),
        ],
    )
    def test_names_the_filter(self, alice, source, filters, field):
        assert details(order(alice, source, filters=filters)) == [field]
        assert not exports(alice).exists()

    @lists
    def test_meets_who_may_not_export_the_list(self, ours, source):
        others = [permission for permission in LISTS.values() if permission != LISTS[source]]
        who = people.person_holding(ours, *others)
        assert order(who, source).status_code == 403
        assert who.post(path_of(source)).status_code == 403
        assert not exports(who).exists()

    @lists
    def test_does_not_meet_who_may(self, ours, source):
        who = people.person_holding(ours, LISTS[source])
        assert [order(who, source).status_code, who.post(path_of(source)).status_code] == [202, 202]

    def test_meets_api_keys_which_have_no_address(self, alice):
        _, key = make.api_key(alice.actor)
        headers = {"Authorization": f"Bearer {key}"}
        number = make.export(alice.actor).pk
        send = [Client().post(PATH, {"source": "sales.empresas"}, "application/json", headers=headers)]
        send += [Client().post(path_of(source), {}, "application/json", headers=headers) for source in LISTS]
        send += [Client().get(path, headers=headers) for path in (PATH, f"{PATH}{number}/")]
        send += [Client().post(f"{PATH}{number}/cancel/", headers=headers)]
        assert [answer.status_code for answer in send] == [403] * 8
        assert exports(alice).count() == 1


class TestTheLimit:
    @pytest.fixture(autouse=True)
    def two(self, monkeypatch):
        monkeypatch.setattr(actions, "MOST_AT_ONCE", 2)

    def test_holds_for_what_waits(self, alice):
        assert [order(alice).status_code for _ in range(3)] == [202, 202, 409]
        assert order(alice).json()["error"]["code"] == "too_many_exports"
        answer = alice.post(path_of("sales.clientes"))
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "CONSTRAINT_ERROR")
        assert exports(alice).count() == 2

    def test_is_each_persons_own(self, alice, bob, stranger):
        for who in (alice, bob, stranger):
            assert [order(who).status_code for _ in range(3)] == [202, 202, 409]

    @pytest.mark.parametrize("state", [State.DONE, State.FAILED, State.CANCELLED])
    def test_forgets_what_has_ended(self, alice, change, state):
        first = make.export(alice.actor)
        make.export(alice.actor)
        change(first, state=state)
        assert [order(alice).status_code for _ in range(2)] == [202, 409]

    def test_counts_what_is_being_written(self, alice, change):
        change(make.export(alice.actor), leased_until=timezone.now() + timedelta(minutes=1))
        assert [order(alice).status_code for _ in range(2)] == [202, 409]

    @pytest.mark.parallel
    @pytest.mark.django_db(transaction=True)
    def test_holds_for_many_at_once(self, alice, given):
        def send(which: int) -> str:
            try:
                return make.export(alice.actor).state
            except DomainError as error:
                return error.code

        assert Counter(at_once(12, send)) == {State.DUE: 2, "too_many_exports": 10}
