"""How leads come and what becomes of them: a funnel, the channels, the people, the trend."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Avg, Count, DurationField, ExpressionWrapper, F, Q
from django.db.models.functions import TruncDate

from backend.core.actor import Actor
from backend.core.tenancy import WorkspaceQuerySet
from backend.modules.leads import queries as leads
from backend.modules.leads.permissions import VIEW
from backend.modules.reports.queries import percentage, periods
from backend.modules.reports.queries.periods import Grouping, Span

OPEN, CLOSED = Q(status__in=leads.OPEN), Q(status=leads.Status.CLOSED)


@dataclass(frozen=True, slots=True)
class Step:
    """How many leads came at least so far, and how many of a hundred of all that is."""

    name: str
    count: int
    rate: float


@dataclass(frozen=True, slots=True)
class Share:
    """The leads of one channel or one person; `close_rate` are those closed of a hundred."""

    key: Any
    username: str | None
    count: int
    open: int
    closed: int
    to_first_contact: timedelta | None

    @property
    def close_rate(self) -> float:
        return percentage(self.closed, self.count)


@dataclass(frozen=True, slots=True)
class Bucket:
    """A day, week or month: how many leads came in it, and how many were closed in it, whenever they came."""

    span: Span
    created: int
    closed: int


@dataclass(frozen=True, slots=True)
class Dashboard:
    """The leads that the caller sees and that came in the period, `first` and `last` included."""

    first: date
    last: date
    grouping: Grouping
    funnel: list[Step]
    discarded: int
    by_channel: list[Share]
    by_person: list[Share]
    trend: list[Bucket]


def dashboard(actor: Actor, *, first: date | None, last: date | None, grouping: str) -> Dashboard:
    """Counted now. Without `last` the period ends today, without `first` it has 30 days.

    Raises `PeriodReversed` and `TooManyBuckets`.
    """
    actor.require(VIEW)
    first, last = periods.usual(actor, first, last)
    spans = periods.spans(first, last, Grouping(grouping))
    rows = leads.visible_to(actor).order_by()
    came = rows.filter(created_at__gte=actor.start_of(first), created_at__lt=actor.end_of(last))
    return Dashboard(
        first,
        last,
        Grouping(grouping),
        funnel=_funnel(came),
        discarded=came.filter(status=leads.Status.DISCARDED).count(),
        by_channel=_by_channel(came),
        by_person=_shares(came, "assigned_to_id", "assigned_to__username"),
        trend=_trend(actor, rows, spans, Grouping(grouping)),
    )


def _funnel(came: WorkspaceQuerySet) -> list[Step]:
    reached = came.aggregate(
        new=Count("id"), contacted=Count("contacted_at"), quoted=Count("quoted_at"), closed=Count("id", filter=CLOSED)
    )
    return [Step(name, count, percentage(count, reached["new"])) for name, count in reached.items()]


def _by_channel(came: WorkspaceQuerySet) -> list[Share]:
    """Every channel, in its order, also one without leads."""
    found = {share.key: share for share in _shares(came, "channel", None)}
    return [found.get(channel, Share(channel, None, 0, 0, 0, None)) for channel in leads.Channel.values]


def _shares(came: WorkspaceQuerySet, key: str, name: str | None) -> list[Share]:
    """The largest first."""
    wait = ExpressionWrapper(F("contacted_at") - F("created_at"), output_field=DurationField())
    counted = came.values(key, *([name] if name else [])).annotate(
        count=Count("id"), open=Count("id", filter=OPEN), closed=Count("id", filter=CLOSED), wait=Avg(wait)
    )
    return [
        Share(row[key], row[name] if name else None, row["count"], row["open"], row["closed"], row["wait"])
        for row in counted.order_by("-count", key)
    ]


def _trend(actor: Actor, rows: WorkspaceQuerySet, spans: list[Span], grouping: Grouping) -> list[Bucket]:
    period = (actor.start_of(spans[0].first), actor.end_of(spans[-1].last))
    created = _by_bucket(actor, rows, "created_at", period, grouping)
    closed = _by_bucket(actor, rows.filter(CLOSED), "closed_at", period, grouping)
    return [Bucket(span, created[span.name], closed[span.name]) for span in spans]


def _by_bucket(
    actor: Actor, rows: WorkspaceQuerySet, field: str, period: tuple[Any, Any], grouping: Grouping
) -> Counter[str]:
    within = rows.filter(**{f"{field}__gte": period[0], f"{field}__lt": period[1]})
    days = within.annotate(day=TruncDate(field, tzinfo=actor.time_zone)).values("day").annotate(rows=Count("id"))
    found: Counter[str] = Counter()
    for each in days.order_by("day"):
        found[periods.name_of(each["day"], grouping)] += each["rows"]
    return found
