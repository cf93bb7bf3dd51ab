"""What travels: the base of all request and answer shapes, and the field types they share."""

import re
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self, TypeVar

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
    create_model,
    model_validator,
)
from pydantic_core import PydanticCustomError, core_schema

LARGEST_ID = 2**63 - 1
NUMBER = re.compile(r"\s*[+-]?[\d.]+\s*")
TIME_OF_DAY = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
D = TypeVar("D", date, datetime)


def _no_null_character(text: str) -> str:
    if "\0" in text:
        raise PydanticCustomError("null_character", "Null characters are not allowed.")
    return text


def no_boolean(value: Any) -> Any:
    if isinstance(value, bool):
        raise PydanticCustomError("int_type", "A valid integer is required.")
    return value


def _is_number(value: Any) -> bool:
    """Whether pydantic would take it for seconds since 1970."""
    return isinstance(value, int | float) or (isinstance(value, str) and bool(NUMBER.fullmatch(value)))


def _a_moment(value: Any) -> Any:
    if _is_number(value):
        raise PydanticCustomError("datetime_type", "A date and time is required.")
    return value


def _a_day(value: Any) -> Any:
    if _is_number(value):
        raise PydanticCustomError("date_type", "A date is required.")
    return value


def _a_time_of_day(value: Any) -> Any:
    if isinstance(value, time) or (isinstance(value, str) and TIME_OF_DAY.fullmatch(value)):
        return value
    raise PydanticCustomError("not_time", "A time of day as HH:MM is required.")


def _year_in_range(day: D) -> D:
    if not 1900 <= day.year <= 9000:  # near the ends of the calendar, UTC has no such day
        raise PydanticCustomError("date_parsing", "A date between 1900 and 9000 is required.")
    return day


def _email(text: str) -> str:
    try:
        if text:
            validate_email(text)
    except ValidationError:
        raise PydanticCustomError("not_email", "Enter a valid email address.") from None
    return text


def _url(text: str) -> str:
    try:
        if text:
            URLValidator(schemes=["http", "https"])(text)
    except ValidationError:
        raise PydanticCustomError("not_url", "Enter a valid URL.") from None
    return text


Text = Annotated[str, StringConstraints(strip_whitespace=True), AfterValidator(_no_null_character)]
FilledText = Annotated[Text, StringConstraints(min_length=1)]
EmailOrEmpty = Annotated[Text, StringConstraints(max_length=254), AfterValidator(_email)]
Email = Annotated[EmailOrEmpty, StringConstraints(min_length=1)]
Id = Annotated[int, Field(ge=1, le=LARGEST_ID), BeforeValidator(no_boolean)]
Money = Annotated[Decimal, Field(ge=0, max_digits=14, decimal_places=2), BeforeValidator(no_boolean)]
Percent = Annotated[int, Field(ge=0, le=100), BeforeValidator(no_boolean)]
DayOfMonth = Annotated[int, Field(ge=1, le=31), BeforeValidator(no_boolean)]
Moment = Annotated[datetime, BeforeValidator(_a_moment), AfterValidator(_year_in_range)]
Day = Annotated[date, BeforeValidator(_a_day), AfterValidator(_year_in_range)]
TimeOfDay = Annotated[
    time,
    BeforeValidator(_a_time_of_day),
    PlainSerializer(lambda at: f"{at:%H:%M}", return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": f"^{TIME_OF_DAY.pattern}$", "examples": ["08:00"]}),
]
Url = Annotated[Text, StringConstraints(max_length=300), AfterValidator(_url)]
Phone = Annotated[Text, StringConstraints(max_length=20)]
Address = Annotated[Text, StringConstraints(max_length=1000)]
LongText = Annotated[Text, StringConstraints(max_length=20_000)]
T = TypeVar("T")
OrEmpty = Annotated[T | None, AfterValidator(lambda text: text or "")]  # `OrEmpty[Phone]`: null is no text
OUTGOING = {"outgoing": True}


class Wire(BaseModel):
    """A shape of the wire. Attributes carry the domain's names; the dialect's spelling is the alias."""

    model_config = ConfigDict(populate_by_name=True)

    def headers(self) -> dict[str, str]:
        """Headers of an answer that has this body."""
        return {}

    def http_status(self) -> int | None:
        """The status of an answer that has this body, where it is not the operation's own."""
        return None

    @classmethod
    def of(cls, row: Mapping[str, Any], **more: Any) -> Self:
        """The shape of a row as a query answers it."""
        return cls.model_validate({**row, **more}, context=OUTGOING, by_name=True, by_alias=False)

    @classmethod
    def of_object(cls, found: object) -> Self:
        """The shape of something whose attributes have the same names, as a report."""
        return cls.model_validate(found, from_attributes=True, context=OUTGOING, by_name=True, by_alias=False)


class Versioned(Wire):
    """A record on its own. Its version is not in the body but in the `ETag`, which `If-Match` takes."""

    version: int = Field(exclude=True, json_schema_extra={"readOnly": True})

    def headers(self) -> dict[str, str]:
        return {"ETag": f'"{self.version}"'}


class Made(Wire):
    """What the caller asked for. If it was there already, the answer is a 200 in place of the operation's 201."""

    is_new: bool = Field(default=True, exclude=True, json_schema_extra={"readOnly": True})

    def http_status(self) -> int | None:
        return None if self.is_new else HTTPStatus.OK


class Incoming(Wire):
    """A request's body. A field that the document does not know is refused by name.

    `read_only` names the fields of the answer that may come back in a body and are ignored, so that a client can send
    what it got.
    """

    model_config = ConfigDict(extra="forbid")
    read_only: ClassVar[frozenset[str]] = frozenset()

    @model_validator(mode="before")
    @classmethod
    def ignore_read_only(cls, body: Any) -> Any:
        if not isinstance(body, dict):
            return body
        return {name: value for name, value in body.items() if name not in cls.read_only}

    def given(self) -> dict[str, Any]:
        """The fields that the caller sent, under the domain's names."""
        return self.model_dump(exclude_unset=True)


W = TypeVar("W", bound=Incoming)

if TYPE_CHECKING:
    Partial = Annotated[W, "every field optional"]
else:

    class Partial:
        """`Partial[ClientIn]`: the same body with every field optional, for PATCH."""

        def __class_getitem__(cls, model: type[Incoming]) -> type[Incoming]:
            return _partial(model)


@cache
def _partial(model: type[Incoming]) -> type[Incoming]:
    fields: Any = {name: (field.annotation, _optional(field)) for name, field in model.model_fields.items()}
    return create_model(f"Partial{model.__name__}", __base__=model, **fields)


def _optional(field: Any) -> Any:
    merged = field._copy()
    merged.default = None
    merged.validate_default = False
    return merged


class Vocabulary:
    """A dialect's words for the values of a domain's choice: `Annotated[str, Vocabulary({"LEAD": Stage.LEAD})]`.

    A request's word becomes the domain's value; on the way out the value becomes the word.
    """

    def __init__(self, words: Mapping[str, Any]) -> None:
        self.values = {word: value.value if isinstance(value, Enum) else value for word, value in words.items()}
        self.words = {value: word for word, value in self.values.items()}

    def _validate(self, given: Any, info: core_schema.ValidationInfo) -> Any:
        if info.context and info.context.get("outgoing"):
            return given
        if not isinstance(given, str) or given not in self.values:
            facts = {"value": given, "choices": list(self.values)}
            raise PydanticCustomError("choice", "Not a valid choice.", facts)
        return self.values[given]

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> core_schema.CoreSchema:
        serializer = core_schema.plain_serializer_function_ser_schema(
            lambda value: self.words[value], return_schema=core_schema.str_schema(), when_used="json"
        )
        return core_schema.with_info_plain_validator_function(self._validate, serialization=serializer)

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        return {"type": "string", "enum": list(self.values)}
