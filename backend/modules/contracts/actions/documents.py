"""The documents of a contract. A file is announced, sent to where the answer says, and registered as a document."""

from typing import Unpack

from backend.core.action import action
from backend.core.actor import Actor
from backend.modules.attachments import actions as attachments
from backend.modules.attachments.actions import Announced, Kept, Presigned
from backend.modules.contracts import errors
from backend.modules.contracts.actions import holding
from backend.modules.contracts.models import Document
from backend.modules.contracts.permissions import CHANGE
from backend.modules.contracts.queries import SUBJECT, documents

MOST = 100  # documents of a contract


@action("contract.announce_document", needs=CHANGE)
def presign(actor: Actor, contract_id: int, **file: Unpack[Announced]) -> Presigned:
    """Announce the file of a document and learn where to send it.

    Raises `NotFound`, `ContractClosed`, `TooManyDocuments`, `FileTypeNotAllowed`, `NoFilename` and `FileTooLarge`.
    """
    holding.lock(actor, contract_id)
    _check_room(actor, contract_id)
    return attachments.presign_of(actor, subject_kind=SUBJECT, subject_id=contract_id, **file)


def add(actor: Actor, contract_id: int, *, key: str, kind: str, title: str) -> Document:
    """Register what was uploaded as a document, once. The storage is asked outside of any transaction of this one's.

    Raises `NotFound` for the contract and for a key that was not announced for it, `ContractClosed`,
    `TooManyDocuments`, and what `attachments.keep` raises.
    """
    actor.require(CHANGE)
    holding.check(actor, contract_id)
    kept = attachments.keep(actor, subject_kind=SUBJECT, subject_id=contract_id, key=key)
    return _register(actor, contract_id, kept=kept, kind=kind, title=title)


@action("contract.delete_document", needs=CHANGE)
def delete(actor: Actor, document_id: int, *, contract_id: int) -> None:
    """Remove a document and its file. Raises `NotFound` and `ContractClosed`."""
    holding.hold(actor, contract_id)
    document: Document = Document.objects.of(actor).filter(contract_id=contract_id).lock(document_id)
    document.delete()
    attachments.discard(actor, document.attachment_id)


@action("contract.add_document", needs=CHANGE)
def _register(actor: Actor, contract_id: int, *, kept: Kept, kind: str, title: str) -> Document:
    """Attach a file that is in the storage."""
    holding.lock(actor, contract_id)
    _check_room(actor, contract_id)
    attachments.attach(actor, kept.attachment_id, size=kept.size)
    document: Document = Document.objects.of(actor).create(
        contract_id=contract_id,
        attachment_id=kept.attachment_id,
        kind=kind,
        title=title,
        created_by_id=actor.user_id,
    )
    return document


def _check_room(actor: Actor, contract_id: int) -> None:
    if documents.count(actor, contract_id) >= MOST:
        raise errors.TooManyDocuments(limit=MOST)
