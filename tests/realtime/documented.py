"""The AsyncAPI document of the socket, and frames held against it."""

import json
from functools import cache
from typing import Any

from jsonschema import Draft7Validator

from tests.source import ROOT

PLACE = ROOT / "docs" / "asyncapi.json"


@cache
def document() -> dict[str, Any]:
    return json.loads(PLACE.read_text(encoding="utf-8"))


@cache
def types(side: str) -> set[str]:
    """Of the frames that one side sends, `client` or `server`."""
    names = document()["components"]["messages"]
    return {name.removeprefix(f"{side}.") for name in names if name.startswith(f"{side}.")}


def check(frame: dict[str, Any], side: str = "server") -> dict[str, Any]:
    """The frame, which has to be as the document shows it, to the last field.

    Of a type that is not in it, which tests make up, nothing is known; `test_asyncapi` looks which the server sends.
    """
    if frame["type"] not in types(side):
        return frame
    name = f"{side}.{frame['type']}"
    faults = [f"{fault.json_path}: {fault.message}" for fault in _validator(name).iter_errors(frame)]
    assert faults == [], frame
    return frame


@cache
def _validator(name: str) -> Draft7Validator:
    message = document()["components"]["messages"][name]
    schemas = _without_strays(document()["components"]["schemas"])
    return Draft7Validator(_without_strays(message["payload"]) | {"components": {"schemas": schemas}})


def _without_strays(schema: Any) -> Any:
    """The same with no other fields than those that it names. Clients ignore what they don't know; tests don't."""
    if isinstance(schema, list):
        return [_without_strays(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {"additionalProperties": False} if isinstance(schema.get("properties"), dict) else {}
    return {name: _without_strays(value) for name, value in schema.items()} | closed
