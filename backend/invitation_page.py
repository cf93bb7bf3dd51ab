"""The page behind the link of an invitation: it sends the token and a password to the accounts dialect."""

from backend import link_pages

WORDS = {
    "es": {
        "title": "Aceptar la invitación",
        "intro": "Elige una contraseña. Si ya tienes un usuario con esta dirección de correo, escribe la que usas.",
        "first_name": "Nombre",
        "last_name": "Apellido",
        "optional": "opcional",
        "password": "Contraseña",
        "repeated": "Contraseña, otra vez",
        "send": "Aceptar",
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
        "send": "Accept",
        "done": "Done: you belong to the company now. This is what you log in with:",
        "email": "E-mail",
        "username": "User name",
        "company": "Company (companyId)",
    },
}

invitation = link_pages.page("invitation.html", WORDS)
