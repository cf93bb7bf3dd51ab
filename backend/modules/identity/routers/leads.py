"""Logging in by form, and users (leads.md, "Autenticación" and "Usuarios")."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, Literal, Self

from ninja import Form, Query
from pydantic import Field, StringConstraints

from backend.core.folding import join_name, split_name
from backend.dialects.columns import columns
from backend.dialects.kept_query import reading_all
from backend.dialects.leads import Array, SkipQuery
from backend.dialects.leads import leads as dialect
from backend.dialects.resource import Call, Resource
from backend.dialects.wire import Email, FilledText, Id, Incoming, Partial, Text, Versioned, Wire
from backend.modules.exchange import sources
from backend.modules.exchange.sources import Source
from backend.modules.identity import authentication, roles
from backend.modules.identity.actions import users as user_actions
from backend.modules.identity.queries import users as user_queries

auth = Resource(dialect, "/auth", tag="Authentication")
users = Resource(dialect, "/users", tag="Users")

WORDS = {roles.MANAGER: "management"}
ROLE = "admin, sales or management, or the name of another role of the workspace"
Password = Annotated[str, StringConstraints(min_length=1, max_length=4096)]


class LoginForm(Wire):
    """The form of OAuth2's password flow; of it only name and password count here."""

    username: FilledText = Field(examples=["admin"])
    password: Password = Field(examples=["admin123"])
    grant_type: Literal["password"] | None = Field(None, examples=["password"])
    scope: str = Field("", examples=[""])
    client_id: str | None = Field(None, examples=["browser"])
    client_secret: str | None = Field(None, examples=["none"])


class Token(Wire):
    access_token: str = Field(examples=["eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9..."])
    token_type: Literal["bearer"] = "bearer"  # noqa: S105


class UserIn(Incoming):
    read_only = frozenset({"id", "created_at"})

    email: Email = Field(examples=["maria@example.com"])
    full_name: Annotated[Text, StringConstraints(max_length=200)] = Field("", examples=["María García"])
    role_name: FilledText = Field(roles.SALES, alias="role", description=ROLE, max_length=150, examples=["sales"])
    is_active: bool = Field(True, examples=[True])
    password: Password = Field(examples=["una-clave-larga-7"])

    def given(self) -> dict[str, Any]:
        """The fields that the caller sent, the name in its two parts and the role by its domain's name."""
        fields = super().given()
        if (full_name := fields.pop("full_name", None)) is not None:
            fields["first_name"], fields["last_name"] = split_name(full_name)
        if fields.get("role_name", "").casefold() == WORDS[roles.MANAGER]:
            fields["role_name"] = roles.MANAGER
        return fields


class NewUser(UserIn):
    username: Annotated[FilledText, StringConstraints(max_length=150)] = Field(examples=["maria"])

    def given(self) -> dict[str, Any]:
        return {"role_name": roles.SALES} | super().given()


class User(Versioned):
    user_id: int = Field(alias="id", examples=[2])
    username: str = Field(examples=["maria"])
    email: str = Field(examples=["maria@example.com"])
    full_name: str = Field(examples=["María García"])
    role: str | None = Field(description=ROLE, examples=["sales"])
    is_active: bool
    created_at: datetime

    @classmethod
    def of(cls, row: Any, **more: Any) -> Self:
        main = next(iter(row["roles"]), "")
        name = join_name(row["first_name"], row["last_name"])
        return super().of(row, full_name=name, role=WORDS.get(main, main) or None, **more)


COLUMNS = tuple(
    replace(column, words=WORDS, keeps_others=True) if column.field == "role" else column
    for column in columns(User, is_active="may_act")
)
sources.declare(Source("leads.users", "Users", reading_all(user_queries.to_export), COLUMNS))


@auth.public_post("/login")
def log_in(request: Call, form: Form[LoginForm]) -> Token:
    """Log in with a form: user name (in any case) and password.

    The token is good in every dialect, for an hour. 401 if the two do not belong together, 403 if the user is
    disabled, 429 with `Retry-After` after too many wrong passwords.
    """
    return Token(access_token=authentication.log_in(username=form.username, password=form.password).access)


@auth.get("/me")
def me(request: Call) -> User:
    """The user whose token this is. Needs a login alone."""
    return User.of(user_queries.get(request.actor, request.actor.require_user()))


@users.get("")
def list_users(request: Call, wanted: Query[SkipQuery]) -> Array[User]:
    """The users of the workspace, by user name. Needs `users.view`. `X-Total-Count` says how many there are."""
    return Array[User].of_page(user_queries.page(request.actor, wanted.window()), User.of)


@users.post("")
def create_user(request: Call, user: NewUser) -> User:
    """Add a user. Needs `users.add`.

    409 if the name or the address is taken, 422 if the password is weak, 403 for a role that goes beyond the caller's.
    """
    made = user_actions.add(request.actor, **user.given())
    return User.of(user_queries.describe(request.actor, made.pk))


@users.get("/{int:user_id}")
def get_user(request: Call, user_id: Id) -> User:
    """One user. Needs `users.view`; everybody sees themselves."""
    return User.of(user_queries.get(request.actor, user_id))


@users.patch("/{int:user_id}")
def update_user(request: Call, user_id: Id, user: Partial[UserIn]) -> User:
    """Change the fields that are given, from the next request on. Needs `users.change`, and for a role `roles.assign`.

    All of them change or none. A password that somebody else sets has to be changed at the next login, and ends the
    user's sessions.
    """
    user_actions.update(request.actor, user_id, **user.given())
    return User.of(user_queries.describe(request.actor, user_id))


@users.delete("/{int:user_id}")
def delete_user(request: Call, user_id: Id) -> None:
    """Let a user go; what they wrote keeps their name. Needs `users.delete`. Nobody deletes themselves."""
    user_actions.delete(request.actor, user_id)
