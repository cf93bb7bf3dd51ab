"""What can be wrong with a conversation or a message."""

from backend.core.errors import Conflict, Invalid, PermissionDenied


class UnknownParticipant(Invalid):
    """No active member of the workspace has this id. Fact: `id`."""

    code = "unknown_participant"
    field = "participant_ids"


class NobodyToTalkTo(Invalid):
    """A conversation has somebody else in it."""

    code = "nobody_to_talk_to"
    field = "participant_ids"


class NotAPair(Invalid):
    """A direct conversation has exactly one other person in it."""

    code = "not_a_pair"
    field = "participant_ids"


class TooManyParticipants(Invalid):
    """A conversation has at most so many people. Fact: `limit`."""

    code = "too_many_participants"
    field = "participant_ids"


class TitleMissing(Invalid):
    """A group and an announcement have a title."""

    code = "conversation_title_missing"
    field = "title"


class UnknownSubject(Invalid):
    """There is no such record for the caller. Facts: `kind` and `id`."""

    code = "unknown_subject"
    field = "subject"


class UnknownReply(Invalid):
    """What is replied to is no message of this conversation. Fact: `id`."""

    code = "unknown_reply"
    field = "reply_to_id"


class UnknownMessage(Invalid):
    """The conversation has no such message. Fact: `id`."""

    code = "unknown_message"


class EmptyMessage(Invalid):
    """A message has a text or a file."""

    code = "empty_message"
    field = "content"


class FileMissing(Invalid):
    """A message of the kinds image and file has a file, and no other has. Fact: `kind`."""

    code = "message_file_missing"
    field = "key"


class NotAnImage(Invalid):
    """The file of an image is one. Fact: `content_type`."""

    code = "not_an_image"
    field = "key"


class ReadersOnly(PermissionDenied):
    """In an announcement its creator and administrators write."""

    code = "announcement_readers_only"


class NotTheSender(PermissionDenied):
    """A message is changed and deleted by who wrote it."""

    code = "not_the_sender"


class TooLateToChange(Conflict):
    """A message is changed and deleted within a while after it was sent. Fact: `minutes`."""

    code = "too_late_to_change"


class MessageDeleted(Conflict):
    """The message was deleted."""

    code = "message_deleted"


class PairIsFixed(Conflict):
    """A direct conversation keeps its two people."""

    code = "pair_is_fixed"


class NothingChosen(Invalid):
    """Who chooses what they are shown as says a status, or what they have to say."""

    code = "presence_nothing_chosen"
    field = "status"
