from backend.modules.messaging.routers.urbany.attachments import attachments
from backend.modules.messaging.routers.urbany.conversations import conversations
from backend.modules.messaging.routers.urbany.figures import figures
from backend.modules.messaging.routers.urbany.messages import messages
from backend.modules.messaging.routers.urbany.participants import participants
from backend.modules.messaging.routers.urbany.presence import presence
from backend.modules.messaging.routers.urbany.reactions import reactions
from backend.modules.messaging.routers.urbany.searching import searching

__all__ = [
    "attachments",
    "conversations",
    "figures",
    "messages",
    "participants",
    "presence",
    "reactions",
    "searching",
]
