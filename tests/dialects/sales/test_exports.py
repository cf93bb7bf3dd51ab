"""The CSV files of opportunities and activities."""

import csv
import io
from datetime import UTC, datetime
from decimal import Decimal
from urllib.parse import urlencode

import pytest

from backend.modules.opportunities import actions
from tests import make

pytestmark = pytest.mark.django_db

DEALS = "/api/v1/oportunidades/"
ACTIVITIES = "/api/v1/actividades/"
AT = datetime(2026, 3, 11, 3, 30, tzinfo=UTC)
DEAL_HEADERS = (
    "ID,Nombre,Cliente,Empresa,Valor,Moneda,Probabilidad,Valor ponderado,Etapa,Estado,Resultado,"
    "Fecha de cierre estimada,Fecha de cierre real,Notas,Fecha de creación\n"
)
ACTIVITY_HEADERS = (
    "ID,Tipo,Asunto,Descripción,Fecha y hora,Estado,Cliente,Oportunidad,Resultado,Usuario,Fecha de creación\n"
)


def content(answer) -> bytes:
    assert answer.status_code == 200, answer.content
    return b"".join(answer.streaming_content)


def rows(who, path: str, **query) -> list[dict[str, str]]:
    text = content(who.get(f"{path}export/?{urlencode(query)}")).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.fixture
def deal(alice):
    company = make.company(alice.actor, name="Acme, Inc")
    contact = make.contact(alice.actor, first_name="Ana", last_name="Pérez")
    return make.opportunity(
        alice.actor,
        name='Licencias "2026"',
        contact_id=contact.pk,
        company_id=company.pk,
        value=Decimal("12525"),
        currency="USD",
        probability=33,
        expected_close_on=datetime(2026, 12, 31, tzinfo=UTC).date(),
        stage="calificacion",
        notes="Una\nDos",
        at=AT,
    )


class TestTheAnswer:
    @pytest.mark.parametrize(("path", "name"), [(DEALS, "oportunidades"), (ACTIVITIES, "actividades")])
    def test_is_a_csv_file_named_by_the_workspaces_day(self, alice, path, name):
        answer = alice.get(f"{path}export/")
        assert answer.streaming
        assert answer["Content-Type"] == "text/csv; charset=utf-8"
        assert answer["Content-Disposition"] == f'attachment; filename="{name}-{alice.actor.today}.csv"'
        assert answer["X-Content-Type-Options"] == "nosniff"

    @pytest.mark.parametrize(("path", "headers"), [(DEALS, DEAL_HEADERS), (ACTIVITIES, ACTIVITY_HEADERS)])
    def test_of_nothing_is_a_byte_order_mark_and_the_headers(self, alice, path, headers):
        assert content(alice.get(f"{path}export/")) == b"\xef\xbb\xbf" + headers.encode()

    @pytest.mark.parametrize("path", [DEALS, ACTIVITIES])
    def test_is_refused_before_the_first_byte(self, dario, alice, path):
        refused = dario.get(f"{path}export/")
        assert (refused.status_code, refused.json()["error"]["code"]) == (403, "PERMISSION_DENIED")
        assert alice.client.get(f"{path}export/").status_code == 401

    @pytest.mark.parametrize("query", ["etapa=nada", "estado=x", "valor_min=NaN", "fecha_desde=2026-02-30"])
    def test_of_a_filter_that_is_none_is_a_400(self, alice, query):
        answer = alice.get(f"{DEALS}export/?{query}")
        assert (answer.status_code, list(answer.json()["error"]["details"])) == (400, [query.split("=")[0]])


class TestOpportunities:
    def test_are_the_same_bytes_on_every_database(self, alice, deal):
        line = (
            f'{deal.pk},"Licencias ""2026""",Ana Pérez,"Acme, Inc",12525.00,USD,33,4133.25,Calificación,abierta,,'
            '2026-12-31,,"Una\nDos",2026-03-11T03:30:00Z\n'
        )
        assert content(alice.get(f"{DEALS}export/")).decode() == "\ufeff" + DEAL_HEADERS + line

    def test_leave_cells_empty_where_there_is_nothing(self, alice):
        deal = make.opportunity(alice.actor, name="Sola", value=0, at=AT)
        line = f"{deal.pk},Sola,,,0.00,PEN,10,0.00,Prospecto,abierta,,,,,2026-03-11T03:30:00Z\n"
        assert content(alice.get(f"{DEALS}export/")).decode() == "\ufeff" + DEAL_HEADERS + line

    @pytest.mark.parametrize(
        ("value", "probability", "weighted"),
        [("100", 10, "10.00"), ("1", 25, "0.25"), ("2.01", 50, "1.01"), ("999999999999.99", 75, "749999999999.99")],
    )
    def test_show_what_they_weigh_with_two_places_as_the_list_does(self, alice, value, probability, weighted):
        make.opportunity(alice.actor, value=Decimal(value), probability=probability)
        [row] = rows(alice, DEALS)
        [shown] = alice.get(DEALS).json()["data"]
        assert (row["Valor"], row["Valor ponderado"]) == (str(Decimal(value).quantize(Decimal("0.01"))), weighted)
        assert shown["valor_ponderado"] == weighted

    @pytest.mark.parametrize(("stage", "result"), [("venta", "ganada"), ("perdida", "perdida")])
    def test_say_how_they_ended(self, alice, deal, stage, result):
        actions.move(alice.actor, deal.pk, stage=stage, at=AT)
        [row] = rows(alice, DEALS)
        assert (row["Estado"], row["Resultado"], row["Fecha de cierre real"]) == ("cerrada", result, "2026-03-10")

    def test_neutralise_formulas_in_every_text(self, alice):
        company = make.company(alice.actor, name="@Acme")
        contact = make.contact(alice.actor, first_name="=Ana", last_name="")
        make.opportunity(
            alice.actor, name="+Licencias", notes="-1+1", company_id=company.pk, contact_id=contact.pk, value=5
        )
        [row] = rows(alice, DEALS)
        texts = [row[name] for name in ("Nombre", "Notas", "Empresa", "Cliente", "Valor")]
        assert texts == ["'+Licencias", "'-1+1", "'@Acme", "'=Ana", "5.00"]

    def test_obey_the_filters_of_the_list_and_its_walls(self, alice, stranger, deal):
        for stage, value, currency in (("venta", 10, "PEN"), ("perdida", 20, "EUR"), ("propuesta", 30, "USD")):
            make.opportunity(alice.actor, stage=stage, value=value, currency=currency, company_id=deal.company_id)
        filters = [
            {},
            {"estado": "abierta"},
            {"etapa": "VENTA"},
            {"moneda": "USD", "valor_max": 100},
            {"cliente_id": deal.contact_id},
            {"empresa_id": deal.company_id, "estado": "cerrada"},
            {"fecha_hasta": "2026-03-10"},
            {"fecha_desde": "2026-03-11", "valor_min": 15},
        ]
        for query in filters:
            listed = alice.get(f"{DEALS}?{urlencode(query)}").json()["data"]
            assert [row["ID"] for row in rows(alice, DEALS, **query)] == [str(row["id"]) for row in listed], query
        assert rows(stranger, DEALS) == []

    def test_are_not_cut_into_pages(self, alice):
        made = [make.opportunity(alice.actor).pk for _ in range(25)]
        assert [int(row["ID"]) for row in rows(alice, DEALS)] == made[::-1]


class TestActivities:
    def test_are_the_same_bytes_on_every_database(self, alice, deal):
        activity = make.activity(
            alice.actor,
            kind="meeting",
            subject="Demo, en línea",
            description="=1+1",
            status="pending",
            occurs_at=AT,
            contact_id=deal.contact_id,
            opportunity_id=deal.pk,
        )
        created = alice.get(f"{ACTIVITIES}{activity.pk}/").json()["data"]["fecha_creacion"][:19] + "Z"
        line = (
            f'{activity.pk},reunion,"Demo, en línea",\'=1+1,2026-03-11T03:30:00Z,pendiente,Ana Pérez,'
            f'"Licencias ""2026""",,alice,{created}\n'
        )
        assert content(alice.get(f"{ACTIVITIES}export/")).decode() == "\ufeff" + ACTIVITY_HEADERS + line

    def test_obey_the_filters_of_the_list_and_its_walls(self, alice, stranger, deal):
        for kind, status in (("call", "pending"), ("task", "completed"), ("note", "cancelled")):
            make.activity(alice.actor, kind=kind, status=status, opportunity_id=deal.pk, occurs_at=AT)
        make.activity(alice.actor, contact_id=deal.contact_id)
        filters = [
            {},
            {"tipo": "tarea"},
            {"estado": "pendiente"},
            {"cliente_id": deal.contact_id},
            {"oportunidad_id": deal.pk, "estado": "cancelada"},
            {"fecha_hasta": "2026-03-10"},
            {"fecha_desde": "2026-03-11"},
        ]
        for query in filters:
            listed = alice.get(f"{ACTIVITIES}?{urlencode(query)}").json()["data"]
            assert [row["ID"] for row in rows(alice, ACTIVITIES, **query)] == [str(row["id"]) for row in listed], query
        assert rows(stranger, ACTIVITIES) == []
