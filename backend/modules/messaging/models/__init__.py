from backend.modules.messaging.models.conversations import Conversation, Kind, Participant
from backend.modules.messaging.models.messages import Message, MessageKind, Reaction, ReactionKind
from backend.modules.messaging.models.presence import Connection, Presence, Process

__all__ = [
    "Connection",
    "Conversation",
    "Kind",
    "Message",
    "MessageKind",
    "Participant",
    "Presence",
    "Process",
    "Reaction",
    "ReactionKind",
]
