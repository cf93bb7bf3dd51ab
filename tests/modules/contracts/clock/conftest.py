from collections.abc import Callable
from datetime import date, datetime

import pytest
from django.utils import timezone

from backend.core import hints
from backend.modules.contracts import tasks
from backend.modules.contracts.models import Contract, ContractAlert, Status
from backend.modules.notifications.models import Notification, OutboundEmail
from tests import make
from tests.modules.scheduling.conftest import Clock

SUBJECTS = ("contract_ending", "contract_payment_due", "contract_payment_late")


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """The time that it is, in UTC, also when the workspaces come into being. In Lima it is five hours less."""
    clock = Clock()
    clock.set("2026-03-01T12:00")
    monkeypatch.setattr(timezone, "now", lambda: clock.now)
    return clock


@pytest.fixture
def at_work(monkeypatch):
    """Hints reach a worker at once."""
    monkeypatch.setattr(hints, "give", lambda task, *args, expires=None, queue=None: task(*args))


@pytest.fixture
def morning(clock, at_work) -> Callable[[str], int]:
    """Let it be the time for alerts in Lima on a day, and the sweep come; answers in how many workspaces it was due."""

    def morning(day: str) -> int:
        clock.set(f"{day}T13:00")
        return tasks.tell_due()

    return morning


def in_force(who, ends_on: str | None = None, **fields) -> Contract:
    return make.contract(who.actor, status=Status.ACTIVE, ends_on=ends_on and date.fromisoformat(ends_on), **fields)


def told(who) -> list[Notification]:
    """What somebody was told of contracts in the application, in order."""
    return list(Notification.objects.of(who.actor).filter(user=who.user, kind__in=SUBJECTS).order_by("id"))


def titles(who) -> list[str]:
    return [each.title for each in told(who)]


def mailed(who) -> list[OutboundEmail]:
    rows = OutboundEmail.objects.of(who.actor).filter(recipient=who.user.email, template__in=SUBJECTS)
    return list(rows.order_by("id"))


def alerts(who) -> list[tuple[str, date, int]]:
    rows = ContractAlert.objects.of(who.actor).order_by("id")
    return list(rows.values_list("occasion", "day", "days_before"))


def moment(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+00:00")
