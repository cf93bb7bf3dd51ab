"""Contracts to try the system with, as no client would have them."""

import random
from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple

from backend.core.action import action
from backend.core.actor import Actor
from backend.modules.contracts import actions, queries
from backend.modules.contracts.models import Kind, Priority, Status
from backend.modules.contracts.permissions import ADD

MOST = 100  # at a time


class Sample(NamedTuple):
    """A property, and the least and the most that a contract about it is worth."""

    kind: Kind
    title: str
    property_kind: str
    least: int
    most: int


SAMPLES = (
    Sample(Kind.SALE, "Venta de casa", "Casa", 300_000, 2_500_000),
    Sample(Kind.SALE, "Venta de terreno", "Terreno", 80_000, 900_000),
    Sample(Kind.RENT, "Renta de departamento", "Departamento", 9_600, 60_000),
    Sample(Kind.LEASE, "Arrendamiento de oficina", "Oficina", 24_000, 250_000),
    Sample(Kind.LEASE, "Arrendamiento de local", "Local comercial", 18_000, 180_000),
    Sample(Kind.MANAGEMENT, "Administración de edificio", "Edificio", 36_000, 400_000),
)
CLIENTS = ("Ana López", "Juan Pérez", "Lucía Quispe", "Empresa ABC S.A.", "Inversiones del Sur S.A.C.", "María García")
PLACES = ("Av. Principal 123", "Jr. de la Unión 450", "Av. Insurgentes Sur 1200", "Calle Los Olivos 77", "Malecón 9")


@action("contract.generate_samples", needs=ADD)
def generate(actor: Actor, *, count: int) -> int:
    """Draw so many contracts of the caller; answers how many there are for them now."""
    draw = random.Random()  # noqa: S311 - samples are no secret
    for _ in range(count):
        _create(actor, draw)
    return queries.count(actor)


def _create(actor: Actor, draw: random.Random) -> None:
    sample, client, place = draw.choice(SAMPLES), draw.choice(CLIENTS), draw.choice(PLACES)
    status = draw.choice([Status.DRAFT, Status.ACTIVE, Status.ACTIVE, Status.SIGNED])
    starts_on = actor.today - timedelta(days=draw.randrange(90))
    actions.create(
        actor,
        title=f"{sample.title}, {place}",
        kind=sample.kind,
        status=status,
        priority=draw.choice(Priority.values),
        client_name=client,
        property_address=place,
        property_kind=sample.property_kind,
        property_size=Decimal(draw.randrange(4000, 60000)) / 100,
        value=Decimal(draw.randrange(sample.least, sample.most, 100)),
        commission_rate=Decimal(draw.randrange(200, 701, 25)) / 100,
        starts_on=starts_on,
        ends_on=actor.today + timedelta(days=draw.randrange(1, 365)),
        signed_on=starts_on if status == Status.SIGNED else None,
        terms="Contrato de prueba.",
    )
