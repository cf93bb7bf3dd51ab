"""Los archivos de los mensajes (added)."""

from dataclasses import asdict

from backend.dialects.resource import Call, Resource
from backend.dialects.uploads import FileAnnouncementIn, FileUpload
from backend.dialects.urbany import urbany
from backend.dialects.wire import Id
from backend.modules.messaging.actions import messages as actions

attachments = Resource(urbany, "/mensajes", tag="Mensajería")


@attachments.post("/conversations/{int:conversation_id}/attachments/presign/", status=200)
def presign_attachment(request: Call, conversation_id: Id, file: FileAnnouncementIn) -> FileUpload:
    """Anuncia el archivo de un mensaje y dice adónde enviarlo. Needs `messaging.use`.

    Envíelo con `method` a `url` y con exactamente estos `headers`, antes de `expires_at` (una hora), y después el
    mensaje con `key` en `attachment` (un día). 400 si el tipo no se acepta o es demasiado grande; 403 en un
    announcement de otros.
    """
    return FileUpload.at(request, asdict(actions.presign(request.actor, conversation_id, **file.given())))
