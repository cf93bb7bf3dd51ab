"""Changing opportunities. Every move between stages, whoever asks for it, goes through `_enter`."""

from datetime import date, datetime
from decimal import Decimal
from typing import TypedDict, Unpack

from django.utils import timezone

from backend.core import folding, permissions
from backend.core.action import action
from backend.core.actor import Actor
from backend.core.errors import Invalid, NotFound
from backend.modules.companies import queries as companies
from backend.modules.contacts import queries as contacts
from backend.modules.identity import queries as identity
from backend.modules.opportunities import queries
from backend.modules.opportunities.models import Opportunity, Outcome, Stage, StageChange
from backend.modules.opportunities.stages import DEFAULTS

ADD = permissions.declare("opportunities.add", "Create opportunities", roles={"manager", "sales"})
CHANGE = permissions.declare("opportunities.change", "Change opportunities", roles={"manager", "sales"})
DELETE = permissions.declare("opportunities.delete", "Delete opportunities", roles={"manager", "sales"})


class ContradictoryOutcome(Invalid):
    """State, outcome and stage that were given together do not fit together."""

    code = "contradictory_outcome"
    field = "outcome"


class OpportunityFields(TypedDict, total=False):
    """What can be given of an opportunity. `value` has two places; `probability` is in per cent, None the stage's."""

    name: str
    contact_id: int | None
    company_id: int | None
    value: Decimal
    currency: str
    probability: int | None
    expected_close_on: date | None
    notes: str
    assigned_to_id: int | None


@action("workspace.create_stages")
def create_default_stages(actor: Actor) -> None:
    """Give a workspace that has no stages the usual six."""
    rows = Stage.objects.of(actor)
    if rows.exists():
        return
    rows.bulk_create(
        rows.new(
            key=stage.key,
            name=stage.name,
            folded_name=folding.fold(stage.name),
            position=position,
            probability=stage.probability,
            outcome=stage.outcome,
        )
        for position, stage in enumerate(DEFAULTS, start=1)
    )


@action("opportunity.create", needs=ADD)
def create(actor: Actor, *, stage: str, at: datetime | None = None, **fields: Unpack[OpportunityFields]) -> Opportunity:
    """A new opportunity in a stage, named by key or name. Without a probability it gets the stage's.

    `at` is when it came into being, now unless history is being imported.
    Raises `NotFound` for an unknown contact or company, `UnknownStage` and `UnknownUser`.
    """
    moment = at or timezone.now()
    given = fields.get("probability")
    opportunity = Opportunity.objects.of(actor).new(created_by_id=actor.user_id, stage_entered_at=moment)
    _set(actor, opportunity, fields)
    target = queries.find_stage(actor, stage)
    opportunity.stage = target
    _follow(actor, opportunity, target, moment, probability=given)
    opportunity.save()
    if at is not None:
        opportunity.created_at = at
        opportunity.save()
    _record_move(actor, opportunity, before=None, moment=moment, reason="", seconds=None)
    return opportunity


@action("opportunity.update", needs=CHANGE)
def update(
    actor: Actor,
    opportunity_id: int,
    *,
    stage: str | None = None,
    is_open: bool | None = None,
    outcome: str | None = None,
    **fields: Unpack[OpportunityFields],
) -> Opportunity:
    """Change the given fields. `outcome` moves to the first stage that has it; `is_open` has to fit it.

    A closed opportunity keeps its stage's probability, whatever is given.
    Raises `NotFound`, `ContradictoryOutcome`, `UnknownStage` and `UnknownUser`.
    """
    opportunity = queries.visible_to(actor).lock(opportunity_id)
    _set(actor, opportunity, fields)
    target = _target(actor, opportunity, stage=stage, is_open=is_open, outcome=outcome)
    if target is not None and target != opportunity.stage:
        _enter(actor, opportunity, target, moment=timezone.now(), reason="", probability=fields.get("probability"))
        return opportunity
    if opportunity.probability is None or opportunity.stage.outcome != Outcome.OPEN:
        opportunity.probability = opportunity.stage.probability
    if not opportunity.is_unchanged:
        opportunity.save()
    return opportunity


@action("opportunity.move", needs=CHANGE)
def move(actor: Actor, opportunity_id: int, *, stage: str, reason: str = "", at: datetime | None = None) -> Opportunity:
    """Move to a stage, named by key or name, and say why. Where it stands there already, nothing happens.

    Raises `NotFound` and `UnknownStage`.
    """
    opportunity = queries.visible_to(actor).lock(opportunity_id)
    target = queries.find_stage(actor, stage)
    if target != opportunity.stage:
        _enter(actor, opportunity, target, moment=at or timezone.now(), reason=reason)
    return opportunity


@action("opportunity.delete", needs=DELETE)
def delete(actor: Actor, opportunity_id: int) -> None:
    """Remove an opportunity with its stage history; its activities stay. Raises `NotFound`."""
    opportunity = queries.visible_to(actor).lock(opportunity_id)
    StageChange.objects.of(actor).filter(opportunity=opportunity).delete()
    opportunity.delete()


def _set(actor: Actor, opportunity: Opportunity, fields: OpportunityFields) -> None:
    company_id, contact_id = fields.get("company_id"), fields.get("contact_id")
    owner_id = fields.get("assigned_to_id")
    if company_id is not None and not companies.exists(actor, company_id):
        raise NotFound(record="company", id=company_id)
    if contact_id is not None and not contacts.exists(actor, contact_id):
        raise NotFound(record="contact", id=contact_id)
    if owner_id not in (None, opportunity.assigned_to_id):
        identity.check_assignee(actor, owner_id)
    for name, value in fields.items():
        setattr(opportunity, name, value)


def _target(
    actor: Actor, opportunity: Opportunity, *, stage: str | None, is_open: bool | None, outcome: str | None
) -> Stage | None:
    """The stage that was asked for, in whichever of the three ways; None if it need not move."""
    target = queries.find_stage(actor, stage) if stage is not None else None
    wanted = outcome or (Outcome.OPEN if is_open else None)
    if target is None and wanted is not None and wanted != opportunity.stage.outcome:
        target = queries.first_stage(actor, wanted)
    reached = (target or opportunity.stage).outcome
    if outcome not in (None, reached) or is_open not in (None, reached == Outcome.OPEN):
        raise ContradictoryOutcome
    return target


def _enter(
    actor: Actor,
    opportunity: Opportunity,
    target: Stage,
    *,
    moment: datetime,
    reason: str,
    probability: int | None = None,
) -> None:
    before, entered = opportunity.stage, opportunity.stage_entered_at
    opportunity.stage, opportunity.stage_entered_at = target, moment
    _follow(actor, opportunity, target, moment, probability=probability)
    opportunity.save()
    seconds = max(0, round((moment - entered).total_seconds()))
    _record_move(actor, opportunity, before=before, moment=moment, reason=reason, seconds=seconds)


def _follow(actor: Actor, opportunity: Opportunity, stage: Stage, moment: datetime, *, probability: int | None) -> None:
    """What a stage says of the opportunity: won is 100 per cent and closed, lost 0 and closed, open its own and not."""
    is_open = stage.outcome == Outcome.OPEN
    opportunity.closed_on = None if is_open else moment.astimezone(actor.time_zone).date()
    opportunity.probability = probability if is_open and probability is not None else stage.probability


def _record_move(
    actor: Actor, opportunity: Opportunity, *, before: Stage | None, moment: datetime, reason: str, seconds: int | None
) -> None:
    StageChange.objects.of(actor).create(
        opportunity=opportunity,
        from_stage=before,
        to_stage=opportunity.stage,
        changed_at=moment,
        changed_by_id=actor.user_id,
        reason=reason,
        seconds_before=seconds,
    )
