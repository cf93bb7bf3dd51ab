from backend.modules.contracts.routers.urbany.contracts import contracts
from backend.modules.contracts.routers.urbany.documents import documents
from backend.modules.contracts.routers.urbany.notes import notes
from backend.modules.contracts.routers.urbany.payments import payments
from backend.modules.contracts.routers.urbany.printing import printing
from backend.modules.contracts.routers.urbany.settings import settings

__all__ = ["contracts", "documents", "notes", "payments", "printing", "settings"]
