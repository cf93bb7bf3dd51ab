from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, NamedTuple

from backend.core import folding
from backend.modules.companies import actions as company_actions
from backend.modules.companies import queries as companies
from backend.modules.exchange import products
from backend.modules.exchange.importers.base import Importer, Result, with_notes
from backend.modules.exchange.importers.members import Members
from backend.modules.exchange.mapping import Record
from backend.modules.exchange.stage_words import StageWords
from backend.modules.opportunities import actions, queries
from backend.modules.opportunities.models import Opportunity, Outcome, Stage

LONGEST_NAME = 200
NOON = time(12)  # of the workspace: no change to or from summer time moves it to another day
AS_THEY_ARE = ("name", "value", "currency", "expected_close_on", "notes")


class Course(NamedTuple):
    """The way of an opportunity: when it was engaged, where it stands, and when it was closed, if it is."""

    engaged_on: date | None
    stage: Stage
    closed_on: date | None

    @property
    def is_closed(self) -> bool:
        return self.stage.outcome != Outcome.OPEN


class OpportunityImporter(Importer):
    """An opportunity is recognised by its reference in the other system, spelled exactly so.

    A new one enters a stage on the day it was engaged, and is won or lost on the day it was closed.
    """

    def look_up(self, records: Sequence[Record]) -> None:
        references = [record.values["external_id"] for record in records if "external_id" in record.values]
        self._known = queries.find_by_external_ids(self.actor, references)
        self._stages = StageWords(queries.stages(self.actor))
        self._members = Members(self.actor)
        self._companies: dict[str, int] = {}
        self._now = datetime.now(UTC)

    def take(self, record: Record) -> Result:
        reference = record.values.get("external_id")
        if reference is None:
            raise record.refused("external_id", "is empty, and a second import could not recognise it")
        course = self._course(record)
        found = self._known.get(reference)
        fields = self._fields(record, found)
        if found is None:
            self._known[reference] = self._create(record, reference, course, fields)
            return "created"
        changed = self._known[reference] = self._update(record, found, course, fields)
        return "unchanged" if changed.version == found.version else "updated"

    def _create(self, record: Record, reference: str, course: Course, fields: dict[str, Any]) -> Opportunity:
        since = course.engaged_on or course.closed_on
        first = self._stages.engaged if course.engaged_on and course.closed_on else None
        moves = [(course.stage, self._noon(course.closed_on))] if first and course.closed_on else []
        made = actions.create(
            self.actor,
            stage=first or course.stage,
            moves=moves,
            at=None if since is None else self._noon(since),
            external_id=reference,
            **fields,  # type: ignore[typeddict-item]
        )
        if course.engaged_on is None:
            since_when = "created on the day of closing" if course.is_closed else "created as of the import"
            record.remark(f"new without {record.column('engaged_on')}", since_when)
        return made

    def _update(self, record: Record, found: Opportunity, course: Course, fields: dict[str, Any]) -> Opportunity:
        changed = actions.update(self.actor, found.pk, **fields)  # type: ignore[typeddict-item]
        if found.stage != course.stage:
            moment = self._moment_of_move(record, found, course)
            changed = actions.move(self.actor, found.pk, stage=course.stage, at=moment)
        elif course.closed_on not in (None, found.closed_on):
            record.remark(f"with another {record.column('closed_on')} than is stored", "the stored one stays")
        return changed

    def _moment_of_move(self, record: Record, found: Opportunity, course: Course) -> datetime | None:
        """When the row's move was, None for now. Raises `RowRefused` where that would turn the history round."""
        entered = found.stage_entered_at.astimezone(self.actor.time_zone).date()
        if not course.is_closed:
            if found.stage.outcome != Outcome.OPEN:
                raise record.refused("stage", f"it was closed here on {found.closed_on} ({found.stage})")
            day = course.engaged_on
            return self._noon(day) if day is not None and day > entered else None
        if course.closed_on is None or course.closed_on < entered:
            raise record.refused("closed_on", f"{course.closed_on} is before {entered}, when it came to {found.stage}")
        return max(self._noon(course.closed_on), found.stage_entered_at)

    def _course(self, record: Record) -> Course:
        word = record.values.get("stage")
        if word is None:
            raise record.refused("stage", "is empty")
        stage = self._stages.recognise(word)
        if stage is None:
            names = ", ".join(each.name for each in self._stages.stages)
            raise record.refused("stage", f"{word!r} is none of the stages {names}, nor a usual word for one")
        if folding.fold(word) not in (stage.folded_name, folding.fold(stage.key)):
            record.remark("in a stage of another name", f"{word} is {stage}")
        course = Course(record.values.get("engaged_on"), stage, record.values.get("closed_on"))
        if course.is_closed and course.closed_on is None:
            raise record.refused("closed_on", f"is empty, and {word} is a closed stage")
        if not course.is_closed and course.closed_on is not None:
            raise record.refused("closed_on", f"is {course.closed_on}, and {word} is an open stage")
        if course.engaged_on and course.closed_on and course.closed_on < course.engaged_on:
            raise record.refused("closed_on", f"{course.closed_on} is before {course.engaged_on}, when it was engaged")
        for field in ("engaged_on", "closed_on"):
            if (day := record.values.get(field)) and day > self._now.astimezone(self.actor.time_zone).date():
                raise record.refused(field, f"{day} is in the future")
        return course

    def _fields(self, record: Record, found: Opportunity | None) -> dict[str, Any]:
        """The fields to write. What a new one needs and the row does not say is filled in."""
        values = record.values
        fields = {name: values[name] for name in AS_THEY_ARE if name in values}
        product = self._product(record)
        company = values.get("company_name")
        if company is None:
            record.remark("without a company")
        else:
            fields["company_id"] = self._company_id(record, company)
        if "assignee" in values:
            fields["assigned_to_id"] = self._assignee_id(record)
        else:
            record.remark("without an assignee")
        if "value" not in values:
            record.remark("without a value", "0 if it is new")
        if found is None:
            name = values.get("name") or self._name(record, product, company)
            fields = {"value": Decimal(0), "currency": self.options.currency} | fields | {"name": name}
        with_notes(record, fields, found.notes if found else "")
        return fields

    def _name(self, record: Record, product: str | None, company: str | None) -> str:
        name = " · ".join(part for part in (product, company) if part)
        if not 0 < len(name) <= LONGEST_NAME:
            raise record.refused("name", "is empty" if not name else f"{name!r} is longer than {LONGEST_NAME}")
        return name

    def _product(self, record: Record) -> str | None:
        """The product as the price list spells it. The row's own word goes to the notes: there is no field for it."""
        word = record.values.get("product")
        if word is None:
            record.remark("without a product")
            return None
        record.rest[record.column("product")] = word
        if self.options.products is None:
            return word
        spelled = self.options.products.get(products.key(word))
        if spelled is None:
            record.remark("with a product that is not in the price list", word)
        elif spelled != word:
            record.remark("with the product respelled", f"{word} is {spelled}")
        return spelled or word

    def _company_id(self, record: Record, name: str) -> int:
        key = folding.key(name)
        if key not in self._companies:
            found = companies.find_by_name(self.actor, name)
            if found is None:
                found = company_actions.find_or_create(self.actor, name=name)
                record.remark("whose company was created", name)
            self._companies[key] = found.pk
        return self._companies[key]

    def _assignee_id(self, record: Record) -> int:
        member = self._members.find(record.values["assignee"])
        if member is None or not member.is_active:
            state = "no user" if member is None else "an inactive user"
            raise record.refused("assignee", f"{record.values['assignee']!r} is {state} here: import the users first")
        return member.user_id

    def _noon(self, day: date) -> datetime:
        """The middle of a day in the workspace's time zone; of today at most now, the same for all rows of a batch."""
        return min(datetime.combine(day, NOON, tzinfo=self.actor.time_zone), self._now)
