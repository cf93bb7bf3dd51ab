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
KINDS = (LOGIN, OWN_PASSWORD, REGISTRATION, ACCEPTANCE)


def unlock(user: User) -> int | None:
    """Forget what was tried with this user's names; answers how many counters there were, None without redis."""
    return throttling.forget(*_keys(user))


def unlock_named(text: str) -> int | None:
    """Forget what was tried with this user name or e-mail address, or from this IP address."""
    name = folding.key(text)
    keys = {throttling.account_key(kind, name) for kind in (LOGIN, REGISTRATION)}
    for user in User.objects.filter(Q(username_key=name) | Q(email_key=name)):
        keys.update(_keys(user))
    if address := addresses.parsed(text.strip()):
        keys.update(throttling.address_key(kind, address) for kind in KINDS)
    return throttling.forget(*keys)


def _keys(user: User) -> list[str]:
    names = [throttling.account_key(LOGIN, name) for name in (user.username, user.email)]
    return [*names, throttling.account_key(OWN_PASSWORD, str(user.pk))]
