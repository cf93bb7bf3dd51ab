"""Writing the exports that are due."""

import logging
from tempfile import TemporaryFile

from celery import shared_task
from django.utils import timezone

from backend.core import hints, jobs
from backend.core.actor import Actor
from backend.core.errors import DomainError, Unavailable
from backend.core.recording import Change
from backend.modules.attachments import actions as attachments
from backend.modules.exchange import actions, formats, queries, sources
from backend.modules.exchange.files import About
from backend.modules.exchange.models import Export
from backend.modules.exchange.progress import Progress
from backend.modules.identity import authentication
from backend.modules.identity import queries as identity

SWEEP = 15.0  # seconds from one look at what is due to the next
MOST_AT_ONCE = 100

logger = logging.getLogger(__name__)


@shared_task(ignore_result=True)
def write_export(workspace_id: int, export_id: int) -> None:
    """Write one export, if it is due and nobody is writing it."""
    here = identity.system_actor(workspace_id)
    export = actions.claim(here, export_id)
    if export is None:
        return
    try:
        with Progress(here, export) as progress, jobs.limited(lambda: _run_out(here, export, progress)):
            _write(here, export, progress)
    except actions.Overtaken:
        logger.info("Export %s was cancelled, out of time, or taken over", export_id)
    except Unavailable as problem:
        _fail(here, export, problem.code, is_final=False)
    except DomainError as problem:  # the rights, or what the filters refer to, are gone
        _fail(here, export, problem.code, is_final=True)
    except Exception:
        logger.exception("Export %s broke", export_id)
        _fail(here, export, "server_error", is_final=False)


@shared_task(ignore_result=True)
def write_due() -> int:
    """Have everything written that is due, whatever became of the hint to; answers how many exports that is."""
    due = queries.due(limit=MOST_AT_ONCE)
    for each in due:
        hints.give(write_export, *each, expires=SWEEP)
    return len(due)


@shared_task(ignore_result=True)
def sweep_exports() -> int:
    """Forget the exports whose time is over; answers how many that is."""
    swept = 0
    while expired := queries.expired(limit=MOST_AT_ONCE):
        for workspace_id, export_id in expired:
            actions.sweep(Actor.system(workspace_id), export_id)
        swept += len(expired)
    return swept


def hint(actor: Actor, action: str, changes: list[Change]) -> None:
    """After the commit of an action: have the exports written that it ordered."""
    for change in changes:
        if change.model is Export and change.kind == "created" and change.workspace_id:
            hints.give(write_export, change.workspace_id, change.record_id, expires=SWEEP)


def _write(here: Actor, export: Export, progress: Progress) -> None:
    """The file, then its place in the storage; that it is attached and the word of it are one commit."""
    owner = authentication.member(export.workspace_id, export.requested_by_id)
    source = sources.named(export.source)
    rows = source.open(owner, export.filters)
    progress.expect(rows.count())
    with TemporaryFile() as file:
        formats.WRITERS[export.format](file, rows, _about(owner, export), progress.add)
        kept = attachments.put(
            here,
            subject_kind=queries.SUBJECT,
            subject_id=export.pk,
            filename=f"{source.filename}-{owner.today}.{export.format}",
            content_type=formats.MEDIA[export.format],
            file=file,
        )
    actions.settle_done(here, export.pk, attempt=export.attempts, rows=progress.done, file_id=kept.pk)


def _about(owner: Actor, export: Export) -> About:
    source, workspace = sources.named(export.source), identity.workspace(owner)
    return About(
        columns=source.columns,
        title=source.title,
        workspace=workspace.name,
        language=workspace.language,
        made_by=owner.username,
        made_at=timezone.now().astimezone(owner.time_zone),
        filters=export.filters,
        amounts=source.amounts,
    )


def _run_out(here: Actor, export: Export, progress: Progress) -> None:
    progress.stop()
    _fail(here, export, jobs.OUT_OF_TIME, is_final=False)


def _fail(here: Actor, export: Export, reason: str, *, is_final: bool) -> None:
    try:
        actions.settle_failed(here, export.pk, attempt=export.attempts, reason=reason, is_final=is_final)
    except actions.Overtaken:
        logger.info("Export %s was cancelled or taken over", export.pk)
