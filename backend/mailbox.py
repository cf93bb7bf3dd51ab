"""The mail that the embedded sink has kept, to read in the browser. There is none but in development."""

from collections.abc import Callable
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from functools import wraps
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.clickjacking import xframe_options_sameorigin

from backend.core.content_security import only_from_here

HEADERS = ("From", "To", "Subject", "Date", "Message-ID")
View = Callable[..., HttpResponse]


class Kept(NamedTuple):
    name: str
    received: datetime
    message: EmailMessage

    @property
    def headers(self) -> list[tuple[str, str]]:
        return [(name, str(self.message[name])) for name in HEADERS if name in self.message]

    @property
    def subject(self) -> str:
        return str(self.message["Subject"] or "")

    @property
    def recipient(self) -> str:
        return str(self.message["To"] or "")

    def part(self, kind: str) -> str:
        """The `plain` or `html` text, or nothing."""
        body = self.message.get_body((kind,))
        return "" if body is None else body.get_content()


def is_there() -> bool:
    return settings.MAIL_SINK


def where_there_is_a_sink(view: View) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not is_there():
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


@where_there_is_a_sink
@only_from_here()
def index(request: HttpRequest) -> HttpResponse:
    """All that was kept, newest first."""
    mails = [_read(file, headersonly=True) for _, file in sorted(_files().items(), reverse=True)]
    return render(request, "mailbox.html", {"mails": filter(None, mails), "folder": settings.MAIL_FOLDER})


@where_there_is_a_sink
@only_from_here()
def one(request: HttpRequest, name: str) -> HttpResponse:
    """One mail: its headers, its text, and its HTML in a frame of its own."""
    mail = _find(name)
    return render(request, "mail.html", {"mail": mail, "text": mail.part("plain"), "has_html": bool(mail.part("html"))})


@where_there_is_a_sink
@xframe_options_sameorigin
@only_from_here(
    default_src="'none'", style_src="'unsafe-inline'", img_src="data:", frame_ancestors="'self'", sandbox="allow-popups"
)
def html_part(request: HttpRequest, name: str) -> HttpResponse:
    """What the frame shows: the mail's own HTML. It runs no script and loads nothing from anywhere."""
    return HttpResponse(_find(name).part("html"))


def _find(name: str) -> Kept:
    file = _files().get(name)  # a name of the folder's own, so that no path leads out of it
    mail = _read(file) if file else None
    if mail is None:
        raise Http404
    return mail


def _files() -> dict[str, Path]:
    return {file.name: file for file in settings.MAIL_FOLDER.glob("*.eml")}


def _read(file: Path, *, headersonly: bool = False) -> Kept | None:
    """The mail, unless the sink has just made room."""
    try:
        content, received = file.read_bytes(), file.stat().st_mtime
    except FileNotFoundError:
        return None
    message = BytesParser(policy=policy.default).parsebytes(content, headersonly)
    return Kept(file.name, datetime.fromtimestamp(received, UTC), message)


urls = [
    path("mail/", index, name="mailbox"),
    path("mail/<str:name>/", one, name="mail"),
    path("mail/<str:name>/html/", html_part, name="mail-html"),
]
