"""The page behind the link of a recovery mail: it sends the token and a new password to the urbany dialect."""

from backend import link_pages

WORDS = {
    "es": {
        "title": "Elegir otra contraseña",
        "intro": "Elige la contraseña con la que inicias sesión de ahora en adelante. El enlace sirve una sola vez.",
        "password": "Contraseña nueva",
        "repeated": "Contraseña nueva, otra vez",
        "send": "Cambiar la contraseña",
        "done": "Listo: ya puedes iniciar sesión con la contraseña nueva. Las sesiones abiertas han terminado.",
    },
    "en": {
        "title": "Choose a new password",
        "intro": "Choose the password that you log in with from now on. The link works once.",
        "password": "New password",
        "repeated": "New password, once more",
        "send": "Change the password",
        "done": "Done: you can log in with the new password now. Open sessions have ended.",
    },
}

password_reset = link_pages.page("password_reset.html", WORDS)
