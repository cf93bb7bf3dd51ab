"""What the reports read is kept from now on: the figures of the rows that are there already.

A workspace at a time, each in a transaction of its own. By the figures that the models declare: where those come to need
a column that a later migration adds, that one takes over this work, and this one is emptied.
"""

from django.db import migrations

from backend.core import rebuilding


def fill(apps, schema_editor):
    for workspace_id in apps.get_model("identity", "Workspace").objects.order_by("pk").values_list("pk", flat=True):
        rebuilding.correct(workspace_id)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("core", "0003_figures"),
        ("companies", "0001_initial"),
        ("contacts", "0001_initial"),
        ("opportunities", "0002_external_id"),
        ("activities", "0003_initial"),
    ]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
