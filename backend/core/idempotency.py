"""`Idempotency-Key`: a request sent again with the same key is answered as before and done once.

The row of a key is claimed in a transaction of its own. The request then runs in one transaction with the storing of
its answer: either both are committed or neither, also when the process is killed in between. A request that fails
leaves nothing, so the caller may correct it and use the key again.
"""

from collections.abc import Callable
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.utils import timezone
from django.utils.crypto import salted_hmac

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


class ShownOnce(Conflict):
    """The first request with this key was done, and its answer carried a secret that is not kept."""

    code = "answer_shown_once"


def once(
    actor: Actor, key: str, request_parts: list[bytes], run: Callable[[], HttpResponse], *, is_secret: bool = False
) -> HttpResponse:
    """The answer of `run()`, computed at most once per workspace, caller and key within a day.

    `request_parts` are what makes two requests the same: method, path, body. An answer that `is_secret` is not kept.
    Raises `StillRunning`, `KeyReused` and `ShownOnce`.
    """
    if len(key) > LONGEST_KEY or not key.isprintable():
        raise Malformed([Fault(("header", HEADER), "too_long", {"limit": LONGEST_KEY})])
    # Keyed, because a body may carry a password, which a plain hash would let anybody guess who reads the table.
    fingerprint = salted_hmac("idempotency", b"\0".join(request_parts), algorithm="sha256").hexdigest()
    claim = _claim(actor, key, fingerprint)
    if claim.status is not None:
        if is_secret:
            raise ShownOnce(key=key)
        return HttpResponse(bytes(claim.body), status=claim.status, headers=claim.headers | {REPLAYED: "true"})
    try:
        with transaction.atomic():
            response = run()
            IdempotentRequest.objects.filter(pk=claim.pk).update(
                status=response.status_code,
                headers=_kept_headers(response),
                body=b"" if is_secret else response.content,
            )
            return response
    except BaseException:
        IdempotentRequest.objects.filter(pk=claim.pk, status=None).delete()
        raise


def _claim(actor: Actor, key: str, fingerprint: str) -> IdempotentRequest:
    """The key's row: new and ours, or with the stored answer."""
    now = timezone.now()
    owner = {"workspace_id": actor.workspace_id, "caller": actor.caller, "key": key}
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
