"""What came of an export: its mail, its attachment, the file behind a link. And what a file says beside its rows."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from django.test import Client

from backend.modules.attachments.models import Attachment
from backend.modules.exchange.files import About
from backend.modules.notifications.models import OutboundEmail
from tests.modules.exchange.exports.test_ordering import path_of

LINK = re.compile(r"http://127\.0\.0\.1:8000(/files/\S+)")


MADE_AT = datetime(2026, 3, 11, 9, 30, tzinfo=ZoneInfo("America/Lima"))


def about(columns, **more) -> About:
    """What stands in a file of these columns beside its rows."""
    facts = {
        "title": "Listado", "workspace": "Ours", "language": "es", "made_by": "alice", "made_at": MADE_AT,
        "filters": {}, "amounts": {},
    }  # fmt: skip
    return About(columns=columns, **facts | more)


def mails(who):
    return OutboundEmail.objects.of(who.actor).filter(template="export_ready")


def mailed_path(who) -> str:
    """Where the link of the only mail leads to on this server."""
    return LINK.search(mails(who).get().text)[1]


def attached(who):
    return Attachment.objects.of(who.actor).filter(subject_kind="export")


def content(path: str) -> bytes:
    """What somebody gets there who is not logged in."""
    answer = Client().get(path)
    assert answer.status_code == 200, answer.content
    return b"".join(answer.streaming_content)


def streamed(who, source: str) -> bytes:
    return b"".join(who.get(path_of(source)).streaming_content)
