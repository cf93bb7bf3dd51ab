"""What contracts look like on the wire (urbany.md, "CONTRATOS")."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Self

from django.http import HttpRequest
from pydantic import BeforeValidator, Field, StringConstraints

from backend.dialects.wire import (
    Address,
    Day,
    Email,
    EmailOrEmpty,
    FilledText,
    Id,
    Incoming,
    LongText,
    Money,
    OrEmpty,
    Phone,
    Text,
    Versioned,
    Vocabulary,
    Wire,
    no_boolean,
)
from backend.modules.contracts import queries


def _words(*words: str) -> Vocabulary:
    """Words that the domain has in small letters."""
    return Vocabulary({word: word.lower() for word in words})


Kind = Annotated[str, _words("Sale", "Rent", "Lease", "Management")]
Status = Annotated[str, _words("Draft", "Active", "Signed", "Completed", "Cancelled", "Expired")]
Priority = Annotated[str, _words("Low", "Medium", "High", "Urgent")]
PaymentStatus = Annotated[str, _words("Pending", "Paid", "Late", "Cancelled")]
NoteKind = Annotated[str, _words("General", "Call", "Meeting", "Legal", "Payment")]
Currency = Annotated[str, Vocabulary({word: word for word in ("PEN", "USD", "EUR")})]
Title = Annotated[FilledText, StringConstraints(max_length=200)]
Label = Annotated[FilledText, StringConstraints(max_length=100)]
LabelOrEmpty = Annotated[Text, StringConstraints(max_length=100)]
Rate = Annotated[Decimal, Field(ge=0, le=100, decimal_places=2), BeforeValidator(no_boolean)]
Size = Annotated[Decimal, Field(ge=0, max_digits=12, decimal_places=2), BeforeValidator(no_boolean)]
Amount = Annotated[Money, Field(gt=0)]


class ContractIn(Incoming):
    read_only = frozenset({
        "id", "contract_number", "commission_amount", "payments", "payment_summary", "documents", "notes", "created_at",
        "updated_at",
    })  # fmt: skip

    title: Title = Field(examples=["Arrendamiento Oficina Centro"])
    kind: Kind = Field(alias="contract_type", examples=["Lease"])
    status: Status = Field("Draft", validate_default=True, examples=["Draft"])
    priority: Priority = Field("Medium", validate_default=True, examples=["Medium"])
    client_name: Title = Field(examples=["Empresa ABC S.A."])
    client_email: OrEmpty[EmailOrEmpty] = Field("", examples=["contacto@empresaabc.com"])
    client_phone: OrEmpty[Phone] = Field("", examples=["+52 55 1234 5678"])
    property_address: OrEmpty[Address] = Field("", examples=["Torre Corporativa, Piso 15"])
    property_kind: OrEmpty[LabelOrEmpty] = Field("", alias="property_type", examples=["Oficina"])
    property_size: Size | None = Field(None, description="En m²", examples=["250.00"])
    value: Money = Field(alias="contract_value", examples=["50000.00"])
    currency: Currency = Field("PEN", examples=["PEN"])
    commission_rate: Rate = Field(Decimal(0), description="En por ciento", examples=["5.00"])
    starts_on: Day | None = Field(None, alias="start_date", examples=["2026-02-01"])
    ends_on: Day | None = Field(None, alias="end_date", examples=["2027-01-31"])
    signed_on: Day | None = Field(None, alias="signed_date", examples=[None])
    terms: OrEmpty[LongText] = Field(
        "", alias="terms_and_conditions", examples=["Contrato de arrendamiento por 12 meses..."]
    )
    contact_id: Id | None = Field(None, description="Un cliente del espacio", examples=[1])
    opportunity_id: Id | None = Field(None, description="La oportunidad de la que salió", examples=[1])
    agent_email: Email | None = Field(
        None,
        alias="agent",
        description="El correo de quien lo lleva; si falta, quien llama",
        examples=["admin@urbany.com"],
    )


class Contract(Versioned):
    id: int = Field(examples=[26])
    number: str = Field(alias="contract_number", examples=["CON-2026-026"])
    title: str
    kind: Kind = Field(alias="contract_type")
    status: Status
    priority: Priority
    client_name: str
    agent_email: str | None = Field(alias="agent", examples=["admin@urbany.com"])
    property_address: str
    value: Decimal = Field(alias="contract_value", examples=["50000.00"])
    currency: Currency
    commission_rate: Decimal = Field(description="En por ciento", examples=["5.00"])
    commission_amount: Decimal = Field(examples=["2500.00"])
    starts_on: date | None = Field(alias="start_date")
    ends_on: date | None = Field(alias="end_date")
    signed_on: date | None = Field(alias="signed_date")
    contact_id: int | None
    opportunity_id: int | None
    created_at: datetime
    updated_at: datetime


class Payment(Versioned):
    id: int
    kind: str = Field(alias="payment_type", examples=["Enganche"])
    amount: Decimal = Field(examples=["500000.00"])
    due_on: date = Field(alias="due_date")
    paid_on: date | None = Field(alias="paid_date")
    status: PaymentStatus


class PaymentSummary(Wire):
    """Lo que suman los pagos frente al valor del contrato; `pending` incluye `late`."""

    scheduled: Decimal = Field(examples=["500000.00"])
    paid: Decimal = Field(examples=["0.00"])
    open: Decimal = Field(alias="pending", examples=["500000.00"])
    late: Decimal = Field(examples=["0.00"])
    unscheduled: Decimal = Field(description="El valor menos lo programado", examples=["2000000.00"])


class Note(Versioned):
    id: int
    kind: NoteKind = Field(alias="note_type")
    content: str = Field(examples=["Cliente interesado en cerrar pronto"])
    author_email: str | None = Field(alias="created_by", examples=["admin@urbany.com"])
    created_at: datetime


class Document(Versioned):
    id: int
    kind: str = Field(alias="document_type", examples=["Contrato"])
    title: str = Field(examples=["Contrato Principal"])
    address: str = Field(
        alias="file", description="Descarga el archivo, cinco minutos", examples=["https://crm.example/files/eyJr…"]
    )
    created_at: datetime = Field(alias="uploaded_at")

    @classmethod
    def at(cls, request: HttpRequest, row: dict) -> Self:
        return cls.of(row, address=request.build_absolute_uri(row["address"]))


class ContractDetail(Contract):
    client_email: str
    client_phone: str
    property_kind: str = Field(alias="property_type", examples=["Casa"])
    property_size: Decimal | None = Field(description="En m²", examples=["180.50"])
    terms: str = Field(alias="terms_and_conditions")
    payments: list[Payment]
    payment_summary: PaymentSummary
    documents: list[Document]
    notes: list[Note]


class PaymentIn(Incoming):
    read_only = frozenset({"id"})

    kind: Label = Field(alias="payment_type", examples=["Enganche"])
    amount: Amount = Field(examples=["500000.00"])
    due_on: Day = Field(alias="due_date", examples=["2026-12-15"])
    paid_on: Day | None = Field(None, alias="paid_date", examples=[None])
    status: PaymentStatus = Field(
        "Pending",
        validate_default=True,
        description="Pending y Late siguen a la fecha de vencimiento",
        examples=["Pending"],
    )


class NoteIn(Incoming):
    read_only = frozenset({"id", "created_by", "created_at"})

    kind: NoteKind = Field("General", validate_default=True, alias="note_type", examples=["General"])
    content: Annotated[LongText, StringConstraints(min_length=1)] = Field(
        examples=["Cliente interesado en cerrar pronto"]
    )


def contract_detail(
    found: dict, *, payments: list[dict], documents: list[Document], notes: list[dict]
) -> ContractDetail:
    return ContractDetail.of(
        found,
        payments=[Payment.of(row) for row in payments],
        payment_summary=PaymentSummary.of_object(queries.schedule(found["value"], payments)),
        documents=documents,
        notes=[Note.of(row) for row in notes],
    )
