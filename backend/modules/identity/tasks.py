from celery import shared_task
from ninja_jwt.token_blacklist.management.commands.flushexpiredtokens import Command


@shared_task
def flush_expired_tokens() -> None:
    """Drop refresh tokens that have expired: they are refused by their date anyway."""
    Command().handle()
