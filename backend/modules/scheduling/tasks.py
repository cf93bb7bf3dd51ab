"""Making the reports that are due."""

import logging

from celery import shared_task
from django.utils import timezone
from django.utils.text import slugify

from backend.core import hints, jobs, pdf
from backend.core.actor import Actor
from backend.core.errors import DomainError, NotFound, PermissionDenied, Unavailable
from backend.core.recording import Change
from backend.modules.identity import authentication
from backend.modules.identity import queries as identity
from backend.modules.notifications.actions import MailFile
from backend.modules.scheduling import actions, catalogue, documents, queries
from backend.modules.scheduling.formats import Reader
from backend.modules.scheduling.models import ReportRun, ReportSubscription

SWEEP = 15.0  # seconds from one look at what is due to the next
MOST_AT_ONCE = 500

logger = logging.getLogger(__name__)


@shared_task(ignore_result=True)
def send_report(workspace_id: int, run_id: int) -> None:
    """Make the report of one run and mail it, if it is due and nobody is at it."""
    here = identity.system_actor(workspace_id)
    try:
        run = actions.claim(here, run_id)
    except NotFound:  # its owner has ended the subscription
        return
    if run is not None:
        with jobs.limited(lambda: _fail(here, run, jobs.OUT_OF_TIME, is_final=False), lease=actions.LEASE):
            _try(here, run)


@shared_task(ignore_result=True)
def send_due() -> int:
    """Have every report made that is due; answers how many slots were taken.

    A run whose hint was lost comes first; the slots that have come since are hinted at as they are taken.
    """
    for place in queries.due_runs(limit=MOST_AT_ONCE):
        hints.give(send_report, *place, expires=SWEEP)
    return sum(_take_slot(*place) for place in queries.due_subscriptions(limit=MOST_AT_ONCE))


def hint(actor: Actor, action: str, changes: list[Change]) -> None:
    """After the commit of an action: have the runs made that it ordered."""
    for change in changes:
        if change.model is ReportRun and change.kind == "created" and change.workspace_id:
            hints.give(send_report, change.workspace_id, change.record_id, expires=SWEEP)


def _take_slot(workspace_id: int, subscription_id: int) -> bool:
    """Whether it had one. What is wrong with one subscription keeps no other from its slot."""
    try:
        return actions.take_slot(Actor.system(workspace_id), subscription_id) is not None
    except NotFound:
        return False
    except Exception:
        logger.exception("The slot of subscription %s can't be taken", subscription_id)
        return False


def _try(here: Actor, run: ReportRun) -> None:
    try:
        _make(here, run)
    except actions.Overtaken:
        logger.info("Run %s is gone, out of time, or was taken over", run.pk)
    except Unavailable as problem:
        logger.warning("The report of run %s can't be made now: %s %s", run.pk, problem.code, problem.facts)
        _fail(here, run, problem.code, is_final=False)
    except DomainError as problem:  # the rights, or what the parameters refer to, are gone
        _fail(here, run, problem.code, is_final=True)
    except Exception:
        logger.exception("Run %s broke", run.pk)
        _fail(here, run, "server_error", is_final=False)


def _make(here: Actor, run: ReportRun) -> None:
    """The figures, once, and the PDF and the CSV of these same ones."""
    subscription = run.subscription
    owner, report = _owner(subscription), catalogue.named(subscription.report)
    today = run.as_of.astimezone(owner.time_zone).date()
    findings = report.run(owner, subscription.parameters, today)
    reader = _reader(here, owner, subscription)
    title, period = reader.say(report.title), reader.period(report.days(subscription.parameters, today))
    page = documents.html(
        findings,
        reader,
        title=report.title,
        period=period,
        workspace=identity.workspace(here).name,
        person=_name(subscription),
        now=timezone.now(),
    )
    name = f"{slugify(title)}-{today}"
    actions.settle_done(
        here,
        run.pk,
        attempt=run.attempts,
        language=reader.language,
        facts={
            "title": title,
            "period": period,
            "name": subscription.user.first_name or subscription.user.username,
            "timing": reader.timing(queries.cadence(subscription)),
            "figures": documents.figures(findings, reader),
            "note": reader.say(findings.note),
        },
        files=[
            MailFile(f"{name}.pdf", "application/pdf", pdf.render(page)),
            MailFile(f"{name}.csv", "text/csv; charset=utf-8", documents.csv(findings, reader)),
        ],
    )


def _owner(subscription: ReportSubscription) -> Actor:
    """Who subscribed, with the rights that they have now. Raises `NotAMember`."""
    try:
        return authentication.member(subscription.workspace_id, subscription.user_id)
    except PermissionDenied:
        raise authentication.NotAMember from None


def _reader(here: Actor, owner: Actor, subscription: ReportSubscription) -> Reader:
    zone = queries.cadence(subscription).zone
    return Reader(identity.language_of(here, subscription.user), region=owner.region, zone=zone)


def _name(subscription: ReportSubscription) -> str:
    user = subscription.user
    return f"{user.first_name} {user.last_name}".strip() or user.username


def _fail(here: Actor, run: ReportRun, reason: str, *, is_final: bool) -> None:
    try:
        actions.settle_failed(here, run.pk, attempt=run.attempts, reason=reason, is_final=is_final)
    except actions.Overtaken:
        logger.info("Run %s is gone or was taken over", run.pk)
