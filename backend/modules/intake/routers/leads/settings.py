"""How leads come into a workspace by themselves, and whose they become (added)."""

import re
from typing import Annotated, Literal, Self

from django.conf import settings as server
from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from backend.core.recording import MASK
from backend.dialects.leads import leads
from backend.dialects.resource import Call, Resource
from backend.dialects.wire import Id, Incoming, Partial, Text, Versioned
from backend.modules.leads import settings as queries
from backend.modules.leads.actions import settings as actions

settings = Resource(leads, "/leads", tag="Intake")

MOST_MEMBERS, MOST_ORIGINS = 500, 50
ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?|https?://\[[0-9a-f:]+\](:[0-9]{1,5})?")


def as_browsers_send_it(text: str) -> str:
    origin = text.lower().rstrip("/")
    if not ORIGIN.fullmatch(origin):
        raise PydanticCustomError("not_url", "Enter a valid URL.")
    return origin


Origin = Annotated[Text, StringConstraints(max_length=200), AfterValidator(as_browsers_send_it)]
Digits = Annotated[Text, StringConstraints(max_length=32, pattern=r"^[0-9]*$")]
Secret = Annotated[Text, StringConstraints(max_length=200)]
Detail = Literal["phone", "email", "message"]


class LeadSettingsIn(Incoming):
    read_only = frozenset({"whatsapp_on", "whatsapp_url", "web_form_url"})

    round_robin: bool = Field(description="Leads without an assignee go to the participants by turns", examples=[True])
    round_robin_members: Annotated[list[Id], Field(max_length=MOST_MEMBERS)] = Field(
        description="Users who take part; none: all with the role sales", examples=[[2, 3]]
    )
    whatsapp_phone_number_id: Digits = Field(description="Meta's id of the number", examples=["106540352242922"])
    whatsapp_app_secret: Secret = Field(
        description=f"Of Meta's app; {MASK} leaves it as it is, empty forgets it", examples=[MASK]
    )
    whatsapp_verify_token: Secret = Field(
        description="A word of your own, for Meta's handshake; the same holds", examples=[MASK]
    )
    new_whatsapp_address: bool = Field(
        description="true: another address, the one of now leads nowhere", examples=[False]
    )
    web_form: bool = Field(description="Whether the web form is open", examples=[True])
    web_form_origins: Annotated[list[Origin], Field(max_length=MOST_ORIGINS)] = Field(
        description="Where the pages are that may send it", examples=[["https://www.example.com"]]
    )
    web_form_required: Annotated[list[Detail], Field(max_length=3)] = Field(
        description="What has to be filled in beside the name; phone or email in any case", examples=[["phone"]]
    )
    web_form_thanks: Annotated[Text, StringConstraints(max_length=queries.LONGEST_THANKS)] = Field(
        description="What is answered; empty: a sentence in the workspace's language", examples=["¡Gracias!"]
    )
    new_web_form_address: bool = Field(
        description="true: another address, the one of now leads nowhere", examples=[False]
    )


class LeadSettings(Versioned):
    """The secrets are never shown: `********` says that there is one."""

    round_robin: bool
    round_robin_members: list[int] = Field(examples=[[2, 3]])
    whatsapp_on: bool = Field(description="Whether there is all that messages need to come in")
    whatsapp_phone_number_id: str
    whatsapp_app_secret: str = Field(examples=[MASK])
    whatsapp_verify_token: str = Field(examples=[MASK])
    whatsapp_url: str | None = Field(description="What Meta calls; null until the settings are first written")
    web_form: bool
    web_form_origins: list[str] = Field(examples=[["https://www.example.com"]])
    web_form_required: list[str] = Field(examples=[["phone"]])
    web_form_thanks: str
    web_form_url: str | None = Field(description="Where the form is sent; null until the settings are first written")

    @classmethod
    def of_settings(cls, found: queries.LeadSettings) -> Self:
        fields = {name: getattr(found, name, None) for name in cls.model_fields}
        return cls.of(
            fields,
            whatsapp_on=found.takes_whatsapp,
            whatsapp_app_secret=MASK if found.sealed_app_secret else "",
            whatsapp_verify_token=MASK if found.sealed_verify_token else "",
            whatsapp_url=_address("whatsapp", found.whatsapp_token),
            web_form_url=_address("web", found.web_form_token),
        )


def _address(channel: str, token: str) -> str | None:
    return f"{server.PUBLIC_URL}/leads/intake/{channel}/{token}" if token else None


@settings.get("/settings")
def lead_settings(request: Call) -> LeadSettings:
    """How leads come in by themselves, and whose they become. Needs `leads.settings`."""
    return LeadSettings.of_settings(queries.get(request.actor))


@settings.put("/settings")
def change_lead_settings(request: Call, change: Partial[LeadSettingsIn]) -> LeadSettings:
    """Change the fields that are given. Needs `leads.settings`.

    422 for a participant who is no active user. What this answers may be sent back as it is.
    """
    return LeadSettings.of_settings(actions.change(request.actor, **change.given()))
