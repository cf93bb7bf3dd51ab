"""What was sold, and to whom."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from backend.core.actor import Actor
from backend.modules.opportunities.models import Currency
from backend.modules.reports.queries import ZERO
from backend.modules.reports.queries import companies as company_queries
from backend.modules.reports.queries import sales as sales_queries
from backend.modules.reports.queries import top_companies as top_company_queries
from backend.modules.reports.queries.periods import Grouping
from backend.modules.reports.queries.sales import SalesReport
from backend.modules.scheduling.catalogue.report import Parameter, Report, period
from backend.modules.scheduling.findings import Chart, Column, Figure, Findings, Series, Table, Text
from backend.modules.scheduling.periods import ALL_TIME, Days

MOST_BARS = 12
NO_SALES = Text("No hubo ventas en este periodo.", "There were no sales in this period.")
COMPANY, SALES, VALUE = Text("Empresa", "Company"), Text("Ventas", "Sales"), Text("Valor", "Value")
CHART_OF = {
    Grouping.DAY: Text("Valor de las ventas por día", "Value of sales by day"),
    Grouping.WEEK: Text("Valor de las ventas por semana", "Value of sales by week"),
    Grouping.MONTH: Text("Valor de las ventas por mes", "Value of sales by month"),
}


def sales(actor: Actor, *, days: Days, grouping: str, currency: str | None) -> Findings:
    found = sales_queries.sales(actor, first=days.first, last=days.last, grouping=grouping, currency=currency)
    currencies = list(found.summary.by_currency)
    rows = [
        (each.name, each.first, each.last, each.count, *_values(each.by_currency, currencies)) for each in found.buckets
    ]
    columns = (
        Column(Text("Periodo", "Period")), Column(Text("Desde", "From"), "day"), Column(Text("Hasta", "To"), "day"),
        Column(SALES, "count"), *_value_columns(currencies),
    )  # fmt: skip
    figures = [Figure(SALES, found.summary.count)]
    for name, sold in found.summary.by_currency.items():
        figures.append(Figure(Text(f"Total {name}", f"Total {name}"), sold.value, "money"))
        figures.append(Figure(Text(f"Promedio {name}", f"Average {name}"), sold.average, "money"))
    charts = [_sales_chart(found, each) for each in currencies]
    return Findings(figures, charts, Table(columns, rows), note="" if currencies else NO_SALES)


def _sales_chart(found: SalesReport, currency: str) -> Chart:
    title = CHART_OF[found.period.grouping]
    values = [value for each in found.buckets for value in _values(each.by_currency, [currency])]
    labels = [each.first for each in found.buckets]
    named = Text(f"{title.es}, {currency}", f"{title.en}, {currency}")
    return Chart(named, labels, [Series(currency, values)], "money", found.period.grouping.value)  # type: ignore[arg-type]


def top_companies(actor: Actor, *, days: Days, limit: int) -> Findings:
    found = top_company_queries.top_companies(actor, limit=limit, first=days.first, last=days.last)
    currencies = _currencies(each.by_currency for each in found)
    rows = [
        (place, each.company_name, each.wins, *_values(each.by_currency, currencies))
        for place, each in enumerate(found, 1)
    ]
    columns = (
        Column(Text("Puesto", "Place"), "count"), Column(COMPANY), Column(SALES, "count"), *_value_columns(currencies)
    )  # fmt: skip
    figures = [
        Figure(Text("Empresas en la lista", "Companies listed"), len(found)),
        Figure(Text("Sus ventas", "Their sales"), sum(each.wins for each in found)),
        *_totals(rows, currencies),
    ]
    first = found[:MOST_BARS]
    chart = Chart(
        Text("Ventas por empresa", "Sales by company"),
        [each.company_name for each in first],
        [Series(SALES, [each.wins for each in first])],
    )
    return Findings(figures, [chart] if found else [], Table(columns, rows), note="" if found else NO_SALES)


def companies(actor: Actor) -> Findings:
    found = list(company_queries.contacts_by_company(actor))
    currencies = _currencies(each.by_currency for each in found)
    contacts, deals = Text("Clientes", "Contacts"), Text("Oportunidades", "Opportunities")
    rows = [(each.company_name, each.contacts, each.count, *_values(each.by_currency, currencies)) for each in found]
    columns = (Column(COMPANY), Column(contacts, "count"), Column(deals, "count"), *_value_columns(currencies))
    figures = [
        Figure(Text("Empresas", "Companies"), len(found)),
        Figure(contacts, sum(each.contacts for each in found)),
        Figure(deals, sum(each.count for each in found)),
        *_totals(rows, currencies),
    ]
    largest = sorted(found, key=lambda each: (-each.count, -each.contacts, each.company_id))[:MOST_BARS]
    title = Text("Las empresas con más oportunidades", "The companies with most opportunities")
    series = [Series(deals, [each.count for each in largest]), Series(contacts, [each.contacts for each in largest])]
    chart = Chart(title, [each.company_name for each in largest], series)
    return Findings(figures, [chart] if found else [], Table(columns, rows))


def _currencies(each_by_currency: Iterable[Mapping[str, Any]]) -> list[str]:
    return sorted({currency for by_currency in each_by_currency for currency in by_currency})


def _value_columns(currencies: list[str]) -> list[Column]:
    return [Column(Text(f"{VALUE.es} {each}", f"{VALUE.en} {each}"), "money") for each in currencies]


def _values(by_currency: Mapping[str, Any], currencies: list[str]) -> list[Decimal]:
    """Each currency for itself: a sum over several says nothing to who reads it in a mail."""
    return [by_currency[each].value if each in by_currency else ZERO for each in currencies]


def _totals(rows: list[tuple], currencies: list[str]) -> list[Figure]:
    sums = [sum((row[-number] for row in rows), ZERO) for number in range(len(currencies), 0, -1)]
    return [Figure(Text(f"Total {name}", f"Total {name}"), sum_, "money") for name, sum_ in zip(currencies, sums)]  # noqa: B905


SELLING = (
    Report(
        "sales",
        SALES,
        (
            period("last_30_days"),
            Parameter("grouping", "choice", Grouping.DAY.value, tuple(Grouping)),
            Parameter("currency", "choice", None, tuple(Currency.values)),
        ),
        sales,
    ),
    Report(
        "top_companies",
        Text("Empresas con más ventas", "Top companies"),
        (period("last_30_days", ALL_TIME), Parameter("limit", "integer", 10, least=1, most=100)),
        top_companies,
    ),
    Report("companies", Text("Clientes y oportunidades por empresa", "Contacts and deals by company"), (), companies),
)
