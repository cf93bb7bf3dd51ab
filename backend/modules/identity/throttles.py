"""What may be tried only so often here, and how to let somebody try again.

Each kind counts for itself, so that who is kept from logging in can still recover.
"""

from django.db.models import Q

from backend.core import addresses, folding, throttling
from backend.modules.identity.models import User

LOGIN = "login"  # by the name or the address that was typed
OWN_PASSWORD = "own_password"  # noqa: S105 - by the user's id: the current password, given to change it
REGISTRATION = "registration"  # by the e-mail address
ACCEPTANCE = "acceptance"  # of an invitation
RECOVERY = "recovery"  # by the e-mail address: a link to choose a new password, asked for
RECOVERY_LINK = "recovery_link"  # that link, followed
SECOND_FACTOR = "second_factor"  # by the user's id: a code
KINDS = (LOGIN, OWN_PASSWORD, REGISTRATION, ACCEPTANCE, RECOVERY, RECOVERY_LINK, SECOND_FACTOR)
BY_NAME = (LOGIN, REGISTRATION, RECOVERY)


def unlock(user: User) -> int | None:
    """Forget what was tried with this user's names; answers how many counters there were, None without redis."""
    return throttling.forget(*_keys(user))


def unlock_codes(user: User) -> None:
    """Forget the wrong codes of a second factor that is gone."""
    throttling.forget(throttling.account_key(SECOND_FACTOR, str(user.pk)))


def unlock_named(text: str) -> int | None:
    """Forget what was tried with this user name or e-mail address, or from this IP address."""
    name = folding.key(text)
    keys = {throttling.account_key(kind, name) for kind in BY_NAME}
    for user in User.objects.filter(Q(username_key=name) | Q(email_key=name)):
        keys.update([*_keys(user), throttling.account_key(SECOND_FACTOR, str(user.pk))])
    if address := addresses.parsed(text.strip()):
        keys.update(throttling.address_key(kind, address) for kind in KINDS)
    return throttling.forget(*keys)


def _keys(user: User) -> list[str]:
    """Of a login and the current password; codes stay counted, so that a new password gives no new tries at them."""
    names = [throttling.account_key(LOGIN, name) for name in (user.username, user.email)]
    return [*names, throttling.account_key(OWN_PASSWORD, str(user.pk))]
