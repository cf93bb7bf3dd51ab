"""The findings of a report as what a mail carries: a page for people, lines for programs, a few words for the mail."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.template.loader import render_to_string

from backend.core import tabular
from backend.modules.scheduling import charts
from backend.modules.scheduling.findings import Chart, Column, Findings, Text
from backend.modules.scheduling.formats import Reader, plain

MOST_ROWS = 200  # of a table on paper; the CSV has all
NUMBERS = frozenset({"count", "money", "percent", "number"})
DETAILS = Text("Detalle", "Details")
MADE = Text("Generado el {moment} ({zone}) para {person}", "Made on {moment} ({zone}) for {person}")
LEFT_OUT = Text("Hay {more} filas más en el archivo CSV.", "There are {more} more rows in the CSV file.")


def html(
    findings: Findings, reader: Reader, *, title: Text, period: str, workspace: str, person: str, now: datetime
) -> str:
    """The document that becomes the PDF."""
    shown = findings.table.rows[:MOST_ROWS]
    more = len(findings.table.rows) - len(shown)
    moment = reader.show(now, "moment")
    facts = {
        "language": reader.language,
        "title": reader.say(title),
        "workspace": workspace,
        "made": reader.say(MADE).format(moment=moment, zone=reader.zone.key, person=person),
        "period": period,
        "figures": figures(findings, reader),
        "charts": [_chart(each, reader) for each in findings.charts],
        "note": reader.say(findings.note),
        "details": reader.say(DETAILS),
        "headers": [_cell(each.header, each, reader) for each in findings.table.columns],
        "rows": [_row(row, findings.table.columns, reader) for row in shown],
        "left_out": reader.say(LEFT_OUT).format(more=reader.show(more, "count")) if more else "",
    }
    return render_to_string("scheduling/report.html", facts)


def csv(findings: Findings, reader: Reader) -> bytes:
    """Every row of the table, with headers in the reader's language and values that do not depend on it."""
    headers = [reader.say(column.header) for column in findings.table.columns]
    rows = ([_plain(value, reader) for value in row] for row in findings.table.rows)
    return tabular.csv_of(headers, rows)


def figures(findings: Findings, reader: Reader) -> list[dict[str, str]]:
    """The most important numbers, each with its `name` and its `value` as text."""
    return [{"name": reader.say(each.name), "value": reader.show(each.value, each.kind)} for each in findings.figures]


def _chart(chart: Chart, reader: Reader) -> dict[str, Any]:
    return {"title": reader.say(chart.title), "keys": charts.keys(chart, reader), "svg": charts.svg(chart, reader)}


def _row(row: Sequence[Any], columns: Sequence[Column], reader: Reader) -> list[dict[str, Any]]:
    return [_cell(value, column, reader) for value, column in zip(row, columns, strict=True)]


def _cell(value: Any, column: Column, reader: Reader) -> dict[str, Any]:
    text = "" if value is None else reader.show(value, column.kind)
    return {"text": text, "is_number": column.kind in NUMBERS}


def _plain(value: Any, reader: Reader) -> Any:
    return reader.say(value) if isinstance(value, Text) else plain(value)
