"""Full-text search (leads.md, "Próximas Mejoras")."""

from datetime import datetime
from typing import Annotated, Literal

from ninja import Query
from pydantic import Field, StringConstraints

from backend.dialects.leads import Array, SkipQuery
from backend.dialects.leads import leads as dialect
from backend.dialects.resource import Call, Resource
from backend.dialects.wire import FilledText, Wire
from backend.modules.leads import finding as queries
from backend.modules.leads.routers.leads import Channel, Status

finding = Resource(dialect, "/leads", tag="Leads")

FURTHEST = 1000


class TermQuery(SkipQuery):
    term: Annotated[FilledText, StringConstraints(max_length=200)] = Field(alias="q", examples=["perez presupuesto"])
    skip: Annotated[int, Field(ge=0, le=FURTHEST)] = 0


class Found(Wire):
    kind: Literal["client", "lead"] = Field(alias="type")
    id: int = Field(examples=[1])
    score: int = Field(description="The higher, the better it fits", examples=[16])
    contact_id: int | None = Field(alias="client_id", examples=[1])
    name: str = Field(alias="client_name", examples=["Juan Pérez"])
    phone: str = Field(examples=["+584123456789"])
    email: str = Field(examples=["juan@example.com"])
    notes: str = Field(alias="excerpt", description="Of the notes", examples=["Cliente interesado en servicios"])
    status: Status | None = Field(description="Of a lead")
    channel: Channel | None = Field(description="Of a lead")
    updated_at: datetime


@finding.get("/search")
def search_leads(request: Call, wanted: Query[TermQuery]) -> Array[Found]:
    """Clients and leads that have every word of `q` in names, phones, e-mail or notes, the best first.

    Needs `leads.view`; clients are among them for who holds `contacts.view`. Case and accents don't count, a phone is
    found by its digits. What is found by the name comes before what is found in notes. `skip` goes up to 1000.
    """
    return Array[Found].of_page(queries.find(request.actor, wanted.term, wanted.window()), Found.of_object)
