"""The names of the contacts that are there already, as they are searched.

A batch at a time, each committed: a table of millions is never locked as a whole, and a migration that was broken off
goes on where it stood.
"""

from django.db import migrations

from backend.core import search

BATCH = 1000


def fill(apps, schema_editor):
    rows = apps.get_model("contacts", "Contact")._base_manager.using(schema_editor.connection.alias)
    last = 0
    while found := list(rows.filter(pk__gt=last, name_text="").order_by("pk").only("first_name", "last_name")[:BATCH]):
        for contact in found:
            contact.name_text = search.text(contact.first_name, contact.last_name)
        rows.bulk_update(found, ["name_text"])
        last = found[-1].pk


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("contacts", "0002_people_and_companies")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
