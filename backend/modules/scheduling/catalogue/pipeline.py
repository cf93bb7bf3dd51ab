"""How the business stands: opportunities by stage, how they move, how contacts come on board."""

from collections import Counter
from typing import Any

from backend.core.actor import Actor
from backend.modules.activities.models import Kind
from backend.modules.contacts.models import Stage
from backend.modules.opportunities import queries as opportunities
from backend.modules.reports.queries import conversion as conversion_queries
from backend.modules.reports.queries import dashboard as dashboard_queries
from backend.modules.reports.queries import onboarding as onboarding_queries
from backend.modules.reports.queries import stage_changes as stage_change_queries
from backend.modules.reports.queries.dashboard import Dashboard, Values
from backend.modules.scheduling.catalogue.report import Parameter, Report, period
from backend.modules.scheduling.findings import Chart, Column, Figure, Findings, Label, Series, Table, Text
from backend.modules.scheduling.periods import ALL_TIME, Days

COMPANIES, CONTACTS = Text("Empresas", "Companies"), Text("Clientes", "Contacts")
DEALS, STAGE = Text("Oportunidades", "Opportunities"), Text("Etapa", "Stage")
OPEN, WON, LOST = Text("Abiertas", "Open"), Text("Ganadas", "Won"), Text("Perdidas", "Lost")
ENTERED, ADVANCED = Text("Entraron", "Entered"), Text("Avanzaron", "Advanced")
PENDING = Text("Actividades pendientes", "Pending activities")
RATE = Text("Tasa de conversión", "Conversion rate")
SECTION, NAME, COUNT = Text("Apartado", "Section"), Text("Concepto", "Item"), Text("Cantidad", "Count")
CHANGES = Text("Cambios", "Changes")
KINDS: dict[str, Label] = {
    Kind.CALL: Text("Llamadas", "Calls"),
    Kind.EMAIL: Text("Correos", "E-mails"),
    Kind.MEETING: Text("Reuniones", "Meetings"),
    Kind.NOTE: Text("Notas", "Notes"),
    Kind.TASK: Text("Tareas", "Tasks"),
}
ON_BOARD: dict[str, Label] = {
    Stage.LEAD: Text("Prospecto", "Lead"),
    Stage.IN_PROGRESS: Text("En proceso", "In progress"),
    Stage.ACTIVE: Text("Activo", "Active"),
}


def dashboard(actor: Actor) -> Findings:
    found = dashboard_queries.dashboard(actor)
    names = {stage.key: stage.name for stage in opportunities.stages(actor)}
    stages = [names[key] for key in found.by_stage]
    figures = [
        Figure(Text("Oportunidades abiertas", "Open opportunities"), found.totals.open), Figure(WON, found.totals.won),
        Figure(LOST, found.totals.lost), Figure(PENDING, found.totals.pending_activities),
        Figure(CONTACTS, found.totals.contacts), Figure(COMPANIES, found.totals.companies),
    ]  # fmt: skip
    charts = [
        Chart(
            Text("Oportunidades por etapa", "Opportunities by stage"),
            stages,
            [Series(DEALS, [each.count for each in found.by_stage.values()])],
        ),
        Chart(
            Text("Actividades por tipo", "Activities by kind"),
            [KINDS[kind] for kind in found.activities],
            [Series(Text("Actividades", "Activities"), list(found.activities.values()))],
        ),
    ]
    columns = (
        Column(SECTION), Column(NAME), Column(Text("Moneda", "Currency")), Column(COUNT, "count"),
        Column(Text("Valor", "Value"), "money"),
    )  # fmt: skip
    note = Text(
        "Los valores por etapa suman las monedas tal como están.", "Values by stage add the currencies as they are."
    )
    return Findings(figures, charts, Table(columns, _dashboard_rows(found, names)), note=note)


def _dashboard_rows(found: Dashboard, names: dict[str, str]) -> list[tuple]:
    totals, total = found.totals, Text("Totales", "Totals")
    counts: list[tuple[Label, int]] = [
        (COMPANIES, totals.companies), (CONTACTS, totals.contacts), (DEALS, totals.opportunities), (OPEN, totals.open),
        (WON, totals.won), (LOST, totals.lost), (Text("Actividades", "Activities"), totals.activities),
        (PENDING, totals.pending_activities),
    ]  # fmt: skip
    rows: list[tuple] = [(total, name, "", count, None) for name, count in counts]
    rows += [(STAGE, names[key], "", each.count, each.value) for key, each in found.by_stage.items()]
    rows += [(Text("Actividades", "Activities"), KINDS[kind], "", n, None) for kind, n in found.activities.items()]
    for currency, values in found.values.by_currency.items():
        rows += [(Text("Valores", "Values"), name, currency, None, value) for name, value in _parts(values)]
    return rows


def _parts(values: Values) -> list[tuple[Label, Any]]:
    weighted = Text("Abiertas, ponderadas", "Open, weighted")
    return [(OPEN, values.open), (weighted, values.weighted), (WON, values.won), (LOST, values.lost)]


def conversion(actor: Actor) -> Findings:
    found = conversion_queries.conversion(actor)
    figures = [
        Figure(Text("Creadas", "Created"), found.created), Figure(WON, found.won), Figure(LOST, found.lost),
        Figure(RATE, found.rate, "percent"),
        Figure(Text("Días hasta el cierre", "Days to close"), found.days_to_close, "number"),
    ]  # fmt: skip
    chart = Chart(
        Text(
            "Cuántas entraron en cada etapa, y cuántas avanzaron", "How many entered each stage, and how many advanced"
        ),
        [each.stage_name for each in found.passages],
        [
            Series(ENTERED, [each.entered for each in found.passages]),
            Series(ADVANCED, [each.advanced for each in found.passages]),
        ],
    )
    columns = (Column(STAGE), Column(ENTERED, "count"), Column(ADVANCED, "count"), Column(RATE, "percent"))
    rows = [(each.stage_name, each.entered, each.advanced, each.rate) for each in found.passages]
    return Findings(figures, [chart], Table(columns, rows))


def stage_changes(actor: Actor, *, days: Days, stage: str | None, limit: int) -> Findings:
    found = stage_change_queries.stage_changes(actor, limit=limit, stage=stage, first=days.first, last=days.last)
    entered = Counter(row["new_stage_name"] for row in found.rows)
    names = [each.name for each in opportunities.stages(actor) if each.name in entered]
    chart = Chart(
        Text("Cambios por etapa a la que se pasó", "Changes by the stage that was entered"),
        names,
        [Series(CHANGES, [entered[name] for name in names])],
    )
    columns = (
        Column(Text("Momento", "Moment"), "moment"), Column(Text("Oportunidad n.º", "Opportunity no.")), Column(STAGE),
        Column(Text("Usuario", "User")), Column(Text("Motivo", "Reason")),
    )  # fmt: skip
    rows = [
        (row["changed_at"], row["opportunity_id"], row["new_stage_name"], row["changed_by_name"] or "", row["reason"])
        for row in found.rows
    ]
    figures = [Figure(CHANGES, found.count.rows), Figure(Text("En la lista", "Listed"), len(rows))]
    note = Text("No hubo cambios de etapa en este periodo.", "There were no changes of stage in this period.")
    return Findings(figures, [chart] if rows else [], Table(columns, rows), note="" if rows else note)


def onboarding(actor: Actor) -> Findings:
    found = onboarding_queries.onboarding_statistics(actor)
    people, stages = found.contacts, found.contacts.by_stage
    interactions = Text("Interacciones", "Interactions")
    new, recent = (
        Text("Nuevos en 30 días", "New in 30 days"),
        Text("Interacciones en 30 días", "Interactions in 30 days"),
    )
    figures = [
        Figure(CONTACTS, people.total), Figure(new, people.recent), Figure(interactions, found.interactions.total),
        Figure(recent, found.interactions.recent), Figure(RATE, found.conversion_rate, "percent"),
    ]  # fmt: skip
    chart = Chart(
        Text("Clientes por etapa", "Contacts by stage"),
        [ON_BOARD[key] for key in stages],
        [Series(CONTACTS, list(stages.values()))],
    )
    responsible = Text("Responsable", "Assigned to")
    rows: list[tuple] = [(Text("Totales", "Totals"), each.name, each.value) for each in figures]
    rows += [(STAGE, ON_BOARD[key], number) for key, number in stages.items()]
    rows += [(responsible, name, number) for name, number in people.by_assignee.items()]
    return Findings(figures, [chart], Table((Column(SECTION), Column(NAME), Column(COUNT, "number")), rows))


PIPELINE = (
    Report("dashboard", Text("Tablero", "Dashboard"), (), dashboard),
    Report("conversion", Text("Conversión", "Conversion"), (), conversion),
    Report(
        "stage_changes",
        Text("Cambios de etapa", "Stage changes"),
        (
            period("last_7_days", ALL_TIME),
            Parameter("stage", "stage"),
            Parameter("limit", "integer", 100, least=1, most=1000),
        ),
        stage_changes,
    ),
    Report("onboarding", Text("Incorporación de clientes", "Client onboarding"), (), onboarding),
)
