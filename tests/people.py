"""The fixed cast: four people of one workspace with different roles, and a stranger who has another.

| person   | workspace | role    |
|----------|-----------|---------|
| alice    | ours      | admin   |
| bob      | ours      | sales   |
| carla    | ours      | manager |
| dario    | ours      | user    |
| stranger | theirs    | admin   |
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from django.test import Client

from backend.core import permissions
from backend.core.actor import Actor
from backend.modules.identity import actions, tokens
from backend.modules.identity.models import Permission, Role, RolePermission, User, Workspace

PASSWORD = "correct horse battery"


@dataclass
class Person:
    user: User
    workspace: Workspace
    client: Client = field(default_factory=Client)

    @property
    def token(self) -> str:
        return tokens.issue(self.user, self.workspace.pk).access

    @property
    def actor(self) -> Actor:
        """The person with every permission, for arranging a test."""
        return Actor(
            workspace_id=self.workspace.pk,
            user_id=self.user.pk,
            username=self.user.username,
            time_zone=ZoneInfo(self.workspace.time_zone),
            region=self.workspace.region,
            unrestricted=True,
        )

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """A request with this person's token; the body, if any, as JSON. Header names with `_` for `-`."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        content = {} if body is None else {"data": body, "content_type": "application/json"}
        headers = {"Authorization": f"Bearer {self.token}"} | given
        return getattr(self.client, method.lower())(path, headers=headers, **content)

    def get(self, path: str, **headers: str) -> Any:
        return self.call("get", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.call("post", path, body if body is not None else {}, **headers)

    def put(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.call("put", path, body if body is not None else {}, **headers)

    def patch(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.call("patch", path, body if body is not None else {}, **headers)

    def delete(self, path: str, **headers: str) -> Any:
        return self.call("delete", path, **headers)


def workspace(name: str) -> Workspace:
    return actions.create_workspace(Actor.system(None), name=name)


def person(username: str, place: Workspace, *role_keys: str, password: str | None = None) -> Person:
    """A member of the workspace with built-in roles. Without a password they can't log in but do have tokens."""
    user = actions.create_user(
        Actor.system(place.pk),
        username=username,
        email=f"{username}@example.com",
        password=password,
        first_name=username.title(),
        last_name="Example",
        role_keys=role_keys,
    )
    return Person(user, place)


def person_holding(place: Workspace, *codenames: str) -> Person:
    """A member whose only role holds exactly these permissions."""
    who = person(f"holder-{len(codenames)}-{User.objects.count()}", place, password=PASSWORD)
    system = Actor.system(place.pk)
    make_role(system, who, codenames)
    return who


def make_role(system: Actor, who: Person, codenames: tuple[str, ...]) -> None:
    from backend.core.action import action
    from backend.modules.identity.models import Membership, MembershipRole

    @action("test.make_role")
    def write(actor: Actor) -> None:
        role = Role.objects.of(actor).create(name=f"Role of {who.user.username}")
        for permission in Permission.objects.of(actor).filter(codename__in=codenames):
            RolePermission.objects.of(actor).create(role=role, permission=permission)
        membership = Membership.objects.of(actor).get(user=who.user)
        MembershipRole.objects.of(actor).create(membership=membership, role=role)

    assert set(codenames) <= set(permissions.catalogue), "a permission that no code declares"
    write(system)


def join(who: Person, place: Workspace, *role_keys: str) -> None:
    """Make the person a member of another workspace too, with built-in roles there."""
    from backend.modules.identity.models import Membership, MembershipRole

    here = Actor.system(place.pk)

    def write() -> None:
        membership = Membership.objects.of(here).create(user=who.user)
        for role in Role.objects.of(here).filter(key__in=role_keys):
            MembershipRole.objects.of(here).create(membership=membership, role=role)

    writing(place.pk, write)


def writing(workspace_id: int, write: Callable[[], Any]) -> None:
    """Write rows that no action of the project writes yet."""
    from backend.core.action import action

    action("test.write")(lambda actor: write())(Actor.system(workspace_id))
