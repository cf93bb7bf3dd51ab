"""Outgoing mail, what people were told in the application, and how they want to be told (Crisol's own)."""

from datetime import datetime
from typing import Annotated

from ninja import Query
from pydantic import Field

from backend.dialects.columns import columns
from backend.dialects.crisol import crisol
from backend.dialects.kept_query import ListFilters, reading
from backend.dialects.pages import PageQuery, ResultsPage
from backend.dialects.resource import Call, Resource
from backend.dialects.wire import LARGEST_ID, Id, Incoming, Versioned, Vocabulary, Wire
from backend.modules.exchange import sources
from backend.modules.exchange.sources import Source
from backend.modules.identity.actions import telling
from backend.modules.identity.queries import telling as preferences
from backend.modules.notifications import actions, queries
from backend.modules.notifications.kinds import KINDS
from backend.modules.notifications.queries import inbox

emails = Resource(crisol, "/emails", tag="E-mails")
notifications = Resource(crisol, "/notifications", tag="Notifications")

Kind = Annotated[str, Vocabulary({name: name for name in KINDS})]
Language = Annotated[str, Vocabulary({"es": "es", "en": "en"})]
State = Annotated[str, Vocabulary({"due": "due", "sent": "sent", "failed": "failed"})]


class FilterQuery(ListFilters):
    """The filter of the list of e-mails."""

    state: State | None = Field(None, examples=["failed"])

    def filters(self) -> str | None:
        return self.state


class Email(Versioned):
    id: int
    recipient: str = Field(examples=["ana@example.com"])
    template: str = Field(examples=["invitation"])
    subject: str = Field(examples=["Invitación a Acme Perú SAC"])
    state: str = Field(description="due, sent or failed", examples=["failed"])
    attempts: int = Field(examples=[1])
    next_try: datetime | None = Field(alias="next_at", description="When one that is due is tried next")
    last_error: str = Field(description="What the mail server said last", examples=["550 No such user here"])
    created_at: datetime
    sent_at: datetime | None


sources.declare(Source("crisol.emails", "E-mails", reading(FilterQuery, queries.to_export), columns(Email)))


@emails.get("/")
def list_emails(request: Call, filters: Query[FilterQuery], wanted: Query[PageQuery]) -> ResultsPage[Email]:
    """The workspace's outgoing mail, the newest first, without its text. Needs `emails.resend`."""
    return ResultsPage[Email].of_page(request, queries.page(request.actor, wanted.window(), state=filters.state))


@emails.get("/{int:email_id}/")
def get_email(request: Call, email_id: Id) -> Email:
    """One mail. Needs `emails.resend`."""
    return Email.of(queries.get(request.actor, email_id))


@emails.post("/{int:email_id}/resend/", status=202)
def resend_email(request: Call, email_id: Id) -> Email:
    """Have a mail sent again that was sent or has failed, or one that waits tried now. Needs `emails.resend`.

    409 for one that carried a secret, as the link of an invitation, and was sent: its text is erased, so what it was
    about has to be done anew.
    """
    actions.resend(request.actor, email_id)
    return Email.of(queries.get(request.actor, email_id))


class NotificationsQuery(PageQuery):
    unread: bool | None = Field(None, description="Only those not read yet, or only the others", examples=[True])


class Subject(Wire):
    kind: str = Field(examples=["contact"])
    id: int = Field(examples=[12])


class Notification(Versioned):
    id: int
    kind: str = Field(description="A name of `GET /api/notifications/preferences/`", examples=["assignment"])
    title: str = Field(examples=["alice assigned the contact Lucía Quispe to you"])
    text: str = Field(examples=["It is yours to look after from now on."])
    subject: Subject | None = Field(description="The record that it is about, if it is about one")
    created_at: datetime
    read_at: datetime | None


class NotificationPage(ResultsPage[Notification]):
    unread: int = Field(description="How many are not read, whatever the filter", examples=[3])


class ReadIn(Incoming):
    up_to: Annotated[int, Field(ge=0, le=LARGEST_ID)] | None = Field(
        None, description="The newest that was seen, by its `id`; without it all are read", examples=[57]
    )


class Read(Wire):
    read: int = Field(description="How many were unread before", examples=[3])


class KindPreference(Wire):
    kind: str = Field(examples=["assignment"])
    title: str = Field(examples=["Somebody assigns me a record"])
    email: bool
    in_app: bool


class Preferences(Wire):
    language: str | None = Field(description="es, en, or null: the workspace's", examples=["en"])
    kinds: list[KindPreference]


class KindPreferenceIn(Incoming):
    read_only = frozenset({"title"})
    kind: Kind
    email: bool | None = None
    in_app: bool | None = None


class PreferencesIn(Incoming):
    language: Language | None = Field(
        None, description="What you are written to in, in every workspace; null: in each its own", examples=["en"]
    )
    kinds: list[KindPreferenceIn] = Field(
        [], description="What is not named stays as it is", examples=[[{"kind": "assignment", "email": False}]]
    )

    def chosen(self) -> telling.Choice:
        """What was sent, in the domain's words."""
        channels: dict[str, dict[str, bool]] = {}
        for each in self.kinds:
            given = {"email": each.email, "in_app": each.in_app}
            channels.setdefault(each.kind, {}).update({name: on for name, on in given.items() if on is not None})
        chosen = telling.Choice(channels=channels)
        if "language" in self.model_fields_set:
            chosen["language"] = self.language
        return chosen


@notifications.get("/")
def list_notifications(request: Call, wanted: Query[NotificationsQuery]) -> NotificationPage:
    """What the caller was told in this workspace, the newest first. Needs a login alone."""
    found = inbox.page(request.actor, wanted.window(), unread=wanted.unread)
    return NotificationPage.of_page(request, found, unread=inbox.count_unread(request.actor))


@notifications.post("/read/", status=200)
def read_notifications(request: Call, seen: ReadIn) -> Read:
    """Mark as read all that was written up to one of them, or all. Needs a login alone."""
    return Read(read=actions.mark_all_read(request.actor, up_to=seen.up_to))


@notifications.get("/preferences/")
def get_preferences(request: Call) -> Preferences:
    """In which language and over which channels the caller is told, of every kind there is. Needs a login alone."""
    return Preferences.of_object(preferences.preferences(request.actor))


@notifications.patch("/preferences/")
def change_preferences(request: Call, wanted: PreferencesIn) -> Preferences:
    """Choose them. Needs a login alone.

    Invitations and the link to a new password are mailed whatever is chosen here.
    """
    telling.choose(request.actor, **wanted.chosen())
    return Preferences.of_object(preferences.preferences(request.actor))


@notifications.get("/{int:notification_id}/")
def get_notification(request: Call, notification_id: Id) -> Notification:
    """One of the caller's. Needs a login alone; others' are a 404."""
    return Notification.of(inbox.get(request.actor, notification_id))


@notifications.post("/{int:notification_id}/read/", status=200)
def read_notification(request: Call, notification_id: Id) -> Notification:
    """Mark one as read; again it changes nothing. Needs a login alone."""
    actions.mark_read(request.actor, notification_id)
    return Notification.of(inbox.get(request.actor, notification_id))
