"""The notes of a contract, which may be written when it has ended as well."""

from typing import TypedDict, Unpack

from backend.core.action import action
from backend.core.actor import Actor
from backend.core.errors import NotFound
from backend.modules.contracts import queries
from backend.modules.contracts.models import Note
from backend.modules.contracts.permissions import CHANGE


class NoteFields(TypedDict, total=False):
    """What can be given of a note. `kind` is a value of `NoteKind`."""

    kind: str
    content: str


@action("contract.add_note", needs=CHANGE)
def add(actor: Actor, contract_id: int, **fields: Unpack[NoteFields]) -> Note:
    """A new note, by the caller. Raises `NotFound`."""
    _check(actor, contract_id)
    note: Note = Note.objects.of(actor).create(contract_id=contract_id, created_by_id=actor.user_id, **fields)
    return note


@action("contract.change_note", needs=CHANGE)
def update(actor: Actor, note_id: int, *, contract_id: int, **fields: Unpack[NoteFields]) -> Note:
    """Change the given fields of a note. Raises `NotFound`."""
    note = _lock(actor, contract_id, note_id)
    for name, value in fields.items():
        setattr(note, name, value)
    if not note.is_unchanged:
        note.save()
    return note


@action("contract.delete_note", needs=CHANGE)
def delete(actor: Actor, note_id: int, *, contract_id: int) -> None:
    """Remove a note. Raises `NotFound`."""
    _lock(actor, contract_id, note_id).delete()


def _lock(actor: Actor, contract_id: int, note_id: int) -> Note:
    _check(actor, contract_id)
    note: Note = Note.objects.of(actor).filter(contract_id=contract_id).lock(note_id)
    return note


def _check(actor: Actor, contract_id: int) -> None:
    if not queries.exists(actor, contract_id):
        raise NotFound(record="contract", id=contract_id)
