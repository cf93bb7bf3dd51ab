"""Lo que el servidor hace por sí mismo con los contratos de un espacio (added)."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from backend.dialects.resource import Call, Resource
from backend.dialects.urbany import urbany
from backend.dialects.wire import Incoming, Partial, TimeOfDay, Versioned, no_boolean
from backend.modules.contracts import settings as queries
from backend.modules.contracts.actions import settings as actions

settings = Resource(urbany, "/contratos", tag="Contratos")

Day = Annotated[int, Field(ge=0, le=actions.EARLIEST), BeforeValidator(no_boolean)]
Days = Annotated[list[Day], Field(max_length=actions.MOST_DAYS)]


class ContractSettingsIn(Incoming):
    alert_days: Days = Field(description="Días antes de que un contrato venza", examples=[[30, 15, 7, 1]])
    payment_alert_days: Days = Field(description="Días antes de que un pago venza", examples=[[3]])
    alert_at: TimeOfDay = Field(description="A qué hora se avisa, en la zona horaria del espacio")
    tell_agent: bool = Field(description="Se avisa al agente", examples=[True])
    tell_managers: bool = Field(
        description="Se avisa a los gerentes; si no hay, a los administradores", examples=[True]
    )
    drafts_on_win: bool = Field(description="Una oportunidad ganada deja un contrato en borrador", examples=[False])


class ContractSettings(Versioned):
    alert_days: list[int] = Field(examples=[[30, 15, 7, 1]])
    payment_alert_days: list[int] = Field(examples=[[3]])
    alert_at: TimeOfDay
    tell_agent: bool
    tell_managers: bool
    drafts_on_win: bool


@settings.get("/settings/")
def contract_settings(request: Call) -> ContractSettings:
    """Cuándo y a quién se avisa de los contratos, y si una oportunidad ganada deja uno. Needs `contracts.view`."""
    return ContractSettings.of_object(queries.get(request.actor))


@settings.put("/settings/")
def change_contract_settings(request: Call, change: Partial[ContractSettingsIn]) -> ContractSettings:
    """Cambia los campos que se envían. Needs `contracts.settings`.

    Los días se ordenan, sin repetir; sin ninguno no se avisa. Otra hora vale desde hoy, si hoy no se ha avisado aún.
    """
    return ContractSettings.of_object(actions.change(request.actor, **change.given()))
