"""What stands on a printed contract beside its own values, by language."""

from backend.modules.contracts.models import Kind, Status

LONG_DATE = {"es": r"j \d\e F \d\e Y", "en": "j F Y"}
KINDS: dict[str, dict[str, str]] = {
    "es": {
        Kind.SALE: "Contrato de compraventa",
        Kind.RENT: "Contrato de alquiler",
        Kind.LEASE: "Contrato de arrendamiento",
        Kind.MANAGEMENT: "Contrato de administración",
    },
    "en": {
        Kind.SALE: "Contract of sale",
        Kind.RENT: "Rental contract",
        Kind.LEASE: "Lease contract",
        Kind.MANAGEMENT: "Management contract",
    },
}
# What is written across every page of one that is not in force yet, or never will be.
MARKS: dict[str, dict[str, str]] = {
    "es": {Status.DRAFT: "BORRADOR", Status.CANCELLED: "CANCELADO"},
    "en": {Status.DRAFT: "DRAFT", Status.CANCELLED: "CANCELLED"},
}
WORDS: dict[str, dict[str, str]] = {
    "es": {
        "number": "N.º",
        "printed": "Impreso el {day}",
        "parties": "Partes",
        "house": "La empresa",
        "represented_by": "Representada por",
        "client": "El cliente",
        "property": "Inmueble",
        "property_address": "Dirección",
        "property_kind": "Tipo",
        "property_size": "Superficie",
        "agreed": "Datos del contrato",
        "value": "Valor",
        "starts_on": "Inicio",
        "ends_on": "Fin",
        "signed_on": "Firmado el",
        "terms": "Términos y condiciones",
        "payments": "Calendario de pagos",
        "payment_kind": "Concepto",
        "due_on": "Vencimiento",
        "paid_on": "Pagado el",
        "amount": "Monto",
        "total": "Total",
        "signatures": "Firmas",
        "place_and_day": "Lugar y fecha",
        "page": "Página",
        "of": "de",
    },
    "en": {
        "number": "No.",
        "printed": "Printed on {day}",
        "parties": "Parties",
        "house": "The company",
        "represented_by": "Represented by",
        "client": "The client",
        "property": "Property",
        "property_address": "Address",
        "property_kind": "Type",
        "property_size": "Size",
        "agreed": "Contract details",
        "value": "Value",
        "starts_on": "From",
        "ends_on": "Until",
        "signed_on": "Signed on",
        "terms": "Terms and conditions",
        "payments": "Payment schedule",
        "payment_kind": "Payment",
        "due_on": "Due on",
        "paid_on": "Paid on",
        "amount": "Amount",
        "total": "Total",
        "signatures": "Signatures",
        "place_and_day": "Place and date",
        "page": "Page",
        "of": "of",
    },
}
