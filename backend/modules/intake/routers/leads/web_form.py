"""The public web form of a workspace (added)."""

from typing import Annotated, ClassVar

from pydantic import Field, StringConstraints

from backend.dialects import form_or_json
from backend.dialects.leads import leads
from backend.dialects.resource import Call, Resource
from backend.dialects.wire import EmailOrEmpty, FilledText, Incoming, Text, Wire
from backend.modules.intake import actions

web_form = Resource(leads, "/leads/intake/web", tag="Intake")

LONGEST_MESSAGE = 5000


class WebFormIn(Incoming):
    """What a visitor writes. The field `website` is for machines: people don't see it, and leave it empty."""

    honeypot: ClassVar[str] = "website"

    name: Annotated[FilledText, StringConstraints(max_length=200)] = Field(examples=["Juan Pérez"])
    phone: Annotated[Text, StringConstraints(max_length=40)] = Field("", examples=["+51 987 654 321"])
    email: EmailOrEmpty = Field("", examples=["juan@example.com"])
    message: Annotated[Text, StringConstraints(max_length=LONGEST_MESSAGE)] = Field("", examples=["Quisiera un precio"])
    website: str = Field("", description="To be left empty", examples=[""])


class Thanks(Wire):
    message: str = Field(examples=["¡Gracias! Le escribiremos pronto."])


@web_form.public_post("/{token}", body=form_or_json.described(WebFormIn))
def receive_web_form(request: Call, token: str) -> Thanks:
    """Take in what somebody wrote on a web page, as JSON or as a form sends it.

    Somebody unknown becomes a client with a lead; what a client wrote becomes an activity, and a lead where none is
    open. The answer is the same. A form with `website` filled in is answered alike, and forgotten. 422 for what is
    missing, 403 for a page of another origin than the settings name, 429 with `Retry-After` for too many.
    """
    door = actions.check_form(token, request.headers.get("Origin"))
    form = form_or_json.read(request, WebFormIn)
    if not form.website:
        actions.take_form(door.actor, **form.model_dump(exclude={WebFormIn.honeypot}))
    return Thanks(message=actions.thanks(door))
