"""Inviting people into a workspace by e-mail, and what becomes of the invitation."""

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from backend.core import folding, throttling
from backend.core.action import action
from backend.core.actor import Actor
from backend.core.constraints import violates
from backend.core.errors import Conflict, NotFound, RuleViolated
from backend.modules.identity import authentication, queries, roles, throttles
from backend.modules.identity.actions import passwords, rights, users
from backend.modules.identity.models import Invitation, InvitationRole, Membership, User
from backend.modules.identity.queries.invitations import INVITE
from backend.modules.notifications import actions as mail

HOLDS_FOR = timedelta(days=7)


class AlreadyMember(Conflict):
    """The address belongs to an active member of the workspace."""

    code = "already_member"
    field = "email"


class InvitationPending(Conflict):
    """The address has an invitation that can still be accepted: send that one again, or revoke it."""

    code = "invitation_pending"
    field = "email"


class InvitationExpired(RuleViolated):
    code = "invitation_expired"


class InvitationUsed(RuleViolated):
    code = "invitation_used"


class InvitationRevoked(RuleViolated):
    code = "invitation_revoked"


@action("invitation.create", needs=INVITE)
def create(actor: Actor, *, email: str, role_names: Collection[str] = (roles.SALES,)) -> Invitation:
    """Invite an address, with the roles of these keys or names, and mail it a link that holds for seven days.

    Nobody gives a role with a permission that they don't hold themselves: that is a `PermissionDenied`.
    Raises `UnknownRole`, `AlreadyMember` and `InvitationPending`.
    """
    given = {role.pk: role for role in (rights.named(actor, name) for name in role_names)}
    for role in given.values():
        rights.check_gives(actor, role)
    member = Membership.objects.of(actor).filter(user__email_key=folding.key(email), is_active=True)
    if member.exists():
        raise AlreadyMember(email=email)
    _let_go_of_expired(actor, email)
    invitation: Invitation = Invitation.objects.of(actor).new(email=email, invited_by_id=actor.user_id)
    try:
        with transaction.atomic():
            _send(actor, invitation)
    except IntegrityError as error:
        if violates(error, Invitation, "invitations_pending"):
            raise InvitationPending(email=email) from None
        raise
    for role in given.values():
        InvitationRole.objects.of(actor).create(invitation=invitation, role=role)
    return invitation


@action("invitation.resend", needs=INVITE)
def resend(actor: Actor, invitation_id: int) -> Invitation:
    """Mail a new link, which holds for seven days again; the old one ends. One that has expired lives again.

    Raises `NotFound`, `InvitationUsed` and `InvitationRevoked`.
    """
    invitation: Invitation = Invitation.objects.of(actor).lock(invitation_id)
    _check_open(invitation)
    _send(actor, invitation)
    return invitation


@action("invitation.revoke", needs=INVITE)
def revoke(actor: Actor, invitation_id: int) -> None:
    """End an invitation; one that is revoked stays so. Raises `NotFound` and `InvitationUsed`."""
    invitation: Invitation = Invitation.objects.of(actor).lock(invitation_id)
    if invitation.status == "accepted":
        raise InvitationUsed
    if invitation.revoked_at is None:
        invitation.revoked_at = timezone.now()
        invitation.save()


def accept(
    *, token: str, password: str, username: str | None = None, first_name: str = "", last_name: str = ""
) -> tuple[Actor, User]:
    """Join the workspace that the token invites to; the actor is the new member's workspace, seen by the server.

    An address that has no user gets one, with this password and, unless another is wanted, the address as user name.
    For one that has a user the password has to be that user's: it is never set here, nor is anything else of them.
    Of two who accept at once one does. Raises `NotFound` for a token that was never given, `InvitationExpired`,
    `InvitationUsed`, `InvitationRevoked`, `WrongCredentials`, `AccountDisabled`, `WeakPassword`, `UsernameTaken`, and
    `TooManyAttempts` from one address.
    """
    throttling.attempt(throttles.ACCEPTANCE)
    invitation = authentication.invitation_of(hash_of(token))
    if invitation is None:
        raise NotFound(record="invitation")
    _check_acceptable(invitation)
    here = replace(queries.system_actor(invitation.workspace_id), username=invitation.email[: users.LONGEST_NAME])
    known = User.objects.filter(email_key=invitation.email_key).first()
    if known is None:
        new = User(username=username or "", email=invitation.email, first_name=first_name, last_name=last_name)
        try:
            return here, _accept_as_new(here, invitation.pk, new=new, password=password)
        except (users.UserEmailTaken, users.UsernameTaken):  # perhaps by themselves, through another invitation
            known = User.objects.filter(email_key=invitation.email_key).first()
            if known is None:
                raise
    invitation.refresh_from_db()  # who has just become the user may have used this very invitation
    _check_acceptable(invitation)
    authentication.check_own_password(known, password)  # before the transaction: it takes a while
    return here, _accept_as_known(here, invitation.pk, user=known)


@action("invitation.accept")
def _accept_as_new(actor: Actor, invitation_id: int, *, new: User, password: str) -> User:
    """Make the user that the invitation's address does not have yet, and a member of them."""
    invitation: Invitation = Invitation.objects.of(actor).lock(invitation_id)
    _check_acceptable(invitation)
    passwords.check_strength(password, new)
    user = users.create_user(
        actor,
        username=new.username or users.free_username(invitation.email),
        email=invitation.email,
        password=password,
        first_name=new.first_name,
        last_name=new.last_name,
        role_names=(),
    )
    _join(actor, invitation, user)
    return user


@action("invitation.accept_as_known")
def _accept_as_known(actor: Actor, invitation_id: int, *, user: User) -> User:
    """Make who has the invitation's address already a member; nothing else of them changes."""
    invitation: Invitation = Invitation.objects.of(actor).lock(invitation_id)
    _check_acceptable(invitation)
    _join(actor, invitation, user)
    return user


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()


def _send(actor: Actor, invitation: Invitation) -> None:
    token = secrets.token_urlsafe(32)
    invitation.token_hash = hash_of(token)
    invitation.expires_at = timezone.now() + HOLDS_FOR
    invitation.sent += 1
    invitation.save()
    workspace = queries.workspace(actor)
    mail.send(
        actor,
        key=f"invitation/{invitation.pk}/{invitation.sent}",
        recipient=invitation.email,
        template="invitation",
        language=workspace.language,
        facts={
            "company": workspace.name,
            "inviter": actor.username if actor.user_id else "",
            "link": settings.INVITATION_URL.format(token=token),
            "expires_on": invitation.expires_at.astimezone(actor.time_zone).date(),
        },
        is_secret=True,
    )


def _let_go_of_expired(actor: Actor, email: str) -> None:
    """An invitation that nobody can accept any more does not stand in the way of a new one."""
    pending = Invitation.objects.of(actor).filter(email_key=folding.key(email), accepted_at=None, revoked_at=None)
    for invitation in pending.select_for_update(of=("self",)).filter(expires_at__lte=timezone.now()):
        invitation.revoked_at = timezone.now()
        invitation.save()


def _check_open(invitation: Invitation) -> None:
    """Raises `InvitationUsed` and `InvitationRevoked`; one that has expired may live again."""
    if invitation.status == "accepted":
        raise InvitationUsed
    if invitation.status == "revoked":
        raise InvitationRevoked


def _check_acceptable(invitation: Invitation) -> None:
    _check_open(invitation)
    if invitation.status == "expired":
        raise InvitationExpired


def _join(here: Actor, invitation: Invitation, user: User) -> None:
    given = InvitationRole.objects.of(here).filter(invitation=invitation).values_list("role_id", flat=True)
    users.join(here, user.pk, role_ids=list(given))
    invitation.accepted_at = timezone.now()
    invitation.accepted_by = user
    invitation.save()
