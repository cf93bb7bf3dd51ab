"""What a report is to somebody who subscribes to it: its name, its parameters, and how its findings are made."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from backend.core.actor import Actor
from backend.core.errors import Fault, Malformed
from backend.modules.opportunities import queries as opportunities
from backend.modules.opportunities.queries import UnknownStage
from backend.modules.reports.queries import VIEW
from backend.modules.scheduling import periods
from backend.modules.scheduling.findings import Findings, Text
from backend.modules.scheduling.periods import Days


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter. `default` None: it may be left out, or null. A stage is kept as its key."""

    name: str
    kind: Literal["choice", "integer", "stage"]
    default: Any = None
    choices: tuple[str, ...] = ()
    least: int | None = None
    most: int | None = None

    def read(self, actor: Actor, value: Any) -> Any:
        """The value, checked. Raises `Malformed`, and `UnknownStage`."""
        if value is None:
            return self.default
        if self.kind == "integer":
            return self._number(value)
        if not isinstance(value, str):
            raise Malformed([Fault(self._place, "not_text", {})])
        if self.kind == "stage":
            return self._stage(actor, value)
        if value not in self.choices:
            raise Malformed([Fault(self._place, "choice", {"value": value, "choices": list(self.choices)})])
        return value

    @property
    def _place(self) -> tuple[str, ...]:
        return ("body", "parameters", self.name)

    def _number(self, value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise Malformed([Fault(self._place, "not_integer", {})])
        if self.least is not None and value < self.least:
            raise Malformed([Fault(self._place, "too_small", {"limit": self.least})])
        if self.most is not None and value > self.most:
            raise Malformed([Fault(self._place, "too_large", {"limit": self.most})])
        return value

    def _stage(self, actor: Actor, value: str) -> str:
        try:
            return opportunities.find_stage(actor, value).key
        except UnknownStage as error:
            error.field = ".".join(self._place[1:])
            raise


@dataclass(frozen=True, slots=True)
class Report:
    """`find` is given the actor, the parameters by name, and the `Days` of the period as `days` if there is one."""

    name: str
    title: Text
    parameters: tuple[Parameter, ...]
    find: Callable[..., Findings]

    def read(self, actor: Actor, given: Mapping[str, Any]) -> dict[str, Any]:
        """All parameters, checked, those that were not given with their defaults; to be kept as JSON.

        Who may not read the report raises `PermissionDenied`. Raises `Malformed` and `UnknownStage`.
        """
        actor.require(VIEW)
        known = {each.name for each in self.parameters}
        faults = [Fault(("body", "parameters", name), "unknown_field", {}) for name in given if name not in known]
        if faults:
            raise Malformed(faults)
        return {each.name: each.read(actor, given.get(each.name)) for each in self.parameters}

    def days(self, parameters: Mapping[str, Any], today: date) -> Days | None:
        """What the period is on this day; None for a report that has none."""
        return periods.days_of(parameters["period"], today) if "period" in parameters else None

    def run(self, actor: Actor, parameters: Mapping[str, Any], today: date) -> Findings:
        """Raises what reading the parameters does, and what the report's own query does."""
        read = self.read(actor, parameters)
        days = self.days(read, today)
        period = {} if days is None else {"days": days}
        return self.find(actor, **{name: value for name, value in read.items() if name != "period"}, **period)


def period(default: str, *more: str) -> Parameter:
    """The parameter that says which days; `more` are periods beside those that have two ends."""
    return Parameter("period", "choice", default, (*periods.BOUNDED, *more))
