"""Calls of the operations by which leads come in, to be merged into those of the dialect."""

import json
from collections.abc import Callable

from tests.calls import Call, World
from tests.modules.intake import sending


def handshake(world: World) -> Call:
    token = sending.set_up(world.owner.workspace.pk).whatsapp_token
    asked = {"hub.mode": "subscribe", "hub.verify_token": sending.VERIFY_TOKEN, "hub.challenge": "1158201444"}
    return Call(ids=(token,), query=asked)


def delivery(world: World) -> Call:
    token = sending.set_up(world.owner.workspace.pk).whatsapp_token
    body = json.dumps(sending.delivery(sending.message("wamid.1", "51987654321"))).encode()
    return Call(ids=(token,), body=body, headers={"X-Hub-Signature-256": sending.signature(body)})


def web_form(world: World) -> Call:
    return Call(ids=(sending.set_up(world.owner.workspace.pk).web_form_token,), body=sending.form(), form=True)


CALLS: dict[str, Callable[[World], Call]] = {
    "GET /leads/settings": lambda world: Call(),
    "PUT /leads/settings": lambda world: Call(
        body={
            "round_robin": True,
            "round_robin_members": [world.owner.user.pk],
            "whatsapp_phone_number_id": sending.NUMBER,
            "whatsapp_app_secret": sending.APP_SECRET,
            "whatsapp_verify_token": sending.VERIFY_TOKEN,
            "new_whatsapp_address": False,
            "web_form": True,
            "web_form_origins": [sending.PAGE],
            "web_form_required": ["phone"],
            "web_form_thanks": "¡Gracias!",
            "new_web_form_address": False,
        },
        references=("round_robin_members",),
    ),
    "GET /leads/intake/whatsapp/{id}": handshake,
    "POST /leads/intake/whatsapp/{id}": delivery,
    "POST /leads/intake/web/{id}": web_form,
}
