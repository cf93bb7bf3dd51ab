"""Ordering an export, and what becomes of the order."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from backend.core import turns
from backend.core.action import action
from backend.core.actor import Actor
from backend.core.errors import Conflict
from backend.modules.attachments import actions as attachments
from backend.modules.exchange import documents, queries, sources
from backend.modules.exchange.models import Export, Format, State
from backend.modules.identity.actions import telling
from backend.modules.notifications.actions import Subject

LEASE = timedelta(minutes=2)  # renewed with each progress that is noted
BACK_OFF = [timedelta(seconds=seconds) for seconds in (10, 60, 300, 900)]
MOST_ATTEMPTS = 5
KEPT_FOR = timedelta(days=7)
MAILED_LINK_HOLDS_FOR = timedelta(days=1)
MOST_AT_ONCE = 20  # that one caller has waiting


class TooManyExports(Conflict):
    """The caller has so many exports waiting already. Fact: `limit`."""

    code = "too_many_exports"


class ExportEnded(Conflict):
    """The export is done, failed or cancelled already."""

    code = "export_ended"


class Overtaken(Exception):
    """The export was cancelled, or this attempt is out of time, or its lease ran out and another worker has begun anew.

    Never leaves the worker.
    """


@action("export.order")
def order(actor: Actor, *, source: str, filters: Mapping[str, Any], format: str) -> Export:  # noqa: A002
    """Have the worker write a list into a file, with these of its page's parameters.

    Who may see the list now may order it, and has to when it is written as well. Raises `UnknownSource`,
    `TooManyExports`, what the list itself raises, `PermissionDenied` and `Malformed`, and `PermissionDenied` for an API
    key, which nobody can mail to; for a PDF also `TooManyRowsForPdf` and `PdfUnavailable`.
    """
    rows = sources.named(source).open(actor, filters)
    if format == Format.PDF:
        documents.check(rows)
    turns.take(actor.workspace_id, f"exports of {actor.require_user()}")
    waiting = queries.visible_to(actor).filter(state=State.DUE).count()
    if waiting >= MOST_AT_ONCE:
        raise TooManyExports(limit=MOST_AT_ONCE)
    return Export.objects.of(actor).create(
        source=source,
        filters=dict(filters),
        format=format,
        requested_by_id=actor.require_user(),
    )


@action("export.cancel")
def cancel(actor: Actor, export_id: int) -> None:
    """End an export that waits or is being written: its worker stops at its next step.

    Raises `NotFound` and `ExportEnded`.
    """
    export: Export = queries.visible_to(actor).lock(export_id)
    if export.state != State.DUE:
        raise ExportEnded
    _end(export, State.CANCELLED)


@action("export.claim")
def claim(actor: Actor, export_id: int) -> Export | None:
    """The export, if it is to be written now and nobody else is at it; for as long as the lease runs.

    One whose every attempt ended without a word, as when it kills its worker, fails for good here.
    Raises `NotFound`.
    """
    export: Export = Export.objects.of(actor).lock(export_id)
    if not export.is_free:
        return None
    if export.attempts >= MOST_ATTEMPTS:
        _give_up(actor, export, export.last_error or "interrupted")
        return None
    export.begin(lease=LEASE)
    export.rows_done = 0
    export.save()
    return export


@action("export.note_progress")
def note_progress(actor: Actor, export_id: int, *, attempt: int, rows_done: int, rows_total: int | None) -> None:
    """Keep how far it is, and the lease. Raises `Overtaken`."""
    export = _running(actor, export_id, attempt)
    export.rows_done, export.rows_total = rows_done, rows_total
    export.leased_until = timezone.now() + LEASE
    export.save()


@action("export.settle_done")
def settle_done(actor: Actor, export_id: int, *, attempt: int, rows: int, file_id: int) -> None:
    """The file is in the storage: it becomes the export's only one, and who asked is told. Raises `Overtaken`."""
    export = _running(actor, export_id, attempt)
    attachments.register(actor, file_id)
    export.rows_done = export.rows_total = rows
    export.last_error = ""
    _end(export, State.DONE)
    _tell_of_file(actor, export)


@action("export.settle_failed")
def settle_failed(actor: Actor, export_id: int, *, attempt: int, reason: str, is_final: bool) -> None:
    """The attempt of this number has failed: try again later, or never; then who asked is told. Raises `Overtaken`."""
    export = _running(actor, export_id, attempt)
    if is_final or attempt >= MOST_ATTEMPTS:
        _give_up(actor, export, reason)
        return
    export.try_again(wait=BACK_OFF[min(attempt, len(BACK_OFF)) - 1], reason=reason)
    export.save()


@action("export.sweep")
def sweep(actor: Actor, export_id: int) -> None:
    """Forget an export whose time is over, and its file. Raises `NotFound`."""
    export: Export = Export.objects.of(actor).lock(export_id)
    attachments.discard_of(actor, subject_kind=queries.SUBJECT, subject_id=export_id)
    export.delete()


def _running(actor: Actor, export_id: int, attempt: int) -> Export:
    export: Export | None = Export.objects.of(actor).select_for_update(of=("self",)).filter(pk=export_id).first()
    if export is None or not export.is_at(attempt):
        raise Overtaken
    return export


def _end(export: Export, state: State) -> None:
    export.state, export.leased_until, export.finished_at = state, None, timezone.now()
    export.expires_at = export.finished_at + KEPT_FOR
    export.save()


def _give_up(actor: Actor, export: Export, reason: str) -> None:
    export.last_error = reason
    _end(export, State.FAILED)
    _tell(actor, export, "export_failed", {"reason": reason})


def _tell_of_file(actor: Actor, export: Export) -> None:
    address = queries.address(actor, export.pk, lifetime=MAILED_LINK_HOLDS_FOR) or ""
    link = settings.PUBLIC_URL + address if address.startswith("/") else address
    _tell(actor, export, "export_ready", {"rows": str(export.rows_done), "link": link})


def _tell(actor: Actor, export: Export, kind: str, facts: Mapping[str, str]) -> None:
    telling.tell(
        actor,
        export.requested_by_id,
        key=f"export/{export.pk}",
        kind=kind,
        facts={"title": sources.title_of(export.source), **facts},
        subject=Subject(queries.SUBJECT, export.pk),
        is_secret="link" in facts,  # which opens the file
    )
