"""The frames of `crisol.v1`: JSON objects with a `type`, as `docs/realtime.md` describes them.

A frame of the client's has an answer in one of its own, which repeats its `id` if it has one:

    @answers("ping", Frame)
    async def ping(visitor: Visitor, frame: Frame) -> Reply:
        return {"type": "pong"}
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from pydantic import BaseModel, ConfigDict, Field, StrictStr, ValidationError

from backend.core import errors
from backend.core.actor import Actor
from backend.core.errors import Fault
from backend.dialects import problem
from backend.dialects.crisol import crisol
from realtime.closing import Closed as Closed
from realtime.closing import Code as Code
from realtime.limits import Typing
from realtime.places import Places

SUBPROTOCOL = "crisol.v1"
LARGEST_FRAME = 64 * 1024  # bytes
LONGEST_ID = 64
AUTH = "auth"

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Visitor:
    """Whose socket it is, up to where it has been told, and what it has said of typing."""

    actor: Actor
    places: Places
    typing: Typing


class Frame(BaseModel):
    """What every frame of a client's has. Fields that its type does not know are ignored."""

    model_config = ConfigDict(extra="ignore")

    type: StrictStr = Field(max_length=64)


class Auth(Frame):
    token: StrictStr


Reply = dict[str, Any]
Answer = Callable[[Visitor, Any], Awaitable[Reply]]
_answers: dict[str, tuple[type[Frame], Answer]] = {}


def answers(type_: str, model: type[Frame]) -> Callable[[Answer], Answer]:
    """Have the frames of a type answered by a function. The domain errors that it raises become error frames."""

    def declare(answer: Answer) -> Answer:
        _answers[type_] = model, answer
        return answer

    return declare


def declared() -> Mapping[str, tuple[type[Frame], Answer]]:
    """What a client's frames are read with and answered by, by type."""
    return _answers


@answers("ping", Frame)
async def ping(visitor: Visitor, frame: Frame) -> Reply:
    """Whether the server is there."""
    return {"type": "pong"}


def read(message: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON object of a message. Raises `UnsupportedMediaType`, `TooLarge`, `BrokenJson` and `Malformed`."""
    text = message.get("text")
    if text is None:
        raise errors.UnsupportedMediaType(media_type="binary")
    if len(text) > LARGEST_FRAME:
        raise errors.TooLarge
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise errors.BrokenJson(reason=str(error)) from None
    if not isinstance(found, dict):
        raise errors.Malformed([Fault(("frame",), "not_object", {})])
    return found


def token_of(message: Mapping[str, Any]) -> str | None:
    """The token of a first frame `auth`, None for any other frame."""
    try:
        frame = Auth.model_validate(read(message))
    except (errors.DomainError, ValidationError):
        return None
    return frame.token if frame.type == AUTH else None


async def reply(visitor: Visitor, message: Mapping[str, Any]) -> Reply:
    """The answer to a client's message, whatever it is. Raises `Closed` if there can't be one."""
    identification: Reply = {}
    try:
        raw = read(message)
        identification = _identification(raw)
        model, answer = _answer_to(_validated(Frame, raw).type)
        return await _answered(answer, visitor, _validated(model, raw)) | identification
    except Closed:
        raise
    except Exception as raised:  # noqa: BLE001 - it becomes a frame, and is logged if nobody expected it
        return refusal(raised) | identification


def refusal(raised: Exception) -> Reply:
    """The frame for an error. What nobody expected is logged and tells the client nothing."""
    error = problem.as_domain_error(raised)
    if isinstance(error, errors.ServerError):
        logger.error("Unexpected %s", type(raised).__name__, exc_info=raised)
    found = crisol.problem(error, crisol.status(error))["error"]
    return {"type": "error", **{key: value for key, value in found.items() if value}}


def _identification(raw: dict[str, Any]) -> Reply:
    """The `id` to repeat, if there is one: a whole number, or a text of up to 64 characters."""
    given = raw.get("id")
    if given is None:
        return {}
    if isinstance(given, bool) or not isinstance(given, int | str) or len(str(given)) > LONGEST_ID:
        raise errors.Malformed([Fault(("frame", "id"), "invalid", {})])
    return {"id": given}


def _validated(model: type[Frame], raw: dict[str, Any]) -> Any:
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        faults = [problem.fault(each, "frame", each["loc"]) for each in error.errors(include_url=False)]
        raise errors.Malformed(faults) from None


async def _answered(answer: Answer, visitor: Visitor, frame: Frame) -> Reply:
    """The answer; an error names the field as the frame spells it."""
    try:
        return await answer(visitor, frame)
    except errors.DomainError as error:
        if error.field in type(frame).model_fields:
            error.field = type(frame).model_fields[error.field].alias or error.field
        raise


def _answer_to(type_: str) -> tuple[type[Frame], Answer]:
    if type_ not in _answers:
        raise errors.Malformed([Fault(("frame", "type"), "choice", {"value": type_})])
    return _answers[type_]
