"""What the configuration of mail lacks for production. It starts all the same: what is due waits."""

from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Warning, register


@register()
def mail_is_configured(app_configs: Any, **options: Any) -> list[CheckMessage]:
    """Warn outside development about each variable that is missing."""
    if settings.DEVELOPMENT:
        return []
    sender = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    missing = {
        "SMTP_HOST": (settings.EMAIL_HOST, "Mail is written and stays due until there is a server to hand it to."),
        "MAIL_FROM": (not sender.endswith("@localhost"), "Mail comes from localhost, which servers refuse."),
        "PUBLIC_URL": ("//127.0.0.1" not in settings.PUBLIC_URL, "The links in mails lead to 127.0.0.1."),
    }
    return [
        Warning(f"{name} is not set. {consequence}", hint=f"Set {name} (docs/operations.md, Mail).", id=f"mail.{name}")
        for name, (is_set, consequence) in missing.items()
        if not is_set
    ]
