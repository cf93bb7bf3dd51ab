from typing import Any

from backend.core import folding
from backend.modules.contacts import actions, phones, queries
from backend.modules.contacts.models import Contact
from backend.modules.exchange.fields import RowRefused
from backend.modules.exchange.importers.base import Importer, Result, with_name_in_parts, with_notes
from backend.modules.exchange.mapping import Record


class ContactImporter(Importer):
    """A contact is recognised by its e-mail address, or by phone number and name together (see `_recognise`)."""

    def take(self, record: Record) -> Result:
        fields = dict(record.values)
        with_name_in_parts(fields)
        if "first_name" not in fields:
            raise record.refused("first_name", "is empty")
        found = self._recognise(fields)
        with_notes(record, fields, found.notes if found else "")
        if found is None:
            actions.create(self.actor, must_be_free=["email"], **fields)  # type: ignore[typeddict-item]
            return "created"
        if "full_name" in record.values and _name(fields) == _name_of(found):
            del fields["first_name"], fields["last_name"]  # the same name, perhaps cut at a better place
        changed = actions.update(self.actor, found.pk, must_be_free=["email"], **fields)  # type: ignore[typeddict-item]
        return "unchanged" if changed.version == found.version else "updated"

    def _recognise(self, fields: dict[str, Any]) -> Contact | None:
        """The contact that the row is about; what it was recognised by is taken from the fields, to stay as spelled.

        The e-mail address decides. A phone number may be a company's, so it decides only together with the name, and
        only between a row and a contact that don't both have an address. Raises `RowRefused` where a second import
        could not recognise the contact.
        """
        email, phone = fields.get("email", ""), fields.get("phone", "")
        by_email = queries.find_by_email(self.actor, email)
        if by_email:
            del fields["email"]
            return by_email
        by_phone = queries.find_by_phone(self.actor, phone)
        if by_phone and not (email and by_phone.email) and _name(fields) == _name_of(by_phone):
            del fields["phone"]
            return by_phone
        if email:
            return None
        if by_phone:
            raise RowRefused(f"no e-mail address, and {phone} is the number of {by_phone}")
        if not phones.e164(phone, self.actor.region):
            raise RowRefused("neither an e-mail address nor a valid phone number to recognise the contact by")
        return None


def _name(fields: dict[str, Any]) -> str:
    return folding.fold(folding.join_name(fields["first_name"], fields.get("last_name", "")))


def _name_of(contact: Contact) -> str:
    return folding.fold(folding.join_name(contact.first_name, contact.last_name))
