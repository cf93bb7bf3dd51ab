"""Subscribing to reports, and what becomes of each slot."""

from collections.abc import Mapping, Sequence
from datetime import time, timedelta
from typing import Any, TypedDict, Unpack
from zoneinfo import ZoneInfoNotFoundError, available_timezones

from django.utils import timezone

from backend.core import turns
from backend.core.action import action
from backend.core.actor import Actor
from backend.core.errors import Conflict, Invalid
from backend.modules.identity.actions.workspaces import UnknownTimeZone
from backend.modules.notifications import actions as mail
from backend.modules.notifications.actions import MailFile
from backend.modules.scheduling import catalogue, queries, slots
from backend.modules.scheduling.models import ReportRun, ReportSubscription, State
from backend.modules.scheduling.slots import Every

LEASE = timedelta(minutes=5)  # a report takes seconds
BACK_OFF = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60)]
MOST_ATTEMPTS = 5
MOST_SUBSCRIPTIONS = 50  # of one person
TIMING = ("every", "weekday", "day_of_month", "at", "time_zone")


class TooManySubscriptions(Conflict):
    """The caller has as many subscriptions as anybody may. Fact: `limit`."""

    code = "too_many_subscriptions"


class RunWaiting(Conflict):
    """A run that was asked for beside the slots has not ended yet."""

    code = "report_run_waiting"


class WeekdayMissing(Invalid):
    code = "weekday_missing"
    field = "weekday"


class DayMissing(Invalid):
    code = "day_missing"
    field = "day_of_month"


class NotOfThisCadence(Invalid):
    """A day that says nothing about when it is due, as the weekday of a monthly one; `field` says which."""

    code = "not_of_this_cadence"


class Overtaken(Exception):
    """The run is gone or has ended, or this attempt is out of time, or another worker has begun anew.

    Never leaves the worker.
    """


class SubscriptionFields(TypedDict, total=False):
    report: str
    parameters: Mapping[str, Any]
    every: str
    weekday: int | None  # 0 is Monday
    day_of_month: int | None
    at: time
    time_zone: str | None  # None is the workspace's
    is_active: bool


@action("report_subscription.create")
def create(actor: Actor, **fields: Unpack[SubscriptionFields]) -> ReportSubscription:
    """Have a report mailed to the caller again and again; all fields but the days have to be given.

    Who may read the report now may subscribe, and has to whenever it is made. Raises `TooManySubscriptions`,
    `UnknownReport`, what its parameters raise, `UnknownTimeZone`, `WeekdayMissing`, `DayMissing`, `NotOfThisCadence`,
    and `PermissionDenied`, for an API key as well.
    """
    turns.take(actor.workspace_id, f"report subscriptions of {actor.require_user()}")
    if queries.visible_to(actor).count() >= MOST_SUBSCRIPTIONS:
        raise TooManySubscriptions(limit=MOST_SUBSCRIPTIONS)
    subscription = ReportSubscription.objects.of(actor).new(user_id=actor.require_user())
    return _save(actor, subscription, dict(fields))


@action("report_subscription.update")
def update(actor: Actor, subscription_id: int, **fields: Unpack[SubscriptionFields]) -> ReportSubscription:
    """Change the given fields. A new timing counts from now on, and so does one that goes on after a pause.

    Raises `NotFound`, and what `create` does; rights are asked for only by a change of the report or its parameters,
    and to go on.
    """
    subscription: ReportSubscription = queries.visible_to(actor).lock(subscription_id)
    return _save(actor, subscription, dict(fields))


@action("report_subscription.delete")
def delete(actor: Actor, subscription_id: int) -> None:
    """End a subscription, with its history; a run that a worker is at mails nothing any more. Raises `NotFound`."""
    subscription: ReportSubscription = queries.visible_to(actor).lock(subscription_id)
    ReportRun.objects.of(actor).filter(subscription=subscription).delete()
    subscription.delete()


@action("report_run.order")
def order_run(actor: Actor, subscription_id: int) -> ReportRun:
    """Have the report made and mailed once more, now, under the rights that its owner has when it is made.

    Raises `NotFound` and `RunWaiting`.
    """
    subscription: ReportSubscription = queries.visible_to(actor).lock(subscription_id)
    runs = ReportRun.objects.of(actor)
    if runs.filter(subscription=subscription, slot=None, state=State.DUE).exists():
        raise RunWaiting
    now = timezone.now()
    return runs.create(subscription=subscription, as_of=now, next_at=now)


@action("report_run.take_slot")
def take_slot(actor: Actor, subscription_id: int) -> ReportRun | None:
    """The run of the slot that has come, if one has: of several that passed the latest, which counts the others.

    Raises `NotFound`.
    """
    subscription: ReportSubscription = ReportSubscription.objects.of(actor).lock(subscription_id)
    now = timezone.now()
    if not subscription.is_active or subscription.next_at > now:
        return None
    try:
        cadence = queries.cadence(subscription)
    except ZoneInfoNotFoundError:
        _pause(subscription, UnknownTimeZone.code)
        return None
    passed = slots.passed_slots(cadence, subscription.next_at, now)
    subscription.next_at = slots.next_slot(cadence, now)
    subscription.save()
    runs, slot = ReportRun.objects.of(actor), passed[-1]
    if runs.filter(subscription=subscription, slot=slot).exists():  # somebody has set the clock back
        return None
    return runs.create(subscription=subscription, slot=slot, as_of=slot, next_at=now, skipped=len(passed) - 1)


@action("report_run.claim")
def claim(actor: Actor, run_id: int) -> ReportRun | None:
    """The run, if it is to be made now and nobody else is at it; for as long as the lease runs.

    One whose every attempt ended without a word, as when it kills its worker, fails for good here.
    Raises `NotFound`.
    """
    run: ReportRun = ReportRun.objects.of(actor).lock(run_id)
    if not run.is_free:
        return None
    if run.attempts >= MOST_ATTEMPTS:
        run.last_error = run.last_error or "interrupted"
        _end(run, State.FAILED)
        return None
    run.begin(lease=LEASE)
    run.save()
    return run


@action("report_run.settle_done")
def settle_done(
    actor: Actor,
    run_id: int,
    *,
    attempt: int,
    language: str,
    facts: Mapping[str, Any],
    files: Sequence[MailFile],
) -> None:
    """The report is made: it is mailed to its owner, once. Raises `Overtaken`, and `MailFilesTooLarge`."""
    run = _running(actor, run_id, attempt)
    run.last_error = ""
    _end(run, State.DONE)
    mail.send(
        actor,
        key=f"scheduled-report/{run.pk}",
        recipient=run.subscription.user.email,
        template="scheduled_report",
        language=language,
        facts=facts,
        files=files,
    )


@action("report_run.settle_failed")
def settle_failed(actor: Actor, run_id: int, *, attempt: int, reason: str, is_final: bool) -> None:
    """The attempt of this number has failed: try again later, or never; then the subscription is paused.

    One that could be tried again and was, to the last, fails without a pause: the next slot may do better.
    Raises `Overtaken`.
    """
    subscription = _subscription_of(actor, run_id) if is_final else None
    run = _running(actor, run_id, attempt)
    if subscription is not None:
        _pause(subscription, reason)
    if is_final or attempt >= MOST_ATTEMPTS:
        run.last_error = reason
        _end(run, State.FAILED)
        return
    run.try_again(wait=BACK_OFF[min(attempt, len(BACK_OFF)) - 1], reason=reason)
    run.save()


def _save(actor: Actor, subscription: ReportSubscription, fields: Mapping[str, Any]) -> ReportSubscription:
    was = {name: getattr(subscription, name) for name in (*TIMING, "report", "is_active")}
    is_new = subscription.pk is None
    for name, value in fields.items():
        setattr(subscription, name, value)
    subscription.time_zone = subscription.time_zone or actor.time_zone.key
    if subscription.report != was["report"] and "parameters" not in fields:
        subscription.parameters = {}
    goes_on = subscription.is_active and not was["is_active"]
    if is_new or goes_on or "report" in fields or "parameters" in fields:
        report = catalogue.named(subscription.report)
        subscription.parameters = report.read(actor, subscription.parameters)
    _check_timing(subscription, fields)
    if is_new or goes_on or any(getattr(subscription, name) != was[name] for name in TIMING):
        subscription.next_at = slots.next_slot(queries.cadence(subscription), timezone.now())
    if "is_active" in fields:
        subscription.paused_reason = ""
    subscription.save()
    return subscription


def _check_timing(subscription: ReportSubscription, fields: Mapping[str, Any]) -> None:
    """See that the days are those of the cadence; what was said about another one before is forgotten."""
    if subscription.time_zone not in available_timezones():
        raise UnknownTimeZone(value=subscription.time_zone)
    for name, every in (("weekday", Every.WEEK), ("day_of_month", Every.MONTH)):
        if subscription.every != every:
            if fields.get(name) is not None:
                error = NotOfThisCadence()
                error.field = name
                raise error
            setattr(subscription, name, None)
    if subscription.every == Every.WEEK and subscription.weekday is None:
        raise WeekdayMissing
    if subscription.every == Every.MONTH and subscription.day_of_month is None:
        raise DayMissing


def _running(actor: Actor, run_id: int, attempt: int) -> ReportRun:
    run: ReportRun | None = ReportRun.objects.of(actor).select_for_update(of=("self",)).filter(pk=run_id).first()
    if run is None or not run.is_at(attempt):
        raise Overtaken
    return run


def _subscription_of(actor: Actor, run_id: int) -> ReportSubscription:
    """The run's subscription, locked before the run, as who deletes them does."""
    ids = ReportRun.objects.of(actor).filter(pk=run_id).values("subscription_id")
    locked = ReportSubscription.objects.of(actor).select_for_update(of=("self",)).filter(pk__in=ids)
    subscription: ReportSubscription | None = locked.first()
    if subscription is None:
        raise Overtaken
    return subscription


def _pause(subscription: ReportSubscription, reason: str) -> None:
    subscription.is_active, subscription.paused_reason = False, reason
    subscription.save()


def _end(run: ReportRun, state: State) -> None:
    run.state, run.leased_until, run.finished_at = state, None, timezone.now()
    run.save()
