"""A valid call of every operation, so that the tests about all of them need no lists of their own.

A dialect has a module here with `CALLS` (an operation's method and path, and a function from a `World` to its `Call`)
and `is_problem` (whether a body is the dialect's error for a status). An operation without a call fails the tests.
"""

import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.test import Client

from backend.core.actor import Actor
from backend.modules.activities.models import Activity
from backend.modules.attachments.models import Attachment
from backend.modules.companies.models import Company
from backend.modules.contacts.models import Contact
from backend.modules.contracts import actions as contracts
from backend.modules.contracts.models import Contract, Document, Note, Payment
from backend.modules.exchange.models import Export
from backend.modules.identity.models import ApiKey, Invitation, Permission, Role
from backend.modules.leads import actions as lead_actions
from backend.modules.leads.models import Lead
from backend.modules.notifications.models import Notification
from backend.modules.opportunities import actions as opportunities
from backend.modules.opportunities.models import Opportunity
from backend.modules.scheduling.models import ReportSubscription
from tests import make, pdfs, people
from tests.operations import Operation, normalised


@dataclass
class World:
    """A workspace with one record of each kind. Each of their texts has `mark` in it.

    The opportunity is closed, so that its contact may be deleted; nothing at all holds on to `empty_company`.
    `role` holds nothing, so that anybody may give it; `member` holds no role, so that anybody may govern them;
    `permission` is one of the workspace's own; `key` may do what a key can; `upload` and
    `document_upload` wait to be confirmed. The lead is closed as well, and assigned to the owner. `talk` is a
    conversation of the owner's with `member`.
    """

    owner: people.Person
    mark: str
    company: Company
    contact: Contact
    opportunity: Opportunity
    activity: Activity
    empty_company: Company
    role: Role
    permission: Permission
    member: people.Person
    invitation: Invitation
    invitation_token: str
    key: ApiKey
    key_text: str
    attachment: Attachment
    upload: str
    export: Export
    subscription: ReportSubscription
    notification: Notification
    contract: Contract
    payment: Payment
    note: Note
    document: Document
    document_upload: str
    lead: Lead
    talk: make.Talk


def world(owner: people.Person, mark: str) -> World:
    company = make.company(owner.actor, name=f"{mark} SAC")
    contact = make.contact(
        owner.actor,
        first_name=mark,
        email=f"{mark}@example.com",
        phone=f"+58 412-{zlib.crc32(mark.encode()) % 9_000_000 + 1_000_000}",
        company_name=company.name,
        assigned_to_id=owner.user.pk,
    )
    opportunity = make.opportunity(
        owner.actor,
        name=f"Deal with {mark}",
        stage="negociacion",
        contact_id=contact.pk,
        company_id=company.pk,
    )
    opportunities.move(owner.actor, opportunity.pk, stage="cerrada_ganada", reason=f"Signed by {mark}")
    activity = make.activity(
        owner.actor,
        subject=f"Call with {mark}",
        status="pending",
        contact_id=contact.pk,
        opportunity_id=opportunity.pk,
    )
    empty_company = make.company(owner.actor, name=f"{mark} without anybody")
    role = make.role(owner.actor, name=f"Friend of {mark}")
    permission = make.permission(owner.actor, name=f"Can see {mark}", codename=f"view_{mark}")
    member = people.person(f"member-{mark}", owner.workspace)
    invitation, invitation_token = make.invitation(
        owner.actor, email=f"friend@{mark}.example.com", role_names=[role.name]
    )
    key, key_text = make.api_key(owner.actor, name=f"Key of {mark}")
    attachment = make.attachment(owner.actor, opportunity, filename=f"{mark}.txt")
    upload = make.upload(owner.actor, opportunity, filename=f"{mark}.pdf", content_type="application/pdf")
    export = make.export(owner.actor, filters={"search": mark})
    subscription = make.report_subscription(owner.actor)
    notification = make.notification(owner.actor, name=mark)
    contract = make.contract(owner.actor, title=f"Lease of {mark}", client_name=mark)
    payment = make.payment(owner.actor, contract, kind=f"Deposit of {mark}")
    note = make.note(owner.actor, contract, content=f"Written about {mark}")
    document = make.document(owner.actor, contract, title=f"Paper of {mark}", filename=f"{mark}.txt")
    document_upload = make.document_upload(
        owner.actor, contract, filename=f"{mark}.pdf", content_type="application/pdf"
    )
    lead = make.lead(
        owner.actor,
        contact,
        status="closed",
        assigned_to_id=owner.user.pk,
        admin_notes=f"From a friend of {mark}",
        sales_notes=f"Call {mark}",
    )
    talk = make.talk(owner.actor, member, text=f"Written to {mark}", title=f"About {mark}")
    return World(
        owner, mark, company, contact, opportunity, activity, empty_company, role, permission, member, invitation,
        invitation_token, key, key_text, attachment, upload, export, subscription,
        notification, contract, payment, note, document, document_upload, lead, talk,
    )  # fmt: skip


def entrust(place: World, person: people.Person) -> None:
    """Let a person look after what only those see who look after it, and talk with the member."""
    system = Actor.system(place.owner.workspace.pk)
    contracts.update(system, place.contract.pk, agent_email=person.user.email)
    lead_actions.assign(system, place.lead.pk, user_id=person.user.pk)
    place.talk = make.talk(person.actor, place.member, text=f"Written to {place.mark}", title=f"About {place.mark}")


@dataclass(frozen=True)
class Call:
    """What is sent. `references` names the fields of body and query that hold the id of another record.

    `also` has further ones of the body, which need another permission than the operation and so are not sent.
    """

    ids: tuple[int | str, ...] = ()
    body: Any = None
    query: Mapping[str, Any] = field(default_factory=dict)
    references: tuple[str, ...] = ()
    also: Mapping[str, Any] = field(default_factory=dict)
    form: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)

    def address(self, operation: Operation) -> str:
        ids = iter(self.ids)
        path = re.sub(r"{[^}]*}", lambda _: str(next(ids)), operation.path)
        return path + (f"?{urlencode(self.query)}" if self.query else "")


def of(operation: Operation, place: World) -> Call:
    """A valid call of the operation in this world."""
    calls = _dialects()[operation.dialect].CALLS
    name = f"{operation.method} {normalised(operation.path)}"
    assert name in calls, f"tests/calls/{operation.dialect}.py lacks a call of {name}"
    return calls[name](place)


def send(operation: Operation, call: Call, token: str | None, **headers: str) -> Any:
    """The answer to the call with this access token. What is streamed is read to its end."""
    given = dict(call.headers) | {name.replace("_", "-"): value for name, value in headers.items()}
    if token is not None:
        given["Authorization"] = f"Bearer {token}"
    content: dict[str, Any] = {}
    if call.form:
        content = {"data": urlencode(call.body), "content_type": "application/x-www-form-urlencoded"}
    elif call.body is not None:
        content = {"data": call.body, "content_type": "application/json"}
    with pdfs.printable():
        answer = getattr(Client(), operation.method.lower())(call.address(operation), headers=given, **content)
    if answer.streaming:
        return HttpResponse(answer.getvalue(), status=answer.status_code, headers=answer.headers)
    return answer


def is_problem(operation: Operation, answer: Any, status: int) -> bool:
    """Whether the answer is an error of this status as the operation's dialect sends it."""
    return (
        answer.status_code == status
        and answer["Content-Type"] == "application/json"
        and _dialects()[operation.dialect].is_problem(answer.json(), status)
    )


def _dialects() -> dict[str, Any]:
    from tests.calls import accounts, crisol, leads, onboarding, sales, urbany

    modules = (accounts, crisol, leads, onboarding, sales, urbany)
    return {module.__name__.rpartition(".")[2]: module for module in modules}
