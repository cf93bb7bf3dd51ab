"""What is written about the socket is what it does: each frame that is read or sent is described, and no other."""

import ast
import json
import re
from functools import cache

from jsonschema import Draft7Validator

from realtime import asyncapi, protocol
from tests import source
from tests.realtime import documented

OFFICIAL = source.ROOT / "tests" / "data" / "asyncapi-3.0.0.json"
PAGE = source.ROOT / "docs" / "realtime.md"
CLIENT = source.ROOT / "backend" / "static" / "crisol" / "live.js"

TELLS = re.compile(r"\b(live|telling)\.tell")  # is in a file of a module's where frames are built
# Where they have their type from elsewhere than a `{"type": …}`.
OTHERWISE = ("realtime/frames.py", "realtime/places.py", "backend/modules/exchange/telling.py")
DOTTED = re.compile(r"[a-z]+\.[a-z]+")
SHOWN = re.compile(r'\{"type": "([a-z_.]+)"')
NO_FRAMES = {"frame", "happened", "string", "integer", "object"}  # messages between processes, JSON Schema


def built() -> set[str]:
    """The types of all frames that the source builds for clients."""
    found = set()
    for place, node in source.nodes((ast.Dict, ast.Constant), "backend", "realtime"):
        path = place.partition(":")[0]
        if not path.startswith("realtime/") and not TELLS.search(_written(path)):
            continue
        if isinstance(node, ast.Dict):
            pairs = zip(node.keys, node.values, strict=True)
            found |= {v.value for k, v in pairs if _text(k) == "type" and _text(v)}  # type: ignore[union-attr]
        elif path in OTHERWISE and DOTTED.fullmatch(_text(node)):
            found.add(_text(node))
    return {each for each in found if not each.startswith("websocket.")} - NO_FRAMES


@cache
def _written(path: str) -> str:
    return (source.ROOT / path).read_text(encoding="utf-8")


def _text(node: ast.AST | None) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


class TestTheDocument:
    def test_is_of_this_source(self):
        """Otherwise: `python -m realtime > docs/asyncapi.json`."""
        assert documented.document() == json.loads(json.dumps(asyncapi.document()))

    def test_is_what_asyncapi_calls_one(self):
        official = json.loads(OFFICIAL.read_text(encoding="utf-8"))
        faults = Draft7Validator(official).iter_errors(documented.document())
        assert [f"{fault.json_path}: {fault.message[:200]}" for fault in faults] == []

    def test_has_every_frame_that_a_client_may_send(self):
        assert documented.types("client") == {protocol.AUTH, *protocol.declared()}

    def test_has_every_frame_that_the_server_sends(self):
        assert documented.types("server") == built()

    def test_says_something_of_each(self):
        messages = documented.document()["components"]["messages"]
        assert [name for name, message in messages.items() if not message["summary"]] == []

    def test_refers_to_nothing_that_it_lacks(self):
        text = documented.PLACE.read_text(encoding="utf-8")
        for reference in set(re.findall(r'"\$ref": "#/([^"]+)"', text)):
            found = documented.document()
            for part in reference.split("/"):
                found = found[part]

    def test_shows_examples_that_the_server_takes(self):
        for sent in (
            {"type": "message.send", "conversation": 16, "content": "Hola", "client_id": "b2c9", "id": 1},
            {"type": "sync", "conversation": 16, "after": 41, "id": "sync 16"},
        ):
            model, _ = protocol.declared()[sent["type"]]
            assert model.model_validate(documented.check(sent, "client"))


class TestThePage:
    def test_shows_every_frame_and_no_other(self):
        shown = set(SHOWN.findall(PAGE.read_text(encoding="utf-8")))
        assert shown == documented.types("client") | documented.types("server")

    def test_shows_examples_as_the_document_has_them(self):
        for block in re.findall(r"```json\n(.*?)\n```", PAGE.read_text(encoding="utf-8"), re.DOTALL):
            for frame in map(json.loads, block.splitlines()):
                documented.check(frame, "server" if frame["type"] in documented.types("server") else "client")

    def test_shows_the_client_that_the_browser_runs(self):
        assert f"```js\n{CLIENT.read_text(encoding='utf-8')}```" in PAGE.read_text(encoding="utf-8")
