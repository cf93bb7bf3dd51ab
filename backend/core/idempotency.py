"""`Idempotency-Key`: a request sent again with the same key is answered as before and done once.

The row of a key is claimed in a transaction of its own. The request then runs in one transaction with the storing of
its answer: either both are committed or neither, also when the process is killed in between. A request that fails
leaves nothing, so the caller may correct it and use the key again.
"""

import hashlib
from collections.abc import Callable
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.utils import timezone

from backend.core.actor import Actor
from backend.core.errors import Conflict, Fault, Malformed, RuleViolated
from backend.core.models import IdempotentRequest

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replay"
LONGEST_KEY = 255
LEASE = timedelta(minutes=2)
KEPT = timedelta(days=1)


class StillRunning(Conflict):
    """The first request with this key has not been answered yet."""

    code = "idempotency_still_running"


class KeyReused(RuleViolated):
    """The key was used for another request."""

    code = "idempotency_key_reused"


def once(actor: Actor, key: str, request_parts: list[bytes], run: Callable[[], HttpResponse]) -> HttpResponse:
    """The answer of `run()`, computed at most once per workspace, user and key within a day.

    `request_parts` are what makes two requests the same: method, path, body. Raises `StillRunning` and `KeyReused`.
    """
    if len(key) > LONGEST_KEY or not key.isprintable():
        raise Malformed([Fault(("header", HEADER), "too_long", {"limit": LONGEST_KEY})])
    fingerprint = hashlib.sha256(b"\0".join(request_parts)).hexdigest()
    claim = _claim(actor, key, fingerprint)
    if claim.status is not None:
        return HttpResponse(bytes(claim.body), status=claim.status, headers=claim.headers | {REPLAYED: "true"})
    try:
        with transaction.atomic():
            response = run()
            IdempotentRequest.objects.filter(pk=claim.pk).update(
                status=response.status_code, headers=_kept_headers(response), body=response.content
            )
            return response
    except BaseException:
        IdempotentRequest.objects.filter(pk=claim.pk, status=None).delete()
        raise


def _claim(actor: Actor, key: str, fingerprint: str) -> IdempotentRequest:
    """The key's row: new and ours, or with the stored answer."""
    now = timezone.now()
    owner = {"workspace_id": actor.workspace_id, "user_id": actor.user_id, "key": key}
    fresh = {"fingerprint": fingerprint, "locked_until": now + LEASE}
    try:
        with transaction.atomic():
            return IdempotentRequest.objects.create(**owner, **fresh)
    except IntegrityError:
        claim = IdempotentRequest.objects.filter(**owner).first()
    if claim is None:  # the first request has just failed and let go
        raise StillRunning(key=key)
    if claim.fingerprint != fingerprint:
        raise KeyReused(key=key)
    if claim.status is None:
        abandoned = IdempotentRequest.objects.filter(pk=claim.pk, status=None, locked_until__lt=now)
        if not abandoned.update(locked_until=now + LEASE):
            raise StillRunning(key=key)
    return claim


def _kept_headers(response: HttpResponse) -> dict[str, str]:
    return {name: response[name] for name in ("Content-Type", "ETag", "Location") if name in response}


def forget_old() -> int:
    """Drop the answers older than a day; answers how many."""
    return IdempotentRequest.objects.filter(created_at__lt=timezone.now() - KEPT).delete()[0]
