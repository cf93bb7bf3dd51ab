"""The dashboard (leads.md, "Próximas Mejoras")."""

from datetime import date, timedelta
from typing import Annotated

from ninja import Query
from pydantic import Field

from backend.dialects.leads import leads
from backend.dialects.resource import Call, Resource
from backend.dialects.wire import Day, Vocabulary, Wire
from backend.modules.leads.routers.leads import Channel, Status
from backend.modules.reports.queries import lead_dashboard as figures
from backend.modules.reports.queries.periods import Grouping as Groupings

dashboard = Resource(leads, "/leads", tag="Leads")

Grouping = Annotated[str, Vocabulary({each.value: each for each in Groupings})]


class PeriodQuery(Wire):
    first: Day | None = Field(None, alias="created_from", description="Without it, 30 days", examples=["2026-11-01"])
    last: Day | None = Field(
        None, alias="created_to", description="Included; without it, today", examples=["2026-11-30"]
    )
    grouping: Grouping = Field("day", alias="group_by", validate_default=True)


class Step(Wire):
    name: Status = Field(alias="status", examples=["contacted"])
    count: int = Field(examples=[30])
    rate: float = Field(description="Per hundred of all that came", examples=[75.0])


class Figures(Wire):
    count: int = Field(examples=[40])
    open: int = Field(examples=[22])
    closed: int = Field(examples=[10])
    close_rate: float = Field(description="Closed per hundred", examples=[25.0])
    hours_to_first_contact: float | None = Field(description="The mean, of those contacted", examples=[3.5])


class ChannelFigures(Figures):
    channel: Channel


class PersonFigures(Figures):
    user_id: int | None = Field(description="null: nobody's", examples=[2])
    username: str | None = Field(examples=["maria"])


class Bucket(Wire):
    name: str = Field(alias="period", examples=["2026-11-21"])
    created: int = Field(description="Leads that came", examples=[4])
    closed: int = Field(description="Leads that were closed, whenever they came", examples=[1])


class Dashboard(Wire):
    first: date = Field(alias="created_from")
    last: date = Field(alias="created_to")
    grouping: Grouping = Field(alias="group_by")
    funnel: list[Step] = Field(description="How many came at least so far; new: all")
    discarded: int = Field(examples=[3])
    by_channel: list[ChannelFigures]
    by_person: list[PersonFigures] = Field(description="The most first")
    trend: list[Bucket] = Field(description="Every day, week or month of the period, in the workspace's time zone")


@dashboard.get("/dashboard")
def lead_dashboard(request: Call, period: Query[PeriodQuery]) -> Dashboard:
    """What became of the leads that came in a period, of those that the caller sees. Needs `leads.view`.

    `group_by` is day, week or month. 422 if the period ends before it begins or has more than a thousand of them.
    """
    found = figures.dashboard(request.actor, first=period.first, last=period.last, grouping=period.grouping)
    return Dashboard(
        first=found.first,
        last=found.last,
        grouping=found.grouping,
        funnel=[Step.of_object(each) for each in found.funnel],
        discarded=found.discarded,
        by_channel=[ChannelFigures(channel=each.key, **_figures(each)) for each in found.by_channel],
        by_person=[
            PersonFigures(user_id=each.key, username=each.username, **_figures(each)) for each in found.by_person
        ],
        trend=[Bucket(name=each.span.name, created=each.created, closed=each.closed) for each in found.trend],
    )


def _figures(share: figures.Share) -> dict[str, float | None]:
    return {
        "count": share.count,
        "open": share.open,
        "closed": share.closed,
        "close_rate": share.close_rate,
        "hours_to_first_contact": hours(share.to_first_contact),
    }


def hours(wait: timedelta | None) -> float | None:
    return None if wait is None else round(wait.total_seconds() / 3600, 2)
