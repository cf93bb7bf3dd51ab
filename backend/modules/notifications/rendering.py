"""What a mail says: `templates/mail/<template>/<language>.subject.txt`, `….txt` and `….html`; and what a notification
in the application does: `templates/notice/<kind>/<language>.title.txt` and `….txt`.

Every template exists in every language. HTML is escaped, text is not. A fact that a template names and nobody gave
raises `MissingFact`; only `{% if %}` may ask for one that is not there.
"""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from django.template import Context, Engine
from django.utils import translation

LANGUAGES = ("es", "en")
FALLBACK = "es"
LONGEST_SUBJECT = 300
FOLDER = Path(__file__).parent / "templates" / "mail"
NOTICES = Path(__file__).parent / "templates" / "notice"


class MissingFact(LookupError):
    """A template names a fact that was not given. This is a mistake in the code."""


class _Missing(str):
    """What Django puts for a variable that is not there, which it fills in with `%`."""

    __slots__ = ()

    def __mod__(self, variable: Any) -> str:
        raise MissingFact(str(variable))


TEXT = Engine(dirs=[str(FOLDER)], autoescape=False, string_if_invalid=_Missing("%s"))
HTML = Engine(dirs=[str(FOLDER)], autoescape=True, string_if_invalid=_Missing("%s"))

NOTICE = Engine(dirs=[str(NOTICES)], autoescape=False, string_if_invalid=_Missing("%s"))


class Content(NamedTuple):
    subject: str
    text: str
    html: str


class Notice(NamedTuple):
    """Both are plain text, the title of one line."""

    title: str
    text: str


def language_of(wanted: str) -> str:
    """The language that a mail is written in: of `en-GB` its English, of one that we do not speak Spanish."""
    spoken = wanted.lower().replace("_", "-").partition("-")[0]
    return spoken if spoken in LANGUAGES else FALLBACK


def render(template: str, *, language: str, facts: Mapping[str, str | date | None]) -> Content:
    """The mail in one of `LANGUAGES`. Raises `MissingFact`, and `TemplateDoesNotExist`."""
    with translation.override(language):
        subject, text = (
            TEXT.get_template(f"{template}/{language}.{part}").render(Context(facts, autoescape=False))
            for part in ("subject.txt", "txt")
        )
        html = HTML.get_template(f"{template}/{language}.html").render(Context({"language": language, **facts}))
    return Content(_one_line(subject)[:LONGEST_SUBJECT], text.strip() + "\n", html)


def render_notice(kind: str, *, language: str, facts: Mapping[str, str | date | None]) -> Notice:
    """The notification in one of `LANGUAGES`. Raises `MissingFact`, and `TemplateDoesNotExist`."""
    with translation.override(language):
        title, text = (
            NOTICE.get_template(f"{kind}/{language}.{part}").render(Context(facts, autoescape=False))
            for part in ("title.txt", "txt")
        )
    return Notice(_one_line(title)[:LONGEST_SUBJECT], text.strip())


def _one_line(subject: str) -> str:
    """Without the line breaks that a fact may carry, which would begin another header."""
    return " ".join(subject.split())
