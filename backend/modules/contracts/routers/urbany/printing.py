"""El PDF de un contrato (added)."""

from backend.dialects.download import PdfFile
from backend.dialects.resource import Call, Resource
from backend.dialects.urbany import urbany
from backend.dialects.wire import Id
from backend.modules.contracts import printing as domain

printing = Resource(urbany, "/contratos", tag="Contratos")


@printing.get("/{int:contract_id}/pdf/")
def print_contract(request: Call, contract_id: Id) -> PdfFile:
    """El contrato para el cliente, en el idioma del espacio: partes, inmueble, términos, pagos y firmas.

    Needs `contracts.view`. La comisión y las notas no salen. Un Draft o un Cancelled lo lleva escrito en cada página.
    404 si es de otro agente; 503 si el servidor no puede hacer PDF, con lo que falta instalar.
    """
    made = domain.printed(request.actor, contract_id)
    return PdfFile(made.content, name=made.name)
