"""What Meta and web pages send, and a workspace that is set up for both."""

import hashlib
import hmac
import json
from typing import Any

from django.test import Client

from backend.core.actor import Actor
from backend.modules.leads.actions import settings
from backend.modules.leads.models import LeadSettings

APP_SECRET, VERIFY_TOKEN = "the app's secret", "a word of ours"  # noqa: S105
NUMBER = "106540352242922"  # Meta's id of the business's number
PAGE = "https://www.example.com"


def set_up(workspace_id: int, **fields: Any) -> LeadSettings:
    """A workspace that takes in messages and forms."""
    usual = {
        "whatsapp_phone_number_id": NUMBER,
        "whatsapp_app_secret": APP_SECRET,
        "whatsapp_verify_token": VERIFY_TOKEN,
        "web_form": True,
        "web_form_origins": [PAGE],
    }
    return settings.change(Actor.system(workspace_id), **usual | fields)


def message(identifier: str, number: str, text: str = "Hola", **fields: Any) -> dict[str, Any]:
    """One message as Meta describes it."""
    usual = {"from": number, "id": identifier, "timestamp": "1794000000", "type": "text", "text": {"body": text}}
    return usual | fields


def delivery(*messages: Any, name: str | None = "Juan Pérez", to: str = NUMBER, **value: Any) -> dict[str, Any]:
    """A delivery of messages, all written by people of this name."""
    writers = dict.fromkeys(each.get("from") for each in messages if isinstance(each, dict))
    people = [{"wa_id": writer} | ({"profile": {"name": name}} if name else {}) for writer in writers]
    content = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "15550783881", "phone_number_id": to},
        "contacts": people,
        "messages": list(messages),
    }
    changes = [{"value": content | value, "field": "messages"}]
    return {"object": "whatsapp_business_account", "entry": [{"id": "102290129340398", "changes": changes}]}


def signature(body: bytes, secret: str = APP_SECRET) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def deliver(token: str, payload: Any, *, secret: str = APP_SECRET, **headers: str) -> Any:
    """Meta's call with this payload, signed."""
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    given = {"X-Hub-Signature-256": signature(body, secret)} | {k.replace("_", "-"): v for k, v in headers.items()}
    return Client().post(f"/leads/intake/whatsapp/{token}", body, content_type="application/json", headers=given)


def form(**fields: str) -> dict[str, str]:
    return {"name": "Juan Pérez", "phone": "987 654 321", "email": "", "message": "Quisiera un precio"} | fields


def submit(token: str, fields: Any, *, origin: str | None = PAGE, address: str = "203.0.113.9", **more: Any) -> Any:
    """The form as JSON from a page of this origin, or without a page."""
    headers = {"Origin": origin} if origin else {}
    kind = {"content_type": "application/json"} | more
    return Client().post(f"/leads/intake/web/{token}", fields, headers=headers, REMOTE_ADDR=address, **kind)
