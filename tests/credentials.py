"""Tokens that open nothing, each made from a person who could log in."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import jwt
from ninja_jwt.tokens import AccessToken

from backend.core.actor import Actor
from backend.modules.identity import actions, tokens
from tests import people
from tests.people import Person


def claiming(person: Person, **claims: Any) -> AccessToken:
    token = AccessToken(person.token)
    for name, value in claims.items():
        token[name] = value
    return token


def expired(person: Person) -> str:
    token = claiming(person)
    token.set_exp(lifetime=-timedelta(seconds=1))
    return str(token)


def signed_by_somebody_else(person: Person) -> str:
    return jwt.encode(claiming(person).payload, "another key of at least thirty-two bytes", "HS256")


def unsigned(person: Person) -> str:
    return jwt.encode(claiming(person).payload, None, "none")


def tampered_with(person: Person) -> str:
    head, payload, signature = person.token.split(".")
    return ".".join([head, payload[:-2] + ("AA" if payload[-2:] != "AA" else "BB"), signature])


def before_a_new_password(person: Person) -> str:
    token = person.token
    actions.set_password(Actor.system(person.workspace.pk), person.user.pk, password="another horse battery")
    return token


def of_a_deactivated_member(person: Person) -> str:
    token = person.token
    actions.set_active(Actor.system(person.workspace.pk), person.user.pk, is_active=False)
    return token


def of_a_user_who_never_was(person: Person) -> str:
    return str(claiming(person, user_id=person.user.pk + 10_000))


def for_a_workspace_of_others(person: Person) -> str:
    return str(claiming(person, workspace_id=people.workspace("Elsewhere").pk))


def owing_a_second_factor(person: Person) -> str:
    return str(claiming(person, second_factor_owed=True))


def a_refresh_token(person: Person) -> str:
    return tokens.issue(person.user, person.workspace.pk).refresh


def without_a_workspace(person: Person) -> str:
    token = claiming(person)
    del token.payload["workspace_id"]
    return str(token)


def of_an_enormous_user(person: Person) -> str:
    return str(claiming(person, user_id=2**70))


def of_a_workspace_that_is_sql(person: Person) -> str:
    return str(claiming(person, workspace_id="' OR 1=1"))


def no_token(person: Person) -> str:
    return "not.a.token"


def not_even_ascii(person: Person) -> str:
    return "ñandú"


def followed_by_a_null(person: Person) -> str:
    return person.token + "\x00"


THAT_DO_NOT_HOLD: list[Callable[[Person], str]] = [
    expired,
    signed_by_somebody_else,
    unsigned,
    tampered_with,
    before_a_new_password,
    of_a_deactivated_member,
    of_a_user_who_never_was,
    for_a_workspace_of_others,
    owing_a_second_factor,
    a_refresh_token,
    without_a_workspace,
    of_an_enormous_user,
    of_a_workspace_that_is_sql,
    no_token,
    not_even_ascii,
    followed_by_a_null,
]
