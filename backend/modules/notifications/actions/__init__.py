"""Outgoing mail, and telling people what happened, a file each. What is used all over the house:"""

from backend.modules.notifications.actions.emails import (
    BACK_OFF,
    MOST_ATTEMPTS,
    MOST_BYTES_OF_FILES,
    EmailErased,
    MailFile,
    MailFilesTooLarge,
    claim,
    resend,
    send,
    settle_sent,
    settle_unsent,
    wait_after,
)
from backend.modules.notifications.actions.inbox import Reader, Subject, mark_all_read, mark_read, notify

__all__ = [
    "BACK_OFF",
    "MOST_ATTEMPTS",
    "MOST_BYTES_OF_FILES",
    "EmailErased",
    "MailFile",
    "MailFilesTooLarge",
    "Reader",
    "Subject",
    "claim",
    "mark_all_read",
    "mark_read",
    "notify",
    "resend",
    "send",
    "settle_sent",
    "settle_unsent",
    "wait_after",
]
