"""Reading opportunities and stages."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db.models import Count as CountRows
from django.db.models import DecimalField, ExpressionWrapper, F, Func, Sum, TextField, Value, Window
from django.db.models.functions import Coalesce, Concat, RowNumber, Trim

from backend.core import folding, listing, permissions
from backend.core.actor import Actor
from backend.core.errors import Invalid, NotFound
from backend.core.tenancy import WorkspaceQuerySet
from backend.modules.opportunities.models import Opportunity, Outcome, Stage, StageChange

VIEW = permissions.declare("opportunities.view", "Read opportunities", roles={"manager", "sales", "user"})
EXPORT = permissions.declare("opportunities.export", "Export opportunities", roles={"manager", "sales"})

ROW = (
    "name",
    "contact_id",
    "company_id",
    "value",
    "currency",
    "probability",
    "expected_close_on",
    "closed_on",
    "notes",
    "created_by_id",
    "assigned_to_id",
    "created_at",
    "updated_at",
    "version",
)
NAMES: dict[str, Any] = {
    "stage_key": F("stage__key"),
    "stage_name": F("stage__name"),
    "outcome": F("stage__outcome"),
    "company_name": F("company__name"),
    "contact_first_name": Coalesce(F("contact__first_name"), Value("")),
    "contact_last_name": Coalesce(F("contact__last_name"), Value("")),
    "created_by_name": F("created_by__username"),
    "assigned_to_name": F("assigned_to__username"),
}
ORDERINGS = {
    name: name
    for name in ("name", "value", "probability", "expected_close_on", "closed_on", "created_at", "updated_at", "id")
} | {"stage": "stage__position"}
MONEY = DecimalField(max_digits=30, decimal_places=4)
# Not `/ 100`: SQLite divides a whole amount as an integer.
WEIGHTED = ExpressionWrapper(F("value") * F("probability") * Value(Decimal("0.01")), output_field=MONEY)
ZERO = Decimal(0)
PIPELINE_SIZE = 20  # opportunities shown per stage


class UnknownOpportunity(Invalid):
    """A record refers to an opportunity that does not exist for the actor. Fact: `id`."""

    code = "unknown_opportunity"
    field = "opportunity_id"


class UnknownStage(Invalid):
    """No stage of the workspace has this key or name. Fact: `value`."""

    code = "unknown_stage"
    field = "stage"


class ToTheCent(Func):
    """An amount that is exact with four places, with two of them, in text."""

    output_field = TextField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return super().as_sql(compiler, connection, template="printf('%%.2f', round(%(expressions)s, 4))")

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return super().as_sql(compiler, connection, template="round(%(expressions)s, 2)")


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list of opportunities can be narrowed by; None does not narrow.

    `is_open` follows from the stage's outcome; `outcomes` are those that will do. `created_from` and `created_to` are
    days, both included, in the workspace's time zone.
    """

    is_open: bool | None = None
    outcomes: tuple[str, ...] | None = None
    stage: str | None = None
    contact_id: int | None = None
    company_id: int | None = None
    currency: str | None = None
    value_from: Decimal | None = None
    value_to: Decimal | None = None
    created_from: date | None = None
    created_to: date | None = None


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over a whole filtered set; `by_currency` has the same per currency."""

    count: int
    value: Decimal
    weighted: Decimal
    by_currency: dict[str, "Totals"]


@dataclass(frozen=True, slots=True)
class StageInPipeline:
    stage: Stage
    count: int
    value: Decimal
    rows: list[dict[str, Any]]


def visible_to(actor: Actor) -> WorkspaceQuerySet:
    """Every opportunity of the workspace."""
    return Opportunity.objects.of(actor)


def moves(actor: Actor) -> WorkspaceQuerySet:
    """Every move between stages of the opportunities of the workspace."""
    return StageChange.objects.of(actor)


def stages(actor: Actor) -> list[Stage]:
    """The workspace's stages in order."""
    return list(Stage.objects.of(actor).order_by("position", "id"))


def find_stage(actor: Actor, name: str | Stage) -> Stage:
    """The stage of this key or name, without regard to case or accents; a stage of the workspace is that stage.

    Raises `UnknownStage`.
    """
    if isinstance(name, Stage):
        if name.workspace_id == actor.workspace_id:
            return name
        raise UnknownStage(value=name.name)
    wanted = folding.fold(name)
    for stage in stages(actor):
        if wanted in (folding.fold(stage.key), stage.folded_name):
            return stage
    raise UnknownStage(value=name)


def first_stage(actor: Actor, outcome: str) -> Stage:
    """The first stage with this outcome. Raises `UnknownStage` where the workspace has none."""
    for stage in stages(actor):
        if stage.outcome == outcome:
            return stage
    raise UnknownStage(value=outcome)


def find_by_external_ids(actor: Actor, external_ids: Collection[str]) -> dict[str, Opportunity]:
    """The opportunities, with their stages, that another system has under these references, spelled exactly so."""
    rows = visible_to(actor).select_related("stage").filter(external_id__in=external_ids).exclude(external_id="")
    return {opportunity.external_id: opportunity for opportunity in rows}


def exists(actor: Actor, opportunity_id: int) -> bool:
    return visible_to(actor).filter(pk=opportunity_id).exists()


def check(actor: Actor, opportunity_id: int) -> None:
    """Raises `UnknownOpportunity` unless a record of the actor's can refer to this opportunity."""
    if not exists(actor, opportunity_id):
        raise UnknownOpportunity(id=opportunity_id)


def get(actor: Actor, opportunity_id: int) -> dict[str, Any]:
    """One opportunity with its names. Raises `NotFound`."""
    actor.require(VIEW)
    return detail(actor, opportunity_id)


def detail(actor: Actor, opportunity_id: int) -> dict[str, Any]:
    """The same for who has just written it, whether or not they may read others. Raises `NotFound`."""
    found = visible_to(actor).filter(pk=opportunity_id).values("id", *ROW, **NAMES).first()
    if found is None:
        raise NotFound(record="opportunity", id=opportunity_id)
    return found


def page(actor: Actor, filters: Filters, wanted: listing.Window) -> tuple[listing.Page, Totals]:
    """The opportunities that match, newest first unless an ordering is wanted, and the totals over all that match."""
    actor.require(VIEW)
    rows = filtered(actor, filters)
    sums = totals(rows)
    ordered = listing.order(rows, wanted, ORDERINGS, default="-created_at")
    count = listing.Count(sums.count)
    return listing.page(ordered, wanted, count=count, fields=ROW, **NAMES), sums


def to_export(actor: Actor, filters: Filters) -> WorkspaceQuerySet:
    """The opportunities that match, newest first, for a file.

    Beside the fields there are `NAMES`, `contact_name` and `weighted_value`.
    """
    actor.require(EXPORT)
    contact_name = Trim(Concat(NAMES["contact_first_name"], Value(" "), NAMES["contact_last_name"]))
    texts = {"contact_name": contact_name, "weighted_value": ToTheCent(WEIGHTED)}
    return filtered(actor, filters).annotate(**texts, **NAMES).order_by("-created_at", "-id")


def totals(rows: WorkspaceQuerySet) -> Totals:
    """Count, value and weighted value of the rows, in one statement: the sums over all are those per currency added."""
    per_currency = (
        rows.order_by().values("currency").annotate(rows=CountRows("id"), sum=Sum("value"), weight=Sum(WEIGHTED))
    )
    by_currency = {
        each["currency"]: Totals(each["rows"], cents(each["sum"]), cents(each["weight"]), {})
        for each in per_currency.order_by("currency")
    }
    return Totals(
        count=sum(each.count for each in by_currency.values()),
        value=sum((each.value for each in by_currency.values()), ZERO),
        weighted=sum((each.weighted for each in by_currency.values()), ZERO),
        by_currency=by_currency,
    )


def pipeline(actor: Actor, filters: Filters) -> tuple[list[StageInPipeline], Totals]:
    """Every stage in order with its exact count and value, and its newest opportunities, at most `PIPELINE_SIZE`.

    Beside them the totals over all that match.
    """
    actor.require(VIEW)
    rows = filtered(actor, filters)
    sums = {
        each["stage_id"]: each
        for each in rows.order_by().values("stage_id").annotate(rows=CountRows("id"), sum=Sum("value"))
    }
    newest = rows.annotate(
        place=Window(RowNumber(), partition_by="stage_id", order_by=[F("created_at").desc(), F("id").desc()])
    ).filter(place__lte=PIPELINE_SIZE)
    shown: dict[int, list[dict[str, Any]]] = {}
    for row in newest.order_by("place").values("id", "stage_id", *ROW, **NAMES):
        shown.setdefault(row["stage_id"], []).append(row)
    nothing = {"rows": 0, "sum": ZERO}
    in_order = [
        StageInPipeline(
            stage, sums.get(stage.pk, nothing)["rows"], sums.get(stage.pk, nothing)["sum"], shown.get(stage.pk, [])
        )
        for stage in stages(actor)
    ]
    return in_order, totals(rows)


def weighted(value: Decimal, probability: int) -> Decimal:
    """What an opportunity is worth at its probability, to the cent."""
    return cents(value * probability / 100)


def count_of_company(actor: Actor, company_id: int) -> int:
    return visible_to(actor).filter(company_id=company_id).count()


def count_open_of_contact(actor: Actor, contact_id: int) -> int:
    return visible_to(actor).filter(contact_id=contact_id, stage__outcome=Outcome.OPEN).count()


def rows_of_company(actor: Actor, company_id: int) -> list[dict[str, Any]]:
    """The opportunities with one company, newest first; nothing for who may not read opportunities."""
    if not actor.may(VIEW):
        return []
    rows = visible_to(actor).filter(company_id=company_id).order_by("-created_at", "-id")
    return list(rows.values("id", *ROW, **NAMES))


def filtered(actor: Actor, filters: Filters) -> WorkspaceQuerySet:
    """The opportunities that match. Raises `UnknownStage`."""
    conditions = {
        "stage": find_stage(actor, filters.stage) if filters.stage is not None else None,
        "contact_id": filters.contact_id,
        "company_id": filters.company_id,
        "stage__outcome__in": filters.outcomes,
        "currency": filters.currency,
        "value__gte": filters.value_from,
        "value__lte": filters.value_to,
        "created_at__gte": filters.created_from and actor.start_of(filters.created_from),
        "created_at__lt": filters.created_to and actor.end_of(filters.created_to),
    }
    rows = visible_to(actor).filter(**{name: value for name, value in conditions.items() if value is not None})
    if filters.is_open is not None:
        open_ = {"stage__outcome": Outcome.OPEN}
        rows = rows.filter(**open_) if filters.is_open else rows.exclude(**open_)
    return rows


def cents(amount: Decimal) -> Decimal:
    """Two places, rounded as PostgreSQL does, after SQLite's floats are back at four, with which each is exact."""
    return amount.quantize(Decimal("0.0001")).quantize(Decimal("0.01"), ROUND_HALF_UP)
