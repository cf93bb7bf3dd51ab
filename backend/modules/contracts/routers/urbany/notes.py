"""Las notas de un contrato (added: urbany.md shows them in the detail)."""

from backend.dialects.resource import Call, Resource
from backend.dialects.urbany import urbany
from backend.dialects.wire import Id, Partial
from backend.modules.contracts import queries
from backend.modules.contracts.actions import notes as actions
from backend.modules.contracts.routers.urbany.shapes import Note, NoteIn

notes = Resource(urbany, "/contratos", tag="Contratos")


@notes.post("/{int:contract_id}/notes/")
def add_note(request: Call, contract_id: Id, note: NoteIn) -> Note:
    """Añade una nota, también a un contrato que ya terminó. Needs `contracts.change`."""
    made = actions.add(request.actor, contract_id, **note.given())
    return Note.of(queries.note(request.actor, made.pk))


@notes.put("/{int:contract_id}/notes/{int:note_id}/")
def update_note(request: Call, contract_id: Id, note_id: Id, note: Partial[NoteIn]) -> Note:
    """Cambia los campos que se envían. Needs `contracts.change`."""
    actions.update(request.actor, note_id, contract_id=contract_id, **note.given())
    return Note.of(queries.note(request.actor, note_id))


@notes.delete("/{int:contract_id}/notes/{int:note_id}/")
def delete_note(request: Call, contract_id: Id, note_id: Id) -> None:
    """Elimina una nota. Needs `contracts.change`."""
    actions.delete(request.actor, note_id, contract_id=contract_id)
