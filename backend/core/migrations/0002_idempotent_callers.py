"""A caller is a user or an API key. The answers that were kept, for a day at most, go."""

from django.db import migrations, models


def forget(apps, schema_editor):
    apps.get_model("core", "IdempotentRequest").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]

    operations = [
        migrations.RunPython(forget, migrations.RunPython.noop),
        migrations.RemoveConstraint("idempotentrequest", "idempotent_requests_key"),
        migrations.RemoveField("idempotentrequest", "user_id"),
        migrations.AddField(
            "idempotentrequest", "caller", models.CharField(default="", max_length=30), preserve_default=False
        ),
        migrations.AddConstraint(
            "idempotentrequest",
            models.UniqueConstraint(fields=["workspace_id", "caller", "key"], name="idempotent_requests_key"),
        ),
    ]
