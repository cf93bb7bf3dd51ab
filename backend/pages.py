"""The few pages that are no API: the home page, the chat, the favicon, and what a wrong address shows."""

import inspect
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from backend import mailbox
from backend.api import DIALECTS
from backend.core.content_security import only_from_here
from backend.env import BASE_DIR

ICON = BASE_DIR / "backend" / "static" / "crisol" / "favicon.svg"


@only_from_here()
def home(request: HttpRequest) -> HttpResponse:
    """The page that names the dialects that exist and links their documentation."""
    dialects = [
        {"name": each.name, "mount": each.mount, "summary": inspect.cleandoc(each.summary).partition("\n")[0]}
        for each in DIALECTS
    ]
    has = {"has_mailbox": mailbox.is_there(), "has_chat": settings.DEVELOPMENT}
    return render(request, "home.html", {"dialects": dialects, "logins": demo_logins(), **has})


@only_from_here()
def chat(request: HttpRequest) -> HttpResponse:
    """A page that talks over the socket, to try it with two windows. There is none but in development."""
    if not settings.DEVELOPMENT:
        raise Http404
    return render(request, "chat.html", {"logins": demo_logins()})


def demo_logins() -> list[dict[str, str]]:
    """The demo's logins, in development only and only where their passwords are the published ones anyway."""
    if not settings.DEVELOPMENT:
        return []
    published = {
        name: password for name, password in settings.DEMO_PASSWORDS.items() if password in settings.PUBLISHED_PASSWORDS
    }
    users = get_user_model()._default_manager.filter(username__in=published).order_by("id")
    return [
        {"username": user.username, "email": user.email, "password": published[user.username]}  # type: ignore[attr-defined]
        for user in users
    ]


def favicon(request: HttpRequest) -> HttpResponse:
    """The icon for browsers that ask for it by its old name."""
    return HttpResponse(ICON.read_bytes(), content_type="image/svg+xml")


@only_from_here()
def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """A wrong address outside the dialects, which answer for theirs themselves."""
    return render(request, "404.html", status=404)
