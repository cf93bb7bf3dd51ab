"""Files that are sent to where an answer says, as the dialects in Spanish announce them."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from django.http import HttpRequest
from pydantic import Field, StringConstraints

from backend.dialects.wire import LARGEST_ID, FilledText, Incoming, Wire


class FileAnnouncementIn(Incoming):
    filename: Annotated[FilledText, StringConstraints(max_length=1000)] = Field(examples=["contrato_001.pdf"])
    content_type: Annotated[FilledText, StringConstraints(max_length=1000)] = Field(examples=["application/pdf"])
    size: Annotated[int, Field(ge=0, le=LARGEST_ID)] | None = Field(
        None, description="En bytes, si ya se sabe", examples=[52_428]
    )


class FileUpload(Wire):
    url: str = Field(examples=["https://crm.example/files/eyJr…"])
    fields: dict[str, str] = Field(description="Vacío: se sube con PUT, no con un formulario", examples=[{}])
    method: Literal["PUT"]
    to_send: dict[str, str] = Field(
        alias="headers", description="Van tal cual con la subida", examples=[{"Content-Type": "application/pdf"}]
    )
    key: str = Field(description="Con la que se registra después", examples=["1/4fT…"])
    expires_at: datetime = Field(description="Hasta cuándo se puede subir")

    @classmethod
    def at(cls, request: HttpRequest, told: dict[str, Any]) -> Self:
        return cls.of(told, url=request.build_absolute_uri(told["url"]), to_send=told["headers"])
