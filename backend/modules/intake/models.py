from django.db import models

from backend.core.recording import unlink
from backend.core.tenancy import WorkspaceModel
from backend.modules.contacts.models import Contact
from backend.modules.leads.models import Lead

LONGEST_ID = 255


class InboundMessage(WorkspaceModel):
    """A WhatsApp message that was taken in: the sign that it is not to be taken in again.

    `sender` is who wrote it as WhatsApp names them, by which those are known again whose number is none that can be
    claimed. What was written stands in the lead or in an activity.
    """

    external_id = models.CharField(max_length=LONGEST_ID)
    sender = models.CharField(max_length=LONGEST_ID)
    contact = models.ForeignKey(Contact, null=True, on_delete=unlink, related_name="+")
    lead = models.ForeignKey(Lead, null=True, on_delete=unlink, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(WorkspaceModel.Meta):
        db_table = "inbound_messages"
        constraints = [models.UniqueConstraint(fields=["workspace", "external_id"], name="inbound_messages_once")]
        indexes = [models.Index(fields=["workspace", "sender", "-id"], name="inbound_messages_sender")]

    def __str__(self) -> str:
        return self.external_id
