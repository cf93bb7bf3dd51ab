"""Changing what the server does by itself with contracts."""

from collections.abc import Collection
from datetime import time
from typing import TypedDict, Unpack

from backend.core import preconditions, turns
from backend.core.action import action
from backend.core.actor import Actor
from backend.modules.contracts import settings
from backend.modules.contracts.models import ContractSettings
from backend.modules.contracts.permissions import SETTINGS

MOST_DAYS = 10  # alerts before one end
EARLIEST = 365  # days before it


class SettingsFields(TypedDict, total=False):
    """What can be given of the settings. Days may come in any order; those that are there twice count once."""

    alert_days: Collection[int]
    payment_alert_days: Collection[int]
    alert_at: time
    tell_agent: bool
    tell_managers: bool
    drafts_on_win: bool


@action("contract_settings.change", needs=SETTINGS)
def change(actor: Actor, **fields: Unpack[SettingsFields]) -> ContractSettings:
    """Change the given fields. Another `alert_at` holds from today on, unless today's alerts are told already."""
    turns.take(actor.workspace_id, "contract settings")
    found = settings.of(actor)
    preconditions.compare(found.version)
    for name, value in fields.items():
        setattr(found, name, sorted(set(value), reverse=True) if name.endswith("_days") else value)  # type: ignore[call-overload]
    if found.pk is None or not found.is_unchanged:
        found.version = found.version or 1
        found.save()
    return found
