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

from django.db.models import QuerySet
from django.test import Client

from backend.core import permissions
from backend.core.actor import Actor
from backend.core.tenancy import WorkspaceModel
from backend.modules.identity import actions, tokens
from backend.modules.identity.models import Permission, Role, RolePermission, User, Workspace
from backend.modules.opportunities.models import Stage

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


# What a new workspace has; what refers to something comes after it.
FURNISHED: tuple[type[WorkspaceModel], ...] = (Permission, Role, RolePermission, Stage)
_FURNITURE: dict[type[WorkspaceModel], list[Any]] = {}
Copies = dict[tuple[type[WorkspaceModel], int], Any]


def workspace(name: str) -> Workspace:
    """A workspace as the action makes it.

    Nearly every test needs one or two, and the action takes 40 ms: it makes the first, the others are copies of its
    rows, without their entries in the ledger.
    """
    if not _FURNITURE:
        made = actions.create_workspace(Actor.system(None), name=name)
        _FURNITURE.update({model: list(model.objects.of(Actor.system(made.pk)).order_by("pk")) for model in FURNISHED})
        return made
    (made,) = QuerySet(Workspace).bulk_create([Workspace(name=name)])
    copied: Copies = {}
    for model, originals in _FURNITURE.items():
        copies = [_copy(each, made, copied) for each in originals]
        QuerySet(model).bulk_create(copies)
        copied |= {(model, original.pk): each for original, each in zip(originals, copies, strict=True)}
    return Workspace.objects.get(pk=made.pk)


def _copy(original: WorkspaceModel, place: Workspace, copied: Copies) -> WorkspaceModel:
    """The same row for another workspace, its references led to the copies of what they refer to."""
    values = {field.attname: getattr(original, field.attname) for field in original._meta.concrete_fields}
    copy = type(original)(**values | {"id": None, "workspace_id": place.pk})
    if isinstance(copy, RolePermission):
        copy.role = copied[Role, original.role_id]
        copy.permission = copied[Permission, original.permission_id]
    return copy


def person(username: str, place: Workspace, *role_names: str, password: str | None = None) -> Person:
    """A member of the workspace with built-in roles. Without a password they can't log in but do have tokens."""
    user = actions.create_user(
        Actor.system(place.pk),
        username=username,
        email=f"{username}@example.com",
        password=password,
        first_name=username.title(),
        last_name="Example",
        role_names=role_names,
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


def join(who: Person, place: Workspace, *role_names: str) -> None:
    """Make the person a member of another workspace too, with built-in roles there."""
    from backend.modules.identity.models import Membership, MembershipRole

    here = Actor.system(place.pk)

    def write() -> None:
        membership = Membership.objects.of(here).create(user=who.user)
        for role in Role.objects.of(here).filter(key__in=role_names):
            MembershipRole.objects.of(here).create(membership=membership, role=role)

    writing(place.pk, write)


def writing(workspace_id: int, write: Callable[[], Any]) -> None:
    """Write rows that no action of the project writes yet."""
    from backend.core.action import action

    action("test.write")(lambda actor: write())(Actor.system(workspace_id))
