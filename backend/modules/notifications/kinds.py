"""What people are told of and may choose the channels of.

A new kind is an entry here, a folder in `templates/notice/` and one in `templates/mail/`. What a person can't do
without (an invitation, the link to a new password) is no kind: it is mailed with `actions.send`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple


class Channels(NamedTuple):
    """How somebody is told."""

    email: bool
    in_app: bool


@dataclass(frozen=True, slots=True)
class Kind:
    """`titles` name it in each language, for who chooses; `default` holds until they do."""

    name: str
    titles: Mapping[str, str]
    default: Channels = Channels(email=True, in_app=True)


KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("assignment", {"es": "Me asignan un contacto, oportunidad o lead", "en": "Somebody assigns me a record"}),
        Kind("export_ready", {"es": "Mi exportación está lista", "en": "My export is ready"}),
        Kind("export_failed", {"es": "Mi exportación ha fallado", "en": "My export has failed"}),
        Kind("contract_ending", {"es": "Un contrato está por vencer", "en": "A contract is about to end"}),
        Kind("contract_payment_due", {"es": "Se acerca el pago de un contrato", "en": "A contract's payment is near"}),
        Kind("contract_payment_late", {"es": "Un pago de un contrato se atrasó", "en": "A contract's payment is late"}),
        Kind("lead_received", {"es": "Me llega un lead nuevo", "en": "A new lead comes in for me"}),
        Kind(
            "lead_message",
            {"es": "El cliente de un lead mío escribe de nuevo", "en": "The client of a lead of mine writes again"},
            default=Channels(email=False, in_app=True),
        ),
        Kind("lead_status", {"es": "Otro cambia el estado de un lead mío", "en": "Somebody moves a lead of mine"}),
    )
}
