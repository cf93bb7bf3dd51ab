"""Changing opportunities. Every move between stages, whoever asks for it, goes through `_enter`."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple, TypedDict, Unpack

from django.db import IntegrityError
from django.utils import timezone

from backend.core import folding, permissions
from backend.core.action import action
from backend.core.actor import Actor
from backend.core.constraints import violates
from backend.core.errors import Conflict, Invalid, NotFound, RuleViolated
from backend.modules.attachments import actions as attachments
from backend.modules.companies import queries as companies
from backend.modules.contacts import queries as contacts
from backend.modules.identity import queries as identity
from backend.modules.opportunities import queries
from backend.modules.opportunities.models import Opportunity, Outcome, Stage, StageChange
from backend.modules.opportunities.stages import DEFAULTS

ADD = permissions.declare("opportunities.add", "Create opportunities", roles={"manager", "sales"})
CHANGE = permissions.declare("opportunities.change", "Change opportunities", roles={"manager", "sales"})
DELETE = permissions.declare("opportunities.delete", "Delete opportunities", roles={"manager", "sales"})

SUBJECT = "opportunity"  # what attachments call one


class ContradictoryOutcome(Invalid):
    """State, outcome and stage that were given together do not fit together."""

    code = "contradictory_outcome"
    field = "outcome"


class ExternalIdTaken(Conflict):
    """Another opportunity of the workspace has this reference already. Fact: `external_id`."""

    code = "external_id_taken"
    field = "external_id"


class SameStage(RuleViolated):
    """The opportunity stands in the stage already. Fact: `stage`, its name."""

    code = "same_stage"
    field = "stage"


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


class Step(NamedTuple):
    """A stage, and when it was entered."""

    stage: Stage
    moment: datetime


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
def create(
    actor: Actor,
    *,
    stage: str | Stage,
    at: datetime | None = None,
    moves: Sequence[tuple[str | Stage, datetime]] = (),
    external_id: str = "",
    **fields: Unpack[OpportunityFields],
) -> Opportunity:
    """A new opportunity in a stage, which may be named by key or name. Without a probability it gets the stage's.

    `at` is when it came into being, now unless history is being imported; `moves` are the stages it has entered since,
    with their moments, in order; `external_id` is its reference where it is from.
    Raises `NotFound` for an unknown contact or company, `UnknownStage`, `UnknownUser` and `ExternalIdTaken`.
    """
    moment = at or timezone.now()
    given = fields.get("probability")
    course = [Step(queries.find_stage(actor, name), when) for name, when in [(stage, moment), *moves]]
    opportunity = Opportunity.objects.of(actor).new(
        created_by_id=actor.user_id, created_at=moment, external_id=external_id
    )
    _set(actor, opportunity, fields)
    opportunity.stage, opportunity.stage_entered_at = course[-1]
    _follow(actor, opportunity, *course[-1], probability=given)
    try:
        opportunity.save()
    except IntegrityError as error:
        if violates(error, Opportunity, "opportunities_external_id"):
            raise ExternalIdTaken(external_id=external_id) from None
        raise
    StageChange.objects.of(actor).bulk_create(
        _change(actor, opportunity, before, after) for before, after in zip([None, *course], course, strict=False)
    )
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
def move(
    actor: Actor,
    opportunity_id: int,
    *,
    stage: str | Stage,
    reason: str = "",
    at: datetime | None = None,
    must_move: bool = False,
) -> Opportunity:
    """Move to a stage, which may be named by key or name, and say why. Where it stands there, nothing happens.

    Raises `NotFound` and `UnknownStage`, and with `must_move` `SameStage` where nothing would happen.
    """
    opportunity = queries.visible_to(actor).lock(opportunity_id)
    target = queries.find_stage(actor, stage)
    if target != opportunity.stage:
        _enter(actor, opportunity, target, moment=at or timezone.now(), reason=reason)
    elif must_move:
        raise SameStage(stage=target.name)
    return opportunity


@action("opportunity.delete", needs=DELETE)
def delete(actor: Actor, opportunity_id: int) -> None:
    """Remove an opportunity with its stage history and attachments; its activities stay. Raises `NotFound`."""
    opportunity = queries.visible_to(actor).lock(opportunity_id)
    attachments.discard_of(actor, subject_kind=SUBJECT, subject_id=opportunity_id)
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
    before = Step(opportunity.stage, opportunity.stage_entered_at)
    opportunity.stage, opportunity.stage_entered_at = target, moment
    _follow(actor, opportunity, target, moment, probability=probability)
    opportunity.save()
    _change(actor, opportunity, before, Step(target, moment), reason=reason).save()


def _follow(actor: Actor, opportunity: Opportunity, stage: Stage, moment: datetime, *, probability: int | None) -> None:
    """What a stage says of the opportunity: won is 100 per cent and closed, lost 0 and closed, open its own and not."""
    is_open = stage.outcome == Outcome.OPEN
    opportunity.closed_on = None if is_open else moment.astimezone(actor.time_zone).date()
    opportunity.probability = probability if is_open and probability is not None else stage.probability


def _change(
    actor: Actor, opportunity: Opportunity, before: Step | None, after: Step, *, reason: str = ""
) -> StageChange:
    """The row of the stage history for a move from one step to the next, not saved yet."""
    seconds = before and max(0, round((after.moment - before.moment).total_seconds()))
    change: StageChange = StageChange.objects.of(actor).new(
        opportunity=opportunity,
        from_stage=before and before.stage,
        to_stage=after.stage,
        changed_at=after.moment,
        changed_by_id=actor.user_id,
        reason=reason,
        seconds_before=seconds,
    )
    return change
