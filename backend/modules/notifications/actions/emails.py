"""Writing, claiming and settling outgoing mail."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from backend.core.action import action
from backend.core.actor import Actor
from backend.core.constraints import violates
from backend.core.errors import Conflict, RuleViolated
from backend.modules.notifications import rendering
from backend.modules.notifications.models import OutboundEmail, OutboundFile, State, new_message_id
from backend.modules.notifications.queries import RESEND

BACK_OFF = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60)]  # then every hour
JITTER = 0.2  # of the wait, so that what failed together is not tried together
MOST_ATTEMPTS = 76  # the last one is made after three days
STEPS_OF_A_DIALOGUE = 10  # each may take as long as the time-out; the lease outlasts all of them
MOST_BYTES_OF_FILES = (
    10_000_000  # of one mail; many servers refuse a message of more than 25 MB, and base64 adds a third
)


@dataclass(frozen=True, slots=True)
class MailFile:
    """A file to send with a mail. `media_type` as in `text/csv; charset=utf-8`."""

    name: str
    media_type: str
    content: bytes


class MailFilesTooLarge(RuleViolated):
    """The files are more than a mail can carry: mail a link to them. Facts: `size` and `limit`, in bytes."""

    code = "mail_files_too_large"


class EmailErased(Conflict):
    """The mail carried a secret and its text is gone: what it was about has to be done anew."""

    code = "email_erased"


@action("email.send")
def send(
    actor: Actor,
    *,
    key: str,
    recipient: str,
    template: str,
    language: str,
    facts: Mapping[str, str | date | None],
    is_secret: bool = False,
    files: Sequence[MailFile] = (),
) -> OutboundEmail:
    """Write a mail, in the caller's transaction; the worker sends it after the commit.

    `key` says what it is about ("invitation/12/1"): under a key that the workspace has already the mail that is there
    is returned, as it is. `facts` are what the template needs. `is_secret`: it carries a link that opens something.
    Raises `MailFilesTooLarge`, `MissingFact`, and `ValueError` for a recipient or the name of a file with line breaks.
    """
    if not recipient.isprintable():
        raise ValueError(f"{recipient!r} is no address")
    _check_files(files)
    emails = OutboundEmail.objects.of(actor)
    if (written := emails.filter(key=key).first()) is not None:
        return written
    language = rendering.language_of(language)
    content = rendering.render(template, language=language, facts=facts)
    email: OutboundEmail = emails.new(
        key=key, recipient=recipient, template=template, language=language, is_secret=is_secret, **content._asdict()
    )
    try:
        with transaction.atomic():
            email.save()
            _attach(actor, email, files)
    except IntegrityError as error:
        if violates(error, OutboundEmail, "outbound_emails_key"):
            return emails.get(key=key)
        raise
    return email


@action("email.resend", needs=RESEND)
def resend(actor: Actor, email_id: int) -> OutboundEmail:
    """Have a mail sent again that was sent or has failed, or one that waits tried now.

    A mail that was sent goes out under a new `Message-ID`: the recipient's server would take the old one for a copy.
    Raises `NotFound` and `EmailErased`.
    """
    email: OutboundEmail = OutboundEmail.objects.of(actor).lock(email_id)
    if email.is_erased:
        raise EmailErased
    if email.state != State.DUE:
        email.state, email.attempts, email.sent_at = State.DUE, 0, None
        email.message_id = new_message_id()
    email.next_at = timezone.now()
    email.save()
    return email


@action("email.claim")
def claim(actor: Actor, email_id: int) -> OutboundEmail | None:
    """The mail, if it is to be sent now and nobody else is at it; for as long as the lease runs it is the caller's.

    One whose every attempt ended without a word, as when it kills its worker, fails for good here.
    Raises `NotFound`.
    """
    email: OutboundEmail = OutboundEmail.objects.of(actor).lock(email_id)
    if not email.is_free:
        return None
    if email.attempts >= MOST_ATTEMPTS:
        _give_up(actor, email, email.last_error or "No attempt came to an end")
        return None
    email.begin(lease=lease())
    email.save()
    return email


@action("email.settle_sent")
def settle_sent(actor: Actor, email_id: int) -> None:
    """The server has taken the mail: whoever else may be at it, it is sent. Raises `NotFound`."""
    email: OutboundEmail = OutboundEmail.objects.of(actor).lock(email_id)
    if email.state == State.SENT:
        return
    email.state, email.sent_at = State.SENT, timezone.now()
    email.leased_until, email.last_error = None, ""
    _erase_secret(actor, email)
    email.save()


@action("email.settle_unsent")
def settle_unsent(actor: Actor, email_id: int, *, attempt: int, reason: str, is_final: bool) -> None:
    """The attempt of this number has failed: try again later, or never. Raises `NotFound`.

    Nothing changes if the lease ran out meanwhile and another attempt was begun.
    """
    email: OutboundEmail = OutboundEmail.objects.of(actor).lock(email_id)
    if email.state != State.DUE or email.attempts != attempt:
        return
    if is_final or attempt >= MOST_ATTEMPTS:
        _give_up(actor, email, reason)
        return
    email.try_again(wait=wait_after(attempt), reason=reason)
    email.save()


@action("email.sweep")
def sweep(actor: Actor, *, ids: Sequence[int]) -> None:
    """Forget mails whose time is over, with their files: not one that is to be sent again meanwhile."""
    rows = OutboundEmail.objects.of(actor).filter(pk__in=ids).exclude(state=State.DUE)
    rows.select_for_update(of=("self",)).order_by("id").delete()


def lease() -> timedelta:
    """How long an attempt keeps others away: as many steps as a dialogue has, or as a task may run."""
    steps = STEPS_OF_A_DIALOGUE * timedelta(seconds=settings.EMAIL_TIMEOUT)
    return min(steps, timedelta(seconds=settings.CELERY_TASK_TIME_LIMIT))


def wait_after(attempt: int) -> timedelta:
    """How long after the attempt of this number, the first being 1, the next one is made."""
    planned = BACK_OFF[min(attempt, len(BACK_OFF)) - 1]
    return planned * (1 + random.uniform(0, JITTER))  # noqa: S311 - no secret


def _check_files(files: Sequence[MailFile]) -> None:
    size = sum(len(each.content) for each in files)
    if size > MOST_BYTES_OF_FILES:
        raise MailFilesTooLarge(size=size, limit=MOST_BYTES_OF_FILES)
    for each in files:
        if not each.name.isprintable():
            raise ValueError(f"{each.name!r} is no name of a file")


def _attach(actor: Actor, email: OutboundEmail, files: Sequence[MailFile]) -> None:
    for each in files:
        OutboundFile.objects.of(actor).create(
            email=email, name=each.name, media_type=each.media_type, content=each.content, size=len(each.content)
        )


def _give_up(actor: Actor, email: OutboundEmail, reason: str) -> None:
    email.state, email.leased_until, email.last_error = State.FAILED, None, reason
    _erase_secret(actor, email)
    email.save()


def _erase_secret(actor: Actor, email: OutboundEmail) -> None:
    if email.is_secret:
        email.text = email.html = ""
        OutboundFile.objects.of(actor).filter(email=email).delete()
