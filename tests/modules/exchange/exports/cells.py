"""What a list says and what its file says, made comparable."""

import json
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any


def cell(value: Any) -> Any:
    """What the list says, as a file says it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return json.dumps(value, sort_keys=True)
    if isinstance(value, list):
        return ", ".join(each["codename"] if isinstance(each, dict) else each for each in value)
    return alike("" if value is None else str(value))


def alike(text: str) -> Any:
    """Numbers are alike however many zeros they end in; moments to the second; an apostrophe is CSV's.

    Of an object the order of the fields does not count.
    """
    if text.startswith("{"):
        return json.dumps(json.loads(text), sort_keys=True)
    if text.endswith("Z") and "T" in text:
        return datetime.fromisoformat(text).replace(microsecond=0)
    try:
        return Decimal(text)
    except InvalidOperation:
        return text.removeprefix("'")
