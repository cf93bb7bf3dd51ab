"""The pages behind the links of mails: each sends the token of its link, with a password, to an operation of a dialect.

The token stands behind the `#`, which no browser sends to a server: it is in no log and in no `Referer`. All of them
share the script `crisol/link_page.js`: what the operation takes is said by the names of the form's inputs.
"""

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.translation.trans_real import parse_accept_lang_header

from backend.core.content_security import View, only_from_here

Words = Mapping[str, Mapping[str, str]]  # by language, by what they are for

FALLBACK = "es"
OF_ALL: Words = {
    "es": {
        "no_script": "Esta página necesita JavaScript.",
        "no_token": "A este enlace le falta una parte: ábrelo como está en el correo.",
        "differ": "Las dos contraseñas no son iguales.",
        "unreachable": "El servidor no responde. Inténtalo otra vez.",
    },
    "en": {
        "no_script": "This page needs JavaScript.",
        "no_token": "A part of this link is missing: open it as it stands in the e-mail.",
        "differ": "The two passwords are not the same.",
        "unreachable": "The server does not answer. Try again.",
    },
}


def page(template: str, own: Words) -> View:
    """A view of the template, with the words of all these pages and its own, in the browser's language."""

    @only_from_here()
    def show(request: HttpRequest) -> HttpResponse:
        language = _language(request.headers.get("Accept-Language", ""))
        words = {**OF_ALL[language], **own[language]}
        answer = render(request, template, {"language": language, "words": words})
        answer["Referrer-Policy"] = "no-referrer"
        patch_vary_headers(answer, ["Accept-Language"])
        return answer

    return show


def _language(accepted: str) -> str:
    """The first of the browser's that we speak."""
    spoken = (code.partition("-")[0] for code, _ in parse_accept_lang_header(accepted))
    return next((code for code in spoken if code in OF_ALL), FALLBACK)
