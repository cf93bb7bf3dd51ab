"""The webhook of the WhatsApp Business Cloud API (added): Meta calls it, as docs/lead-intake.md sets it up."""

from typing import Literal

from django.http import HttpResponse
from ninja import Query
from pydantic import Field

from backend.dialects.form_or_json import JSON
from backend.dialects.leads import leads
from backend.dialects.problem import parsed
from backend.dialects.resource import Call, Resource
from backend.dialects.wire import Text, Wire
from backend.modules.intake import actions, queries

whatsapp = Resource(leads, "/leads/intake/whatsapp", tag="Intake")

SIGNATURE = "X-Hub-Signature-256"
DELIVERY = {
    JSON: {
        "schema": {
            "type": "object",
            "description": "As Meta documents the webhooks of WhatsApp",
            "properties": {
                "object": {"type": "string", "examples": ["whatsapp_business_account"]},
                "entry": {"type": "array", "items": {"type": "object"}, "examples": [[]]},
            },
        }
    }
}


class HandshakeQuery(Wire):
    mode: Literal["subscribe"] = Field(alias="hub.mode")
    verify_token: Text = Field(alias="hub.verify_token", max_length=500, description="As in the settings")
    challenge: Text = Field(alias="hub.challenge", max_length=500, examples=["1158201444"])


class Taken(Wire):
    status: Literal["ok"] = "ok"


@whatsapp.get("/{token}", public=True)
def verify_whatsapp(request: Call, token: str, asked: Query[HandshakeQuery]) -> HttpResponse:
    """Meta's handshake: answers `hub.challenge` as it is to who knows the verify token.

    403 for another token, 404 for an address that is none.
    """
    actions.check_verify_token(queries.whatsapp(token), asked.verify_token)
    return HttpResponse(asked.challenge, content_type="text/plain; charset=utf-8")


@whatsapp.public_post("/{token}", body=DELIVERY)
def receive_whatsapp(request: Call, token: str) -> Taken:
    """Take in a delivery, signed in `X-Hub-Signature-256` with the secret of the app.

    Each message of somebody unknown makes a client and a lead, one of a client an activity, and a lead where none is
    open. A message that came before changes nothing; what is no message to the number in the settings is passed over.
    403 for a wrong signature, 404 for an address that is none, 413 for more than this server reads.
    """
    door = queries.whatsapp(token)
    actions.check_signature(door, request.body, request.headers.get(SIGNATURE, ""))
    actions.take_delivery(door, parsed(request.body))
    return Taken()
