"""Autenticación y verificación en dos pasos (urbany.md, "AUTENTICACIÓN")."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, ValidationInfo, field_validator

from backend.core import errors
from backend.dialects.resource import Call, Resource
from backend.dialects.urbany import Done, urbany
from backend.dialects.wire import Email, FilledText, Incoming, Text, Wire
from backend.modules.identity import actions, authentication, roles, tasks
from backend.modules.identity.actions import passwords, second_factors
from backend.modules.identity.queries import users as user_queries
from backend.modules.identity.routers.urbany.shapes import Name, NameOrEmpty, NewPassword, Password, TokenPair, agreed

auth = Resource(urbany, "/auth", tag="Autenticación")

HALF_A_LOGIN = {errors.SECOND_FACTOR}


class Registration(Incoming):
    email: Email = Field(examples=["usuario@ejemplo.com"])
    password: Password = Field(examples=["contraseña123"])
    password_confirm: Password = Field(examples=["contraseña123"])
    first_name: Name = Field(examples=["Juan"])
    last_name: NameOrEmpty = Field("", examples=["Pérez"])

    @field_validator("password_confirm")
    @classmethod
    def passwords_agree(cls, confirmation: str, info: ValidationInfo) -> str:
        return agreed(confirmation, info.data.get("password"))


class Registered(Wire):
    id: int
    email: str
    first_name: str
    last_name: str


class RegistrationDone(Done):
    message: str = "Usuario registrado exitosamente"
    user: Registered


class Login(Incoming):
    email: FilledText = Field(examples=["admin@urbany.com"])
    password: Password = Field(examples=["admin123"])


class LoggedIn(Wire):
    id: int = Field(examples=[1])
    email: str = Field(examples=["admin@urbany.com"])


class Session(Done):
    message: str = "Login exitoso"
    tokens: TokenPair
    user: LoggedIn
    two_factor_required: bool = Field(description="Si falta `POST /api/auth/two-factor/` antes de todo lo demás")


class Logout(Incoming):
    refresh: FilledText = Field(examples=["eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9..."])


class Recovery(Incoming):
    email: Email = Field(examples=["usuario@ejemplo.com"])


class Reset(NewPassword):
    token: Annotated[Text, StringConstraints(min_length=1, max_length=2000)] = Field(
        description="Lo que sigue a `#` en el enlace del correo", examples=["eyJ1c2VyIjox…"]
    )


class Code(Incoming):
    code: FilledText = Field(max_length=40, description="Seis cifras, o un código de recuperación", examples=["123456"])


class Verification(Done):
    message: str = "2FA verificado exitosamente"
    verified: Literal[True] = True
    tokens: TokenPair
    recovery_codes: list[str] | None = Field(description="Solo la primera vez", examples=[["k3f9-x2mq-7trw"]])


class Enrolment(Wire):
    secret: str = Field(examples=["JBSWY3DPEHPK3PXP"])
    otpauth_uri: str = Field(examples=["otpauth://totp/Crisol:ana%40example.com?secret=JBSWY3DPEHPK3PXP&issuer=Crisol"])
    qr_code: str = Field(description="PNG, como `data:`", examples=["data:image/png;base64,iVBORw0KGgo…"])


class RecoveryCodes(Done):
    message: str = "Códigos de recuperación renovados"
    recovery_codes: list[str] = Field(examples=[["k3f9-x2mq-7trw"]])


@auth.public_post("/register/", status=201)
def register(request: Call, registration: Registration) -> RegistrationDone:
    """Registra un usuario con el rol `user`.

    Con `REGISTRATION=open` se registra cualquiera; con `invite` hace falta el token de quien puede crear usuarios: sin
    él, 403. 400 si el correo ya existe o la contraseña es débil, 429 tras demasiados registros.
    """
    person = registration.model_dump(exclude={"password_confirm"})
    _, user = actions.register(urbany.caller(request), role_name=roles.USER, **person)
    return RegistrationDone(user=Registered.of_object(user))


@auth.public_post("/login/")
def log_in(request: Call, login: Login) -> Session:
    """Inicia sesión con correo y contraseña, en el espacio más antiguo del usuario.

    Con la verificación en dos pasos activada, `two_factor_required` es cierto y los tokens solo sirven para
    `POST /api/auth/two-factor/`, en todos los dialectos.
    401 si correo o contraseña no son correctos, sin decir cuál; 403 si el usuario está desactivado; 429 con
    `Retry-After` tras demasiados intentos.
    """
    pair = authentication.log_in_by_email(email=login.email, password=login.password)
    actor = authentication.actor_of(pair)
    user = LoggedIn.of(user_queries.describe(actor, actor.require_user()), id=actor.user_id)
    return Session(tokens=TokenPair.of_object(pair), user=user, two_factor_required=errors.SECOND_FACTOR in actor.owes)


@auth.post("/logout/", status=200, despite=HALF_A_LOGIN)
def log_out(request: Call, session: Logout) -> Done:
    """Cierra la sesión: el token de refresco deja de valer en todos los dialectos. Needs a login alone.

    El de acceso vale hasta que caduca (una hora). 400 si el de refresco no es válido, ya se revocó o es de otro.
    """
    authentication.log_out(request.actor, session.refresh)
    return Done(message="Logout exitoso")


@auth.public_post("/password-recovery/")
def recover_password(request: Call, recovery: Recovery) -> Done:
    """Envía por correo un enlace para elegir otra contraseña, que vale una hora y una sola vez.

    La respuesta es la misma si nadie tiene esta dirección. 429 tras demasiados intentos.
    """
    tasks.answer_recovery_soon(passwords.request_recovery(recovery.email))
    return Done(message="Email de recuperación enviado")


@auth.public_post("/password-reset/")
def reset_password(request: Call, reset: Reset) -> Done:
    """Elige otra contraseña con el enlace del correo. Las sesiones anteriores terminan; el segundo factor se queda.

    400 si el enlace no es válido, caducó, o la contraseña o el correo cambiaron desde entonces, y si la nueva es débil.
    """
    passwords.reset_password(token=reset.token, new_password=reset.new_password)
    return Done(message="Contraseña actualizada exitosamente")


@auth.post("/two-factor/", status=200, despite=HALF_A_LOGIN, is_secret=True)
def verify_two_factor(request: Call, verification: Code) -> Verification:
    """Verifica un código y responde con tokens definitivos. Needs a login alone, también uno a medias.

    El primer código tras `setup/` activa la verificación y da diez códigos de recuperación, que no se vuelven a
    mostrar. Cada código vale una sola vez. 400 si no es correcto o ya se usó, 409 si no hay nada que verificar, 429
    tras demasiados intentos.
    """
    found = second_factors.verify(request.actor, verification.code)
    pair = authentication.tokens_for(request.actor, found.user)
    return Verification(tokens=TokenPair.of_object(pair), recovery_codes=found.recovery_codes)


@auth.post("/two-factor/setup/", status=200, is_secret=True)
def set_up_two_factor(request: Call) -> Enrolment:
    """Da un secreto para la aplicación de autenticación: como texto, como URI y como imagen QR. Needs a login alone.

    Cuenta desde el primer código verificado; hasta entonces, otra llamada lo reemplaza. 409 si ya está activada.
    """
    return Enrolment.of_object(second_factors.set_up(request.actor))


@auth.post("/two-factor/disable/", status=200)
def disable_two_factor(request: Call, proof: Code) -> Done:
    """Desactiva la verificación, con un código o uno de recuperación. Needs a login alone.

    400 si el código no es correcto, 409 si no está activada, 429 tras demasiados intentos.
    """
    second_factors.turn_off(request.actor, proof.code)
    return Done(message="2FA desactivado exitosamente")


@auth.post("/two-factor/recovery-codes/", status=200, is_secret=True)
def renew_recovery_codes(request: Call, proof: Code) -> RecoveryCodes:
    """Da diez códigos de recuperación nuevos; los anteriores dejan de valer. Needs a login alone.

    400 si el código no es correcto, 409 si no está activada, 429 tras demasiados intentos.
    """
    return RecoveryCodes(recovery_codes=second_factors.renew_recovery_codes(request.actor, proof.code))
