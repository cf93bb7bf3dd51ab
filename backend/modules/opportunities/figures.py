"""What is counted and added up of opportunities and their moves, for the reports (see `core/figures.py`)."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Model, QuerySet

from backend.core import prepared
from backend.core.figures import ROWS, Addends, Figures, Measure, Row

CENT = Decimal("0.01")
MICROSECOND = timedelta(microseconds=1)
OPEN, LOST = "open", "lost"  # of `Outcome`, which stands above


def cents(row: Row) -> int:
    return int(Decimal(row["value"]).quantize(CENT) * 100)


CENTS = "CAST(round(value * 100) AS BIGINT)"
VALUE = Measure(cents, CENTS)
WEIGHTED = Measure(lambda row: cents(row) * row["probability"], f"{CENTS} * probability")  # hundredths of cents
OPEN_FOR = Measure(  # microseconds from its creation to the stage where it stands
    lambda row: (row["stage_entered_at"] - row["created_at"]) // MICROSECOND,
    "CAST(extract(epoch FROM stage_entered_at - created_at) * 1000000 AS BIGINT)",
    sqlite="django_timestamp_diff(stage_entered_at, created_at)",
)
# By stage, and not by its outcome: that is looked up by who reads them.
STANDING = Figures(
    by=("stage_id", "currency"),
    measures={
        "opportunities": ROWS,
        "opportunities.value": VALUE,
        "opportunities.weighted": WEIGHTED,
        "opportunities.open_for": OPEN_FOR,
    },
)
CLOSED = Figures(
    by=("closed_on", "stage_id", "currency"),  # the day first: so those of a period lie together
    measures={"opportunities.closed": ROWS, "opportunities.closed_value": VALUE},
)
# Of all time: with the day there would be as many as there are opportunities.
OF_COMPANIES = Figures(
    by=("company_id", "currency"),
    measures={"opportunities.by_company": ROWS, "opportunities.by_company.value": VALUE},
)


class Place(NamedTuple):
    """What counts of a stage."""

    position: int
    outcome: str


class Passages(Figures):
    """By open stage: how many opportunities ever entered it, and how many of them advanced.

    To advance is to enter, later than the stage, one further on that is not lost. So what a move adds depends on the
    other moves of its opportunity. They don't change meanwhile: who writes one holds the opportunity's lock, or has
    just created it.
    """

    def __init__(self) -> None:
        super().__init__(by=("to_stage_id",), measures={})

    @property
    def names(self) -> tuple[str, ...]:
        return "passages.entered", "passages.advanced"

    def moved(self, model: type[Model], old: Iterable[Row], new: Iterable[Row]) -> Addends:
        gone, come = list(old), list(new)
        written = {move["id"] for move in come}
        after = _courses(model, gone, come)
        before = {each: [move for move in course if move["id"] not in written] for each, course in after.items()}
        for move in gone:
            before[move["opportunity_id"]].append(move)
        workspaces = {move["opportunity_id"]: move["workspace_id"] for move in (*gone, *come)}
        places = _places(set(workspaces.values()))
        addends: Addends = Counter()
        for sign, courses in ((-1, before), (1, after)):
            for opportunity_id, moves in courses.items():
                for name, stage_id in self._passed(moves, places):
                    addends[workspaces[opportunity_id], name, str(stage_id)] += sign
        return addends

    def _passed(self, moves: Sequence[Row], places: Mapping[int, Place]) -> set[tuple[str, int]]:
        """The figures to which one opportunity with these moves adds 1, with the stages."""
        entered, advanced = self.names
        found, furthest = set(), 0
        for move in sorted(moves, key=lambda move: (move["changed_at"], move["id"]), reverse=True):
            stage_id, place = move["to_stage_id"], places[move["to_stage_id"]]
            if place.outcome == OPEN:
                found.add((entered, stage_id))
                if furthest > place.position:
                    found.add((advanced, stage_id))
            if place.outcome != LOST:
                furthest = max(furthest, place.position)
        return found

    def truth(self, table: str) -> str:
        return f"""
            SELECT CAST(to_stage_id AS TEXT), 0, count(DISTINCT opportunity_id),
                0, count(DISTINCT CASE WHEN furthest > position THEN opportunity_id END)
            FROM (
                SELECT to_stage_id, opportunity_id, position, outcome,
                    max(CASE WHEN outcome <> '{LOST}' THEN position END) OVER (
                        PARTITION BY opportunity_id ORDER BY changed_at DESC, moves.id DESC
                        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
                    ) AS furthest
                FROM {table} AS moves JOIN stages ON stages.id = to_stage_id
                WHERE moves.workspace_id = %(workspace)s
            ) AS passed
            WHERE outcome = '{OPEN}'
            GROUP BY to_stage_id
        """  # noqa: S608 - names from the code


def _courses(model: type[Model], gone: Sequence[Row], come: Sequence[Row]) -> dict[int, list[Row]]:
    """All moves, as they are now, of each opportunity that one of these is of."""
    courses: dict[int, list[Row]] = {move["opportunity_id"]: [] for move in (*gone, *come)}
    begun = {move["opportunity_id"] for move in come if move["from_stage_id"] is None}  # so it has no others
    begun -= {move["opportunity_id"] for move in gone}
    workspaces = {move["workspace_id"] for move in (*gone, *come)}
    others = courses.keys() - begun
    stored: QuerySet = QuerySet(model).filter(workspace_id__in=workspaces, opportunity_id__in=others)
    if others:
        for row in stored.values("id", "opportunity_id", "to_stage_id", "changed_at"):
            courses[row["opportunity_id"]].append(row)
    for move in come:
        if move["opportunity_id"] in begun:
            courses[move["opportunity_id"]].append(move)
    return courses


def _places(workspaces: Iterable[int]) -> dict[int, Place]:
    """By stage."""
    statement = "SELECT id, position, outcome FROM stages WHERE workspace_id = %s"
    return {stage_id: Place(*place) for each in workspaces for stage_id, *place in prepared.rows(statement, [each])}


class Unchanging(Figures):
    """Fields from which figures of other rows were found: who wants to change them has to rebuild those as well."""

    def __init__(self, *fields: str) -> None:
        super().__init__(by=(), measures={})
        self.fields = fields

    def moved(self, model: type[Model], old: Iterable[Row], new: Iterable[Row]) -> Addends:
        for before, after in zip(old, new, strict=False):
            if changed := [name for name in self.fields if before[name] != after[name]]:
                raise FiguresOutdated(f"{model.__name__}.{changed[0]} changes, and figures depend on it")
        return Counter()


class FiguresOutdated(RuntimeError):
    """A write would leave figures wrong. This is a mistake in the code, never of the caller."""
