from backend.modules.messaging.models.conversations import Conversation, Kind, Participant
from backend.modules.messaging.models.messages import Message, MessageKind, Reaction, ReactionKind

__all__ = ["Conversation", "Kind", "Message", "MessageKind", "Participant", "Reaction", "ReactionKind"]
