"""Reading outgoing mail, what a person was told in the application, and how they want to be told, a file each."""

from backend.modules.notifications.queries.emails import RESEND, due, files_of, get, old, page, to_export

__all__ = ["RESEND", "due", "files_of", "get", "old", "page", "to_export"]
