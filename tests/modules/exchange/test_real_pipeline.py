"""The public sales pipeline, imported by the command: the reports give what a spreadsheet gives.

What is expected is computed from the CSV file alone, with no code of the project.
"""

import csv
import io
from collections import Counter, defaultdict
from datetime import date
from decimal import Decimal
from io import StringIO
from statistics import mean

import pytest
from django.core.management import call_command
from django.db import transaction

from tests import people

pytestmark = [pytest.mark.real_data, pytest.mark.django_db, pytest.mark.timeout(600)]

STAGES = {"Prospecting": "prospecto", "Engaging": "calificacion", "Won": "cerrada_ganada", "Lost": "cerrada_perdida"}
PIPELINE = {
    "external_id": "opportunity_id",
    "assignee": "sales_agent",
    "company_name": "account",
    "stage": "deal_stage",
    "engaged_on": "engage_date",
    "closed_on": "close_date",
    "value": "close_value",
}


@pytest.fixture(scope="module")
def rows(data_set):
    with (data_set / "sales_pipeline.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def outputs():
    return {}


@pytest.fixture(scope="module")
def reader(data_set, outputs, django_db_setup, django_db_blocker):
    """Somebody in a workspace into which the files were imported. They are imported once for all tests."""

    def run(kind, name, wanted, *options):
        pairs = [part for field, column in wanted.items() for part in ("--map", f"{field}={column}")]
        written = StringIO()
        place = ["--workspace", str(who.workspace.pk), "--no-progress"]
        call_command("import_csv", kind, str(data_set / name), *pairs, *place, *options, stdout=written)
        outputs.setdefault(kind, []).append(written.getvalue())

    with django_db_blocker.unblock(), transaction.atomic():
        who = people.person("spreadsheet", people.workspace("Real"), "admin")
        run("company", "accounts.csv", {"name": "account", "industry": "sector", "address": "office_location"})
        run("user", "sales_teams.csv", {"full_name": "sales_agent"})
        for _ in range(2):
            run("opportunity", "sales_pipeline.csv", PIPELINE, "--products", str(data_set / "products.csv"))
        yield who
        transaction.set_rollback(True)


@pytest.fixture
def report(reader):
    def get(name):
        answer = reader.get(f"/api/v1/reportes/{name}")
        assert answer.status_code == 200, answer.content
        return answer.json()["data"]

    return get


def in_stage(rows, *words):
    return [row for row in rows if row["deal_stage"] in words]


def value(rows):
    return sum((Decimal(row["close_value"] or 0) for row in rows), Decimal(0))


def days(row):
    return (date.fromisoformat(row["close_date"]) - date.fromisoformat(row["engage_date"])).days


def test_nothing_is_dropped_in_silence(reader, rows, outputs):
    first, second = outputs["opportunity"]
    assert f"created {len(rows)}, updated 0, unchanged 0, refused 0" in first
    assert f"created 0, updated 0, unchanged {len(rows)}, refused 0" in second
    assert "created 85, updated 0, unchanged 0, refused 0" in outputs["company"][0]
    assert "created 35, updated 0, unchanged 0, refused 0" in outputs["user"][0]
    empty = Counter(name for row in rows for name, cell in row.items() if not cell)
    respelled = sum(row["product"] == "GTXPro" for row in rows)
    for line in (
        f"{empty['account']} without a company",
        f"{empty['close_value']} without a value",
        f"{empty['engage_date']} new without engage_date",
        f"{respelled} with the product respelled: GTXPro is GTX Pro ({respelled})",
    ):
        assert line in first


def test_each_row_is_there_as_the_file_has_it(reader, rows):
    names = {"Prospecting": "Prospecto", "Engaging": "Calificación", "Won": "Venta", "Lost": "Perdida"}
    answer = reader.get("/api/v1/oportunidades/export/")
    exported = csv.DictReader(io.StringIO(b"".join(answer).decode("utf-8-sig")))
    found = Counter(
        (row["Empresa"], Decimal(row["Valor"]), row["Moneda"], row["Etapa"], row["Fecha de cierre real"])
        for row in exported
    )
    assert found == Counter(
        (row["account"], Decimal(row["close_value"] or 0), "USD", names[row["deal_stage"]], row["close_date"])
        for row in rows
    )


def test_the_dashboard(report, rows):
    found = report("dashboard/")
    by_stage = {key: {"count": 0, "valor_total": 0.0} for key in found["oportunidades_por_etapa"]}
    for word, key in STAGES.items():
        own = in_stage(rows, word)
        by_stage[key] = {"count": len(own), "valor_total": float(value(own))}
    assert found["oportunidades_por_etapa"] == by_stage
    totals = found["totales"]
    assert totals["oportunidades"] == len(rows)
    assert totals["oportunidades_abiertas"] == len(in_stage(rows, "Prospecting", "Engaging"))
    assert totals["empresas"] == len({row["account"] for row in rows} - {""})
    assert found["valores"]["ganado"] == float(value(in_stage(rows, "Won")))
    assert found["valores"]["total"] == float(value(rows))


@pytest.mark.parametrize(("grouping", "length"), [("mes", 7), ("dia", 10)])
def test_sales_by_month_and_by_day(report, rows, grouping, length):
    sold, count = defaultdict(Decimal), Counter()
    for row in in_stage(rows, "Won"):
        sold[row["close_date"][:length]] += Decimal(row["close_value"])
        count[row["close_date"][:length]] += 1
    found = report(f"ventas/?fecha_inicio=2016-10-01&fecha_fin=2017-12-31&agrupar_por={grouping}")
    buckets = {each["periodo"]: (each["num_ventas"], each["valor_total"]) for each in found["ventas_por_periodo"]}
    assert {name: figures for name, figures in buckets.items() if figures != (0, 0.0)} == {
        name: (count[name], float(sold[name])) for name in sold
    }
    won = in_stage(rows, "Won")
    assert (found["resumen"]["num_ventas"], found["resumen"]["valor_total"]) == (len(won), float(value(won)))
    assert found["resumen"]["valor_promedio"] == float(round(value(won) / len(won), 2))


def test_sales_by_week(report, rows):
    sold = defaultdict(Decimal)
    for row in in_stage(rows, "Won"):
        year, week, _ = date.fromisoformat(row["close_date"]).isocalendar()
        sold[f"{year}-W{week:02}"] += Decimal(row["close_value"])
    found = report("ventas/?fecha_inicio=2016-10-01&fecha_fin=2017-12-31&agrupar_por=semana")
    buckets = {each["periodo"]: each["valor_total"] for each in found["ventas_por_periodo"] if each["num_ventas"]}
    assert buckets == {name: float(amount) for name, amount in sold.items()}


def test_the_win_rate_and_the_days_to_close(report, rows):
    found = report("conversion/")
    won, lost = in_stage(rows, "Won"), in_stage(rows, "Lost")
    assert (found["total_cerradas_ganadas"], found["total_cerradas_perdidas"]) == (len(won), len(lost))
    assert found["total_oportunidades_creadas"] == len(rows)
    assert found["tasa_conversion_general"] == round(100 * len(won) / (len(won) + len(lost)), 2)
    assert found["tiempo_promedio_cierre_dias"] == round(mean(map(days, won + lost)), 2)


def test_the_passages(report, rows):
    found = {
        each["etapa"]: (each["entraron"], each["avanzaron"]) for each in report("conversion/")["conversion_por_etapa"]
    }
    engaged = sum(bool(row["engage_date"]) for row in rows)
    assert found["prospecto"] == (len(rows) - engaged, 0)
    assert found["calificacion"] == (engaged, len(in_stage(rows, "Won")))
    assert found["propuesta"] == found["negociacion"] == (0, 0)


def test_the_accounts(report, rows):
    found = report("clientes-por-empresa/")
    deals = Counter(row["account"] for row in rows if row["account"])
    worth = defaultdict(Decimal)
    for row in in_stage(rows, "Won"):
        worth[row["account"]] += Decimal(row["close_value"])
    assert {each["empresa_nombre"]: each["num_oportunidades"] for each in found} == dict(deals)
    best = sorted(worth, key=worth.__getitem__, reverse=True)[:10]
    listed = sorted(found, key=lambda each: each["valor_total_oportunidades"], reverse=True)[:10]
    assert [(each["empresa_nombre"], each["valor_total_oportunidades"]) for each in listed] == [
        (name, float(worth[name])) for name in best
    ]


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("", lambda row: True),
        ("estado=cerrada", lambda row: row["close_date"]),
        ("estado=abierta", lambda row: not row["close_date"]),
        ("etapa=venta&moneda=USD", lambda row: row["deal_stage"] == "Won"),
        ("etapa=venta&valor_min=5000", lambda row: Decimal(row["close_value"] or 0) >= 5000),
        (
            "fecha_desde=2017-01-01&fecha_hasta=2017-03-31",
            lambda row: "2017-01-01" <= row["engage_date"] <= "2017-03-31",
        ),
    ],
)
def test_the_totals_of_the_list(reader, rows, query, wanted):
    own = [row for row in rows if wanted(row)]
    found = reader.get(f"/api/v1/oportunidades/?{query}").json()
    assert (found["count"], found["total_valor"]) == (len(own), float(value(own)))
