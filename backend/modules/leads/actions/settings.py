"""Changing how leads come in, and whose they become."""

from collections.abc import Collection, Mapping
from typing import Any, TypedDict, Unpack

from backend.core import preconditions, sealing, turns
from backend.core.action import action
from backend.core.actor import Actor
from backend.core.recording import MASK
from backend.modules.identity import queries as identity
from backend.modules.leads import errors, settings
from backend.modules.leads.models import LeadSettings
from backend.modules.leads.permissions import SETTINGS

SEALED = {"whatsapp_app_secret": "sealed_app_secret", "whatsapp_verify_token": "sealed_verify_token"}
RENEWED = {"new_whatsapp_address": "whatsapp_token", "new_web_form_address": "web_form_token"}


class SettingsFields(TypedDict, total=False):
    """What can be given of the settings.

    Secrets come as they are, or masked, to stay; an empty one is none. `web_form_required` are values of `Detail`. A
    new address makes the one before lead nowhere.
    """

    round_robin: bool
    round_robin_members: Collection[int]
    whatsapp_phone_number_id: str
    whatsapp_app_secret: str
    whatsapp_verify_token: str
    new_whatsapp_address: bool
    web_form: bool
    web_form_origins: Collection[str]
    web_form_required: Collection[str]
    web_form_thanks: str
    new_web_form_address: bool


@action("lead_settings.change", needs=SETTINGS)
def change(actor: Actor, **fields: Unpack[SettingsFields]) -> LeadSettings:
    """Change the given fields. Raises `UnknownRotationMember`, and `Stale` for settings that changed since."""
    turns.take(actor.workspace_id, "lead settings")
    found = settings.of(actor)
    preconditions.compare(found.version)
    _check_participants(actor, fields.get("round_robin_members", ()), found.round_robin_members)
    for name, value in _as_stored(actor, fields).items():
        setattr(found, name, value)
    for name in RENEWED.values():
        setattr(found, name, getattr(found, name) or settings.new_token(actor))
    if found.pk is None or not found.is_unchanged:
        found.version = found.version or 1
        found.save()
    return found


def _as_stored(actor: Actor, fields: Mapping[str, Any]) -> dict[str, Any]:
    """The columns that change. Lists are kept in order, each of theirs once."""
    values: dict[str, Any] = {}
    for name, value in fields.items():
        if name in SEALED:
            if value != MASK:
                values[SEALED[name]] = sealing.seal(value) if value else ""
        elif name in RENEWED:
            if value:
                values[RENEWED[name]] = settings.new_token(actor)
        else:
            values[name] = sorted(set(value)) if isinstance(value, list | tuple | set) else value
    return values


def _check_participants(actor: Actor, wanted: Collection[int], before: Collection[int]) -> None:
    """Who takes part already may have left meanwhile, and be sent back with the others."""
    added = set(wanted) - set(before)
    if missing := added - set(identity.active_members(actor, among=added)):
        raise errors.UnknownRotationMember(id=min(missing))
