"""The page behind the link of an invitation: it sends the token and a password to the accounts dialect.

The token stands behind the `#`, which no browser sends to a server: it is in no log and in no `Referer`.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.translation.trans_real import parse_accept_lang_header

from backend.core.content_security import only_from_here

FALLBACK = "es"
WORDS = {
    "es": {
        "title": "Aceptar la invitación",
        "intro": "Elige una contraseña. Si ya tienes un usuario con esta dirección de correo, escribe la que usas.",
        "first_name": "Nombre",
        "last_name": "Apellido",
        "optional": "opcional",
        "password": "Contraseña",
        "repeated": "Contraseña, otra vez",
        "accept": "Aceptar",
        "no_script": "Esta página necesita JavaScript.",
        "no_token": "A este enlace le falta una parte: ábrelo como está en el correo.",
        "differ": "Las dos contraseñas no son iguales.",
        "unreachable": "El servidor no responde. Inténtalo otra vez.",
        "done": "Listo: ya eres parte de la empresa. Con estos datos inicias sesión:",
        "email": "Correo",
        "username": "Usuario",
        "company": "Empresa (companyId)",
    },
    "en": {
        "title": "Accept the invitation",
        "intro": "Choose a password. If you have a user with this e-mail address already, enter the one you use.",
        "first_name": "First name",
        "last_name": "Last name",
        "optional": "optional",
        "password": "Password",
        "repeated": "Password, once more",
        "accept": "Accept",
        "no_script": "This page needs JavaScript.",
        "no_token": "A part of this link is missing: open it as it stands in the e-mail.",
        "differ": "The two passwords are not the same.",
        "unreachable": "The server does not answer. Try again.",
        "done": "Done: you belong to the company now. This is what you log in with:",
        "email": "E-mail",
        "username": "User name",
        "company": "Company (companyId)",
    },
}


@only_from_here()
def invitation(request: HttpRequest) -> HttpResponse:
    """The form, in the first language of the browser's that we speak."""
    language = _language(request.headers.get("Accept-Language", ""))
    page = render(request, "invitation.html", {"language": language, "words": WORDS[language]})
    page["Referrer-Policy"] = "no-referrer"
    patch_vary_headers(page, ["Accept-Language"])
    return page


def _language(accepted: str) -> str:
    spoken = (code.partition("-")[0] for code, _ in parse_accept_lang_header(accepted))
    return next((code for code in spoken if code in WORDS), FALLBACK)
