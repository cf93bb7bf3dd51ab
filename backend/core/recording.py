"""Every write of a record is noted, inside an action and nowhere else.

A `RecordedModel` refuses to be written outside an action. Inside one, `save`, `delete` and the bulk forms note what
changed, and the action hands the notes to the ledger before it commits. So a change without a ledger entry can't be
written by forgetting something.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, ClassVar, Literal

from django.db import models

from backend.core.figures import Addends, Figures, Row

MASK = "********"
Kind = Literal["created", "updated", "deleted"]


class WriteOutsideAction(RuntimeError):
    """A record was written outside an action. This is a mistake in the code, never of the caller."""


@dataclass(frozen=True, slots=True)
class Change:
    """One record's change: the values of the fields that changed, before and after."""

    kind: Kind
    model: type["RecordedModel"]
    record_id: int
    workspace_id: int | None
    old: dict[str, Any]
    new: dict[str, Any]

    @classmethod
    def of(cls, kind: Kind, record: "RecordedModel", *, old: dict[str, Any], new: dict[str, Any]) -> "Change":
        return cls(kind, type(record), record.pk, getattr(record, "workspace_id", None), old, new)


@dataclass(slots=True)
class Recording:
    """What one running action has changed so far, and what that adds to the figures."""

    action: str
    changes: list[Change] = field(default_factory=list)
    addends: Addends = field(default_factory=Counter)


current: ContextVar[Recording | None] = ContextVar("recording", default=None)


def note(change: Change) -> None:
    recording = current.get()
    if recording is None:
        raise WriteOutsideAction(f"{change.model.__name__} {change.kind} outside an action")
    if change.model.in_ledger and (change.kind != "updated" or change.new):
        recording.changes.append(change)


def follow(model: Any, *, old: Sequence[Row], new: Sequence[Row]) -> None:
    """Note what the model's figures change by, now that its rows that were `old` have become `new`."""
    recording = current.get()
    if recording is not None:
        for figures in model.figures:
            recording.addends.update(figures.moved(model, old, new))


class RecordedQuerySet(models.QuerySet):
    """Bulk writes that are noted row by row; the forms that can't be noted are refused."""

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        created: list[Any] = super().bulk_create(list(objs), *args, **kwargs)
        for record in created:
            note(Change.of("created", record, old={}, new=record.recorded_values()))
            record.remember()
        follow(self.model, old=[], new=[record.stored for record in created])
        return created

    def bulk_update(self, objs: Iterable[Any], fields: Iterable[str], *args: Any, **kwargs: Any) -> int:
        records, names = list(objs), list(fields)
        before = [dict(record.stored) for record in records]
        for record in records:
            note(record.pending_change())
        plain: models.QuerySet = models.QuerySet(self.model, using=self.db)  # Django's own form calls update()
        updated = plain.bulk_update(records, names, *args, **kwargs)
        meta: Any = self.model._meta
        written = [meta.get_field(name).attname for name in names]
        for record, old in zip(records, before, strict=True):
            record.stored = old | {name: getattr(record, name) for name in written}
        follow(self.model, old=before, new=[record.stored for record in records])
        return updated

    def delete(self) -> tuple[int, dict[str, int]]:
        records: list[Any] = list(self)
        for record in records:
            note(Change.of("deleted", record, old=record.recorded_values(), new={}))
        deleted = super().delete()
        follow(self.model, old=[record.stored for record in records], new=[])
        return deleted

    def update(self, **kwargs: Any) -> int:
        raise WriteOutsideAction("update() can't be recorded: save each record, or use bulk_update()")


class RecordedModel(models.Model):
    """A table whose every change stands in the ledger, unless it is not `in_ledger`: then it has no business in it.

    `unrecorded` names fields that are derived from others; `secret` names those whose values are masked; `private`
    those that the ledger keeps for those who may read the record, and that are masked where anything of the workspace
    can be read, as in the audit log. `figures` are the counts and sums over its rows that are kept (see `figures.py`).
    `stored` has the values of the row as it stands in the database.
    """

    in_ledger: ClassVar[bool] = True
    unrecorded: ClassVar[frozenset[str]] = frozenset()
    secret: ClassVar[frozenset[str]] = frozenset()
    private: ClassVar[frozenset[str]] = frozenset()
    figures: ClassVar[tuple[Figures, ...]] = ()
    stored: Row = MappingProxyType({})

    class Meta:
        abstract = True

    @classmethod
    def from_db(cls, *args: Any, **kwargs: Any) -> Any:
        record = super().from_db(*args, **kwargs)
        record.remember()
        return record

    def remember(self) -> None:
        """Keep the values as they stand in the database, to tell later what changed."""
        self.stored = {
            field.attname: self.__dict__[field.attname]
            for field in self._meta.concrete_fields
            if field.attname in self.__dict__
        }

    def recorded_values(self) -> dict[str, Any]:
        """Every field that the ledger keeps, with secrets masked."""
        return self._visible({field.attname: getattr(self, field.attname) for field in self._meta.concrete_fields})

    def _visible(self, values: dict[str, Any]) -> dict[str, Any]:
        return {
            name: MASK if name in self.secret and value else value
            for name, value in values.items()
            if name not in self.unrecorded and not (name == "id" or name.endswith("_key"))
        }

    def pending_change(self) -> Change:
        """The change that saving this record now would be."""
        if self._state.adding:
            return Change.of("created", self, old={}, new=self.recorded_values())
        now = {name: getattr(self, name) for name in self.stored}
        changed = [name for name in now if self.stored[name] != now[name]]
        return Change.of(
            "updated",
            self,
            old=self._visible({name: self.stored[name] for name in changed}),
            new=self._visible({name: now[name] for name in changed}),
        )

    @property
    def is_unchanged(self) -> bool:
        """Whether saving this record now would change nothing that the ledger keeps."""
        pending = self.pending_change()
        return pending.kind == "updated" and not pending.new

    def save(self, *args: Any, **kwargs: Any) -> None:
        if current.get() is None:
            raise WriteOutsideAction(f"{type(self).__name__} saved outside an action")
        pending = self.pending_change()
        before = [] if pending.kind == "created" else [self.stored]
        super().save(*args, **kwargs)
        note(replace(pending, record_id=self.pk))
        self.remember()
        follow(type(self), old=before, new=[self.stored])

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        note(Change.of("deleted", self, old=self.recorded_values(), new={}))
        before = self.stored
        deleted = super().delete(*args, **kwargs)
        follow(type(self), old=[before], new=[])
        return deleted


def unlink(collector: Any, foreign_key: Any, records: Any, using: str) -> None:
    """`on_delete=unlink`: SET_NULL that notes each record that loses its reference. No figures go by such a field."""
    for record in records:
        name = foreign_key.attname
        note(Change.of("updated", record, old={name: getattr(record, name)}, new={name: None}))
    models.SET_NULL(collector, foreign_key, records, using)
