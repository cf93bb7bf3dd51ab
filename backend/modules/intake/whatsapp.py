"""The webhook of the WhatsApp Business Cloud API: its signature, and the messages in a delivery.

A delivery has `entry[].changes[].value`, each for one number of the business, with `messages[]` and, beside them, the
names of who wrote them in `contacts[]`. What else comes (`statuses[]` of our own messages, reactions, changes of
numbers) is no message. Everything in it is a stranger's: what is not as documented is passed over, and logged.
"""

import hmac
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from django.utils import timezone

from backend.core import folding
from backend.modules.intake.models import LONGEST_ID

LONGEST_NAME, LONGEST_TEXT = 200, 20_000
DIGITS = re.compile(r"[1-9][0-9]{5,14}", re.ASCII)
NO_MESSAGE = {"reaction", "system", "request_welcome", "ephemeral"}
WITH_CAPTION = ("image", "video", "document", "audio", "voice", "sticker")
EARLIEST = datetime(2009, 1, 1, tzinfo=UTC)  # there was no WhatsApp before
# Mexican numbers are written with a 1 after the country's code, which is no part of them any more.
MEXICAN = re.compile(r"521(\d{10})")

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Message:
    """What somebody wrote. `phone` is empty for who keeps their number to themselves."""

    id: str
    sender: str
    phone: str
    name: str
    text: str
    sent_at: datetime


def is_signed(body: bytes, signature: str, secret: str) -> bool:
    """Whether `X-Hub-Signature-256` is the body's, under the app's secret."""
    expected = "sha256=" + hmac.new(secret.encode(), body, sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), signature.encode(errors="surrogatepass"))


def messages(delivery: Any, *, phone_number_id: str) -> Iterator[Message]:
    """The messages to this number of the business, in the order in which they stand there."""
    for entry in _objects(delivery, "entry"):
        for change in _objects(entry, "changes"):
            value = _object(change, "value")
            if _object(value, "metadata").get("phone_number_id") != phone_number_id:
                continue
            names = {each.get("wa_id"): _text(_object(each, "profile"), "name") for each in _objects(value, "contacts")}
            for raw in _objects(value, "messages"):
                if raw.get("type") not in NO_MESSAGE and (found := _message(raw, names)):
                    yield found


def _message(raw: dict[str, Any], names: dict[Any, str]) -> Message | None:
    number = _text(raw, "from")
    sender, external_id = number or _text(raw, "from_user_id"), _text(raw, "id")
    if not sender or not external_id or max(len(sender), len(external_id)) > LONGEST_ID:
        logger.warning("A WhatsApp message without a usable sender or id was passed over")
        return None
    phone = _phone(number)
    name = folding.squash(names.get(sender) or (next(iter(names.values())) if len(names) == 1 else ""))
    return Message(
        id=external_id,
        sender=sender,
        phone=phone,
        name=name[:LONGEST_NAME].strip() or phone or "WhatsApp",
        text=_content(raw)[:LONGEST_TEXT],
        sent_at=_moment(raw.get("timestamp")),
    )


def _content(raw: dict[str, Any]) -> str:
    """What was written; of anything but words what it is, in brackets, and the words that came with it."""
    kind = _text(raw, "type") or "unknown"
    part = _object(raw, kind)
    if kind == "text":
        said = _text(part, "body")
    elif kind == "button":
        said = _text(part, "text")
    elif kind == "interactive":
        chosen = _object(part, _text(part, "type"))
        said = " ".join(filter(None, (_text(chosen, "title"), _text(chosen, "description"), _text(chosen, "body"))))
    elif kind == "location":
        place = (_text(part, "name"), _text(part, "address"), f"{part.get('latitude')}, {part.get('longitude')}")
        said = f"[location] {', '.join(filter(None, place))}"
    elif kind == "contacts":
        people = [_text(_object(each, "name"), "formatted_name") for each in _objects(raw, "contacts")]
        said = f"[contacts] {', '.join(filter(None, people))}"
    elif kind in WITH_CAPTION:
        said = f"[{kind}] {_text(part, 'caption') or _text(part, 'filename')}"
    else:
        said = f"[{kind[:40]}]"
    return said.strip() or f"[{kind[:40]}]"


def _phone(number: str) -> str:
    """As it is dialled from abroad."""
    if not DIGITS.fullmatch(number):
        return ""
    return "+" + MEXICAN.sub(r"52\1", number) if MEXICAN.fullmatch(number) else f"+{number}"


def _moment(given: Any) -> datetime:
    """Seconds since 1970, as a text; what makes no sense is now."""
    now = timezone.now()
    if isinstance(given, str) and given.isascii() and given.isdigit() and len(given) < 12:
        moment = datetime.fromtimestamp(int(given), tz=UTC)
        if EARLIEST < moment < now + timedelta(days=1):
            return moment
    return now


def _objects(of: Any, name: str) -> list[dict[str, Any]]:
    found = of.get(name) if isinstance(of, dict) else None
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _object(of: dict[str, Any], name: str) -> dict[str, Any]:
    found = of.get(name)
    return found if isinstance(found, dict) else {}


def _text(of: dict[str, Any], name: str) -> str:
    found = of.get(name)
    return found.replace("\0", "") if isinstance(found, str) else ""
