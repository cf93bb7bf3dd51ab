"""Drafting a contract when an opportunity is won, where the workspace's settings say so."""

from typing import Any

from backend.core.actor import Actor
from backend.core.recording import Change
from backend.modules.contacts import queries as contacts
from backend.modules.contracts import actions, queries, settings
from backend.modules.contracts.models import Kind
from backend.modules.identity import queries as identity
from backend.modules.opportunities import queries as opportunities
from backend.modules.opportunities.models import Outcome, StageChange

LONGEST_NAME = 200


def draft_won(actor: Actor, action: str, changes: list[Change]) -> None:
    """In the transaction of an action: draft a contract of each opportunity that it won, unless there is one already.

    The server does so, whatever the winner may do with contracts. What the server itself moves, as an import of history
    does, drafts nothing.
    """
    moves = [change for change in changes if change.model is StageChange and change.kind == "created"]
    if not moves or actor.is_system or not settings.of(actor).drafts_on_win:
        return
    here = Actor.system(actor.workspace_id, time_zone=actor.time_zone, region=actor.region)
    for opportunity_id in sorted({change.new["opportunity_id"] for change in moves}):
        deal = opportunities.detail(here, opportunity_id)
        if deal["outcome"] == Outcome.WON and not queries.exists_of_opportunity(here, opportunity_id):
            _draft(here, deal, winner_id=actor.user_id)


def _draft(here: Actor, deal: dict[str, Any], *, winner_id: int | None) -> None:
    actions.create(
        here,
        title=deal["name"],
        kind=Kind.SALE,
        value=deal["value"],
        currency=deal["currency"],
        opportunity_id=deal["id"],
        contact_id=deal["contact_id"],
        agent_email=_agent(here, deal["assigned_to_id"], winner_id),
        **_client(here, deal),
    )


def _agent(here: Actor, *candidates: int | None) -> str | None:
    """The address of the first of them who is an active member."""
    found = (identity.active_member(here, user_id) for user_id in candidates if user_id is not None)
    return next((user.email for user in found if user is not None), None)


def _client(here: Actor, deal: dict[str, Any]) -> dict[str, Any]:
    """The contact, or else the company; a deal with neither of them gives its own name."""
    if deal["contact_id"] is None:
        return {"client_name": deal["company_name"] or deal["name"]}
    contact = contacts.detail(here, deal["contact_id"])
    name = f"{contact['first_name']} {contact['last_name']}".strip()
    return {"client_name": name[:LONGEST_NAME], "client_email": contact["email"], "client_phone": contact["phone"]}
