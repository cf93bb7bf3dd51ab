"""Turning a second factor on and off, and the codes that pay for a login."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from django.db import transaction
from django.utils import timezone

from backend.core import sealing, throttling
from backend.core.action import action
from backend.core.actor import Actor
from backend.core.errors import Conflict, Invalid
from backend.modules.identity import second_factors, throttles
from backend.modules.identity.actions import rights
from backend.modules.identity.actions.passwords import CHANGE_USER
from backend.modules.identity.models import SecondFactor, User
from backend.modules.identity.second_factors import Enrolment

R = TypeVar("R")
logger = logging.getLogger(__name__)


class SecondFactorOff(Conflict):
    """There is none to verify, to turn off or to reset: set one up first."""

    code = "second_factor_off"


class SecondFactorOn(Conflict):
    """There is one already: turn it off before another is set up."""

    code = "second_factor_on"


class WrongCode(Invalid):
    """The code is not the current one, or was used before."""

    code = "wrong_code"
    field = "code"


@dataclass(frozen=True, slots=True)
class Verified:
    """Whose code it was, and, of the first one, the recovery codes, which are not shown again."""

    user: User
    recovery_codes: list[str] | None


@action("second_factor.set_up")
def set_up(actor: Actor) -> Enrolment:
    """A new secret for the caller's authenticator. It counts from its first verified code on.

    Until then another call takes its place. Raises `PermissionDenied` for who is no user, and `SecondFactorOn`.
    """
    user = User.objects.select_for_update().get(pk=actor.require_user())
    factor = SecondFactor.objects.filter(user=user).first() or SecondFactor(user=user)
    if factor.confirmed_at is not None:
        raise SecondFactorOn
    secret = second_factors.new_secret()
    factor.sealed_secret = sealing.seal(secret)
    factor.save()
    return second_factors.enrolment(user, secret)


def verify(actor: Actor, code: str) -> Verified:
    """Take a code of the caller's authenticator, or a recovery code. The first one turns the second factor on.

    Each code is good once. Raises `PermissionDenied` for who is no user, `SecondFactorOff`, `WrongCode`, and
    `TooManyAttempts`, after which no code is looked at for a while.
    """
    return _with(actor, code, _verify)


def turn_off(actor: Actor, code: str) -> None:
    """Ask for no second factor any more, for who has a code. Raises as `verify`."""
    _with(actor, code, _turn_off)


def renew_recovery_codes(actor: Actor, code: str) -> list[str]:
    """Ten new recovery codes in place of those that are left. Raises as `verify`."""
    return _with(actor, code, _renew_recovery_codes)


@action("second_factor.reset", needs=CHANGE_USER)
def reset(actor: Actor, user_id: int) -> None:
    """Take a member's second factor away, for who has lost their authenticator; they may set up another.

    Raises `NotFound`, `SecondFactorOff`, `OwnRights` (one's own is turned off with a code), `NotYoursToChange`, and
    `PermissionDenied` for a member beyond the actor.
    """
    membership, user = rights.locked_member(actor, user_id)
    if user_id == actor.user_id:
        raise rights.OwnRights
    rights.check_governs(actor, membership)
    rights.check_owns_person(actor, membership, user)
    _of(user_id).delete()
    transaction.on_commit(lambda: throttles.unlock_codes(user))


def _with(actor: Actor, code: str, act: Callable[..., R]) -> R:
    attempt = throttling.attempt(throttles.SECOND_FACTOR, str(actor.require_user()))
    result = act(actor, code=code)
    attempt.succeeded()
    return result


@action("second_factor.verify")
def _verify(actor: Actor, *, code: str) -> Verified:
    """Use a code up; the first one turns the second factor on. What a key of before has sealed is sealed anew."""
    factor = _of(actor.require_user())
    _take(factor, code)
    if not sealing.is_of_now(factor.sealed_secret):
        factor.sealed_secret = sealing.seal(_secret(factor))
    codes = None
    if factor.confirmed_at is None:
        factor.confirmed_at = timezone.now()
        codes = _give_recovery_codes(factor)
    factor.save()
    return Verified(factor.user, codes)


@action("second_factor.turn_off")
def _turn_off(actor: Actor, *, code: str) -> None:
    """Use a code up and forget the second factor."""
    factor = _of(actor.require_user(), is_on=True)
    _take(factor, code)
    factor.delete()


@action("second_factor.renew_recovery_codes")
def _renew_recovery_codes(actor: Actor, *, code: str) -> list[str]:
    """Use a code up and make other recovery codes."""
    factor = _of(actor.require_user(), is_on=True)
    _take(factor, code)
    codes = _give_recovery_codes(factor)
    factor.save()
    return codes


def _of(user_id: int, *, is_on: bool = False) -> SecondFactor:
    """The user's, locked: of two with the same code one comes first. Raises `SecondFactorOff`."""
    factor = SecondFactor.objects.select_for_update(of=("self",)).filter(user_id=user_id).first()
    if factor is None or (is_on and factor.confirmed_at is None):
        raise SecondFactorOff
    return factor


def _take(factor: SecondFactor, code: str) -> None:
    """Use the code up. Raises `WrongCode`."""
    step = second_factors.matching_step(_secret(factor), code)
    if step is not None and step > factor.last_step:
        factor.last_step = step
        return
    digests = second_factors.hashes_of(code)
    if digests.isdisjoint(factor.recovery_hashes):
        raise WrongCode
    factor.recovery_hashes = [each for each in factor.recovery_hashes if each not in digests]


def _secret(factor: SecondFactor) -> str:
    try:
        return sealing.unseal(factor.sealed_secret)
    except sealing.Unreadable:
        logger.error("%s was sealed with another SECRET_KEY: an administrator has to reset it", factor)
        raise WrongCode from None


def _give_recovery_codes(factor: SecondFactor) -> list[str]:
    codes = second_factors.new_recovery_codes()
    factor.recovery_hashes = [second_factors.hash_of(code) for code in codes]
    return codes
