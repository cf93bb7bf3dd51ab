"""Writing the demo data: through the actions, as the people who would do it, in one transaction."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.color import no_style
from django.db import connection, transaction
from django.utils import timezone

from backend.core import permissions
from backend.core.action import action
from backend.core.actor import Actor
from backend.core.recording import RecordedModel
from backend.demo import cast, chats, talk
from backend.demo.agreements import MOST_LATE, Agreement, agreements
from backend.demo.deals import Deal, deals
from backend.demo.inquiries import Inquiry, inquiries
from backend.demo.story import MANAGERS, Person, Story, Teller
from backend.modules.activities import actions as activities
from backend.modules.activities.models import Activity, Kind, Status
from backend.modules.companies import actions as companies
from backend.modules.contacts import actions as contacts
from backend.modules.contacts.models import Contact
from backend.modules.contracts import actions as contracts
from backend.modules.contracts.actions import notes, payments
from backend.modules.contracts.models import Contract
from backend.modules.identity import actions as identity
from backend.modules.identity.models import User, Workspace
from backend.modules.leads import actions as leads
from backend.modules.messaging.models import Message
from backend.modules.opportunities import actions as opportunities
from backend.modules.opportunities.models import Opportunity

MOMENTS = (
    "created_at",
    "updated_at",
    "occurs_at",
    "contacted_at",
    "quoted_at",
    "closed_at",
    "joined_at",
    "active_at",
    "read_at",
)
TIME_ZONE, REGION = ZoneInfo("America/Lima"), "PE"


class AlreadyFilled(Exception):
    """There is a workspace: the demo data goes into an empty database only."""


@transaction.atomic
def fill(passwords: Mapping[str, str]) -> dict[str, int]:
    """Fill an empty database, and answer how many rows of each kind there are. Raises `AlreadyFilled`."""
    if Workspace.objects.exists():
        raise AlreadyFilled
    today = timezone.now().astimezone(TIME_ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    return Writer(Teller(today).tell(), today).write(passwords)


@action("demo.backdate")
def backdate(actor: Actor, moments: Mapping[RecordedModel, tuple[datetime, datetime]]) -> None:
    """Set when records were created and last changed. The ledger says that this was done, and when it really was."""
    by_model = defaultdict(list)
    for record, (created_at, updated_at) in moments.items():
        planned = record if isinstance(record, Activity) and record.status == Status.PENDING else None
        occurs_at = planned.occurs_at if planned else created_at
        moments_of = {"occurs_at": occurs_at}
        moments_of |= dict.fromkeys(("created_at", "joined_at"), created_at)
        moments_of |= dict.fromkeys(("updated_at", "active_at"), updated_at)
        if getattr(record, "read_at", None) is not None:
            moments_of["read_at"] = updated_at
        for name, moment in moments_of.items():
            setattr(record, name, moment)
        by_model[type(record)].append(record)
    for model, records in by_model.items():
        fields = [each.name for each in model._meta.concrete_fields if each.name in MOMENTS]
        model._default_manager.bulk_update(records, fields, batch_size=100)


class Writer:
    def __init__(self, story: Story, today: datetime) -> None:
        self.story, self.today = story, today
        self.moments: dict[RecordedModel, tuple[datetime, datetime]] = {}
        self.actors: dict[str, Actor] = {}

    def write(self, passwords: Mapping[str, str]) -> dict[str, int]:
        self.found_workspace(passwords)
        self.write_companies()
        people = [self.create_contact(person) for person in self.story.people]
        self.write_events(people)
        told = deals(self.story, self.today)
        made = {deal.person: self.write_deal(deal, people[deal.person]) for deal in told}
        signed = agreements(self.story, told, self.today)
        for agreement in signed:
            self.write_contract(agreement, made[agreement.deal.person])
        asked = inquiries(self.story, self.today)
        for inquiry in asked:
            self.write_lead(inquiry, people[inquiry.person])
        self.write_chats()
        backdate(self.actors["admin"], self.moments)
        return {
            "users": len(cast.COLLEAGUES),
            "companies": len(self.story.firms),
            "contacts": len(people),
            "opportunities": len(told),
            "contracts": len(signed),
            "leads": len(asked),
            "messages": sum(isinstance(record, Message) for record in self.moments),
            "activities": sum(isinstance(record, Activity) for record in self.moments),
        }

    def found_workspace(self, passwords: Mapping[str, str]) -> None:
        opening = self.today - timedelta(days=400)
        number_from_one()
        nobody = Actor.system(None)
        workspace = identity.create_workspace(nobody, name=cast.WORKSPACE, time_zone=str(TIME_ZONE), region=REGION)
        self.date(workspace, opening)
        for each in cast.COLLEAGUES:
            creator = self.actors.get("admin") or Actor.system(workspace.pk)
            is_admin = each.role == permissions.ADMIN
            user = identity.create_user(
                creator,
                username=each.username,
                email=each.email,
                password=passwords.get(each.username),
                first_name=each.first_name,
                last_name=each.last_name,
                role_names=[each.role],
                is_staff=is_admin,
                is_superuser=is_admin,
            )
            self.date(user, opening)
            self.actors[each.username] = actor(user, each.role, workspace)

    def write_companies(self) -> None:
        for moment, firm, seller, fields in self.story.firms:
            company = companies.create(
                self.actors[seller],
                name=firm.name,
                industry=firm.industry,
                employees=firm.employees,
                address=firm.address,
                **fields,  # type: ignore[misc]
            )
            self.date(company, moment)

    def create_contact(self, person: Person) -> Contact:
        seller = self.actors[person.seller]
        fields: dict[str, Any] = person.fields
        assignee = seller.user_id if person.is_assigned else None
        contact = contacts.create(seller, company_name=person.firm.name, assigned_to_id=assignee, **fields)
        self.date(contact, person.moment)
        return contact

    def write_events(self, people: list[Contact]) -> None:
        for event in self.story.events:
            contact, by = people[event.person], self.actors[event.by]
            if event.entry is not None:
                self.date(activities.create(by, contact_id=contact.pk, **event.entry._asdict()), event.moment)
                continue
            activities.move_contact_stage(by, contact.pk, stage=event.stage)
            self.date(Activity.objects.of(by).latest("id"), event.moment)  # the note that it leaves
            self.moments[contact] = (self.moments[contact][0], event.moment)

    def write_deal(self, deal: Deal, contact: Contact) -> Opportunity:
        by, first = self.actors[deal.by], deal.steps[0]
        opportunity = opportunities.create(
            by,
            stage=first.stage,
            at=first.moment,
            name=deal.name,
            contact_id=contact.pk,
            company_id=contact.company_id,
            value=deal.value,
            currency=deal.currency,
            expected_close_on=deal.expected_close_on,
            assigned_to_id=by.user_id,
        )
        for step in deal.steps[1:]:
            opportunity = opportunities.move(by, opportunity.pk, stage=step.stage, reason=step.reason, at=step.moment)
        self.moments[opportunity] = (first.moment, deal.steps[-1].moment)
        if deal.is_open and deal.steps[-1].stage == "negociacion":
            self.plan_next_step(by, opportunity)
        return opportunity

    def write_contract(self, agreement: Agreement, deal: Opportunity) -> None:
        by, plan = self.actors[agreement.deal.by], agreement.plan
        contract = contracts.create(
            by,
            status=agreement.begins_as,
            contact_id=deal.contact_id,
            opportunity_id=deal.pk,
            **agreement.fields,  # type: ignore[misc]
        )
        if plan.instalments:
            self.write_payments(by, agreement, contract)
        kind, content = plan.note
        self.date(notes.add(by, contract.pk, kind=kind, content=content), agreement.moment)
        if plan.status != agreement.begins_as:
            contract = contracts.update(by, contract.pk, status=plan.status)
        self.date(contract, agreement.moment)

    def write_payments(self, by: Actor, agreement: Agreement, contract: Contract) -> None:
        """A monthly schedule, paid on its days up to now."""
        made = payments.schedule(
            by,
            contract.pk,
            kind="Mensualidad",
            instalments=agreement.plan.instalments,
            first_due_on=agreement.first_due_on,
        )
        paid_up_to = self.today.date() - timedelta(days=60 if agreement.plan.is_forgetful else MOST_LATE)
        for payment in made:
            if payment.due_on < paid_up_to:
                payments.pay(by, payment.pk, contract_id=contract.pk, paid_on=payment.due_on)
            self.date(payment, agreement.moment)

    def write_lead(self, inquiry: Inquiry, contact: Contact) -> None:
        """Of the seller who follows it up; what nobody has taken yet was noted down by the manager."""
        plan = inquiry.plan
        seller = self.actors[inquiry.seller if plan.is_assigned else MANAGERS[0]]
        lead = leads.create(seller, contact_id=contact.pk, channel=plan.channel)
        for status in plan.steps:
            lead = leads.set_status(seller, lead.pk, status=status)
        if plan.note:
            lead = leads.update(seller, lead.pk, sales_notes=plan.note)
        if lead.contacted_at:
            lead.contacted_at = inquiry.contacted_at
            for step in ("quoted_at", "closed_at"):
                if getattr(lead, step):
                    setattr(lead, step, min(inquiry.contacted_at + timedelta(days=1), self.today))
        self.date(lead, inquiry.moment)

    def write_chats(self) -> None:
        signed = Contract.objects.of(self.actors["admin"]).filter(status="signed").latest("id")
        self.moments.update(chats.write(self.actors, self.today, contract_id=signed.pk))

    def plan_next_step(self, by: Actor, opportunity: Opportunity) -> None:
        """A task that is still to be done, in the coming days."""
        due = self.today + timedelta(days=1 + opportunity.pk % 5, hours=10)
        task = activities.create(
            by,
            kind=Kind.TASK,
            status=Status.PENDING,
            subject=talk.NEXT_STEP,
            contact_id=opportunity.contact_id,
            opportunity_id=opportunity.pk,
            occurs_at=due,
        )
        self.date(task, self.today)

    def date(self, record: RecordedModel, moment: datetime) -> None:
        self.moments[record] = (moment, moment)


def actor(user: User, role: str, workspace: Workspace) -> Actor:
    """The user in their workspace, with what the built-in role holds."""
    return Actor(
        workspace_id=workspace.pk,
        user_id=user.pk,
        username=user.username,
        permissions=frozenset(each.codename for each in permissions.catalogue.values() if role in each.roles),
        time_zone=TIME_ZONE,
        region=REGION,
    )


def number_from_one() -> None:
    """Give the first workspace the number 1, even if another was begun and rolled back."""
    table = {"table": Workspace._meta.db_table, "column": "id"}
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_by_name_sql(no_style(), [table]):
            cursor.execute(statement)
