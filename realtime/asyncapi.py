"""The socket as an AsyncAPI document: a client's frames from the models that read them, the server's from theirs."""

import inspect
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, models_json_schema

from realtime import conversations, presence, protocol  # noqa: F401 - these declare their frames
from realtime.protocol import AUTH, Auth
from realtime.server_frames import FRAMES

CHANNEL = {"$ref": "#/channels/socket"}
ANSWERS = {AUTH: "ready", "ping": "pong", "sync": "synced"}  # what answers a client's frame; all others `ack`
AUTHENTICATION = "The credentials as the first frame, where the subprotocols have none."
ID = {
    "description": "What the client calls the frame; the answer repeats it",
    "anyOf": [{"type": "integer"}, {"type": "string", "maxLength": protocol.LONGEST_ID}],
}
HANDSHAKE = {
    "type": "object",
    "properties": {
        "Sec-WebSocket-Protocol": {
            "type": "string",
            "description": f"{protocol.SUBPROTOCOL} and the access token; or neither, and a first frame `{AUTH}`",
            "examples": [f"{protocol.SUBPROTOCOL}, bearer.eyJhbGciOi…"],
        }
    },
}


def document() -> dict[str, Any]:
    """Messages are called `client.<type>` and `server.<type>`, because both sides say `read` and `typing`."""
    client, (server, schemas) = _client_messages(), _server_messages()
    messages = {f"client.{type_}": message for type_, message in client.items()} | {
        f"server.{type_}": message for type_, message in server.items()
    }
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": f"Crisol: the socket {protocol.SUBPROTOCOL}",
            "version": "1.0.0",
            "description": "What happens in a workspace, as it happens. What the frames mean is in docs/realtime.md.",
        },
        "defaultContentType": "application/json",
        "servers": {"development": {"host": "localhost:8000", "protocol": "ws"}},
        "channels": {
            "socket": {
                "address": "/ws/",
                "description": "A token of any dialect opens it. With which codes it ends is in docs/realtime.md.",
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
                "bindings": {"ws": {"bindingVersion": "0.1.0", "headers": HANDSHAKE}},
            }
        },
        "operations": {type_: _asked(type_) for type_ in client} | {"told": _told(server)},
        "components": {"messages": messages, "schemas": schemas},
    }


class _AsSent(GenerateJsonSchema):
    """A field of the server's that has a default may lack, and where it is, it is of its type."""

    def default_schema(self, schema: Any) -> dict[str, Any]:
        return self.generate_inner(schema["schema"])


def _client_messages() -> dict[str, Any]:
    """By type."""
    found = {AUTH: _message(AUTH, AUTHENTICATION, Auth.model_json_schema())}
    for type_, (model, answer) in protocol.declared().items():
        found[type_] = _message(type_, inspect.getdoc(answer), model.model_json_schema())
        found[type_]["payload"]["properties"]["id"] = ID
    for type_, message in found.items():
        message["payload"]["properties"]["type"] = {"const": type_}
    return found


def _server_messages() -> tuple[dict[str, Any], dict[str, Any]]:
    """By type, and the shapes that they share by name."""
    wanted: list[tuple[type[BaseModel], Any]] = [(model, "serialization") for model in FRAMES.values()]
    places, schemas = models_json_schema(wanted, ref_template="#/components/schemas/{model}", schema_generator=_AsSent)
    shared = schemas["$defs"]
    own = {
        type_: shared.pop(places[model, "serialization"]["$ref"].rpartition("/")[2]) for type_, model in FRAMES.items()
    }
    return {type_: _message(type_, FRAMES[type_].__doc__, own[type_]) for type_ in FRAMES}, shared


def _message(type_: str, said: str | None, schema: dict[str, Any]) -> dict[str, Any]:
    payload = {name: value for name, value in schema.items() if name not in {"title", "description"}}
    return {"name": type_, "summary": " ".join((said or "").split()), "payload": payload}


def _asked(type_: str) -> dict[str, Any]:
    """The server takes a frame of a client's and answers it."""
    answers = [ANSWERS.get(type_, "ack"), *([] if type_ == AUTH else ["error"])]
    reply = {"channel": CHANNEL, "messages": [_in_channel(f"server.{answer}") for answer in answers]}
    return {"action": "receive", "channel": CHANNEL, "messages": [_in_channel(f"client.{type_}")], "reply": reply}


def _told(server: dict[str, Any]) -> dict[str, Any]:
    """What the server says unasked."""
    answers = {"ack", "error", *ANSWERS.values()} - {"ready"}
    names = [f"server.{type_}" for type_ in server if type_ not in answers]
    return {"action": "send", "channel": CHANNEL, "messages": [_in_channel(name) for name in names]}


def _in_channel(name: str) -> dict[str, str]:
    return {"$ref": f"#/channels/socket/messages/{name}"}
