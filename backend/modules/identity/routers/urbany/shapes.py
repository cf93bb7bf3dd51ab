"""Fields and shapes that several of these routers share."""

from typing import Annotated

from pydantic import Field, StringConstraints, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from backend.dialects.wire import FilledText, Incoming, Text, Wire

Password = Annotated[str, StringConstraints(min_length=1, max_length=4096)]
Name = Annotated[FilledText, StringConstraints(max_length=100)]
NameOrEmpty = Annotated[Text, StringConstraints(max_length=100)]


class TokenPair(Wire):
    access: str
    refresh: str


class NewPassword(Incoming):
    new_password: Password = Field(examples=["nuevaContraseña456"])
    new_password_confirm: Password = Field(examples=["nuevaContraseña456"])

    @field_validator("new_password_confirm")
    @classmethod
    def passwords_agree(cls, confirmation: str, info: ValidationInfo) -> str:
        return agreed(confirmation, info.data.get("new_password"))


def agreed(confirmation: str, password: str | None) -> str:
    """The confirmation of a password, which is None if something else was wrong with it."""
    if password not in (None, confirmation):
        raise PydanticCustomError("passwords_differ", "The two passwords do not match.")
    return confirmation
