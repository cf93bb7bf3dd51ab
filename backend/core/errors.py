"""Domain errors: a code and facts. The sentence and the HTTP status are the dialect's.

A module subclasses one of the kinds below where the rule is, with a `code` of its own:

    class EmailTaken(Conflict):
        code = "email_taken"
        field = "email"
"""

from dataclasses import dataclass
from typing import Any, ClassVar


class DomainError(Exception):
    """The root. `field` is the argument that the error is about, if it is about one.

    It is the domain's name of it until the error leaves an operation, whose dialect may spell it otherwise.
    """

    code: ClassVar[str]
    field: str | None = None

    def __init__(self, **facts: Any) -> None:
        super().__init__(self.code, facts)
        self.facts = facts


class Unauthenticated(DomainError):
    """Nobody is known to call: no credentials, or none that hold."""

    code = "not_authenticated"


class InvalidToken(Unauthenticated):
    """The token is broken, expired, revoked, or its user may no longer act in its workspace."""

    code = "invalid_token"


class SecondFactorOwed(Unauthenticated):
    """The password was right; a second factor has to follow before anything else."""

    code = "second_factor_owed"


class PermissionDenied(DomainError):
    """The caller is known and may not do this. Fact: `permission`."""

    code = "permission_denied"


class PasswordChangeOwed(PermissionDenied):
    """Somebody else chose the password; its user has to choose another before anything else."""

    code = "password_change_owed"


# What a caller may owe, and the error until it is done.
SECOND_FACTOR, PASSWORD_CHANGE = "second_factor", "password_change"
DEBTS: dict[str, type[DomainError]] = {SECOND_FACTOR: SecondFactorOwed, PASSWORD_CHANGE: PasswordChangeOwed}


class NotFound(DomainError):
    """There is no such record for this caller, whether or not there is one for somebody else."""

    code = "not_found"


class PageNotFound(NotFound):
    code = "page_not_found"


class Invalid(DomainError):
    """An argument is well-formed but not acceptable, as a reference to a record that is not there."""

    code = "invalid"


class Conflict(DomainError):
    """The change contradicts what is stored: a value taken, a record with dependants."""

    code = "conflict"


class RuleViolated(DomainError):
    """A well-formed request that a rule of the business or of the protocol does not allow."""

    code = "rule_violated"


class Stale(DomainError):
    """The record changed since the caller read it. Fact: `version`, the current one."""

    code = "stale"


class TooManyAttempts(DomainError):
    """It was tried too often. Fact: `seconds`, after which it may be tried again."""

    code = "too_many_attempts"


class Unavailable(DomainError):
    """Something this server depends on does not answer. Fact: `dependency`."""

    code = "unavailable"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with one field of a request.

    `location` is the way to it as the caller spells it (`("body", "email")`), `code` a neutral word that every
    dialect has a sentence for, `facts` what the sentence needs.
    """

    location: tuple[str | int, ...]
    code: str
    facts: dict[str, Any]


class Malformed(DomainError):
    """The request does not have the documented shape. Fact: `faults`, a list of `Fault`."""

    code = "malformed"

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__(faults=faults)
        self.faults = faults


class BrokenJson(DomainError):
    """The body is not JSON in UTF-8. Fact: `reason`."""

    code = "broken_json"


class UnsupportedMediaType(DomainError):
    code = "unsupported_media_type"


class TooLarge(DomainError):
    code = "too_large_body"


class MethodNotAllowed(DomainError):
    code = "method_not_allowed"


class ServerError(DomainError):
    """Something broke inside; the caller learns only the request's id."""

    code = "server_error"
