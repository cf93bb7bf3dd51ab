"""The Postman collections in `docs/postman`, one per dialect, as files to be read."""

import json
import re
from collections.abc import Iterator
from typing import Any

from backend.env import BASE_DIR

FOLDER = BASE_DIR / "docs" / "postman"
DIALECTS = tuple(sorted(file.name.partition(".")[0] for file in FOLDER.glob("*.postman_collection.json")))


def collection(dialect: str) -> dict[str, Any]:
    return json.loads((FOLDER / f"{dialect}.postman_collection.json").read_text(encoding="utf-8"))


def environment(dialect: str) -> dict[str, str]:
    """The values of the variables."""
    file = FOLDER / f"{dialect}.postman_environment.json"
    return {each["key"]: each["value"] for each in json.loads(file.read_text(encoding="utf-8"))["values"]}


def requests(folder: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The requests of the folder or collection, in the order of a run."""
    for item in folder["item"]:
        if "request" in item:
            yield item
        else:
            yield from requests(item)


def operation(item: dict[str, Any]) -> str:
    """What the request calls, spelled as in the tables: `GET /api/users/{id}/`."""
    path = item["request"]["url"]["raw"].partition("?")[0].removeprefix("{{base_url}}")
    return " ".join([item["request"]["method"], re.sub(r"{{\w+}}", "{id}", path)])


def script(item: dict[str, Any], when: str) -> str:
    """Its script of this kind, `prerequest` or `test`; empty if it has none."""
    return "\n".join(line for event in item["event"] if event["listen"] == when for line in event["script"]["exec"])
