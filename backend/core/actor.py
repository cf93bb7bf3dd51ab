"""Who acts: the one object that travels with every call into a module."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

from backend.core.errors import PermissionDenied


@dataclass(frozen=True, slots=True)
class Actor:
    """A user, an API key or the system itself, in one workspace, holding permissions.

    `user_id` is None for the system. `workspace_id` is None only for the system between workspaces
    (creating the first one); such an actor reads no workspace's rows.
    """

    workspace_id: int | None
    user_id: int | None = None
    username: str = "system"
    permissions: frozenset[str] = field(default=frozenset(), repr=False)
    time_zone: ZoneInfo = ZoneInfo("UTC")
    region: str = "PE"
    unrestricted: bool = False
    api_key_id: int | None = None
    owes: frozenset[str] = frozenset()  # what has to happen before the caller may go on: see `errors.DEBTS`

    @classmethod
    def system(cls, workspace_id: int | None, *, time_zone: ZoneInfo = ZoneInfo("UTC"), region: str = "PE") -> "Actor":
        """The server itself, allowed everything in the workspace: commands and scheduled jobs."""
        return cls(workspace_id=workspace_id, time_zone=time_zone, region=region, unrestricted=True)

    @property
    def is_system(self) -> bool:
        """Whether this is the server itself."""
        return self.unrestricted and self.user_id is None

    @property
    def caller(self) -> str:
        """Who calls, told apart from every other caller of the workspace."""
        return f"key {self.api_key_id}" if self.api_key_id else f"user {self.user_id}"

    def require_user(self) -> int:
        """The user's id. Raises `PermissionDenied` for a key and for the system, which have no account of their own."""
        if self.user_id is None:
            raise PermissionDenied(permission="self")
        return self.user_id

    @property
    def today(self) -> date:
        """The day it is in the workspace's time zone."""
        return timezone.now().astimezone(self.time_zone).date()

    def start_of(self, day: date) -> datetime:
        """The first moment of a day in the workspace's time zone."""
        return datetime.combine(day, time.min, tzinfo=self.time_zone)

    def end_of(self, day: date) -> datetime:
        """The first moment after a day."""
        return self.start_of(day + timedelta(days=1))

    def local(self, moment: datetime) -> datetime:
        """A moment whose zone was not said is one of the workspace's time zone."""
        return moment if moment.tzinfo else moment.replace(tzinfo=self.time_zone)

    def may(self, codename: str) -> bool:
        return self.unrestricted or codename in self.permissions

    def require(self, codename: str) -> None:
        if not self.may(codename):
            raise PermissionDenied(permission=codename)
