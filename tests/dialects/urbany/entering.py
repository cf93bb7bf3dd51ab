"""Logging in, second factors and recovery, as the tests of this dialect do it."""

import base64
import re
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.test import Client

from backend.modules.notifications.models import OutboundEmail
from tests import people

STRONG = "tres tristes tigres 3"
STEP = 30  # seconds


def send(path: str, body: Any, token: str | None = None, **headers: str) -> Any:
    """A POST of JSON, with this token if there is one. Header names with `_` for `-`."""
    address = {"REMOTE_ADDR": headers.pop("address")} if "address" in headers else {}
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    bearer = {} if token is None else {"Authorization": f"Bearer {token}"}
    return Client().post(path, body, content_type="application/json", headers=bearer | given, **address)


def post(name: str, body: Any, token: str | None = None, **headers: str) -> Any:
    """The same to one of the operations under `/api/auth/`."""
    return send(f"/api/auth/{name}/", body, token, **headers)


def get(path: str, token: str) -> Any:
    return Client().get(path, headers={"Authorization": f"Bearer {token}"})


def log_in(email: str = "alice@example.com", password: str = people.PASSWORD, **headers: str) -> Any:
    return post("login", {"email": email, "password": password}, **headers)


def tokens_of(answer: Any) -> dict[str, str]:
    """The tokens in the answer to a login or a verified code."""
    assert answer.status_code == 200, answer.content
    return answer.json()["tokens"]


def verify(token: str, code: str, **headers: str) -> Any:
    return post("two-factor", {"code": code}, token, **headers)


def ask_for_link(email: str, **headers: str) -> Any:
    return post("password-recovery", {"email": email}, **headers)


def reset(token: str, password: str = STRONG, **headers: str) -> Any:
    body = {"token": token, "new_password": password, "new_password_confirm": password}
    return post("password-reset", body, **headers)


def links_to(email: str) -> list[str]:
    """The tokens in the links that were mailed to the address, the oldest first."""
    mails = OutboundEmail.across_workspaces.filter(template="password_recovery", recipient=email).order_by("id")
    return [re.findall(r"/password-reset/#(\S+)", mail.text)[0] for mail in mails]


def error(answer: Any) -> tuple[int, str]:
    """The status and sentence of an error that is about no field, whose body has the dialect's shape."""
    assert list(answer.json()) == ["error"], answer.content
    return answer.status_code, answer.json()["error"]


def details(answer: Any) -> dict[str, list[str]]:
    """The reasons by field of a 400."""
    assert (answer.status_code, list(answer.json())) == (400, ["error", "details"]), answer.content
    assert answer.json()["error"]
    return answer.json()["details"]


class Clock:
    """What the server takes for the time of a code: it stands still until it is moved on."""

    def __init__(self) -> None:
        self.seconds = 1_800_000_010.0  # ten seconds into a step

    def time(self) -> float:
        return self.seconds

    def tick(self, steps: int = 1) -> None:
        self.seconds += steps * STEP


@dataclass
class Phone:
    """Somebody's authenticator, in another implementation than the server's, and the recovery codes they wrote down."""

    clock: Clock
    secret: str
    recovery_codes: list[str]

    def code(self, steps: int = 0) -> str:
        """The code of now, or of so many steps later."""
        totp = TOTP(base64.b32decode(self.secret), 6, SHA1(), STEP)  # noqa: S303 - what authenticators do
        return totp.generate(self.clock.time() + steps * STEP).decode()

    def wrong_code(self) -> str:
        """Six figures that are no code around now."""
        near = {self.code(steps) for steps in (-1, 0, 1)}
        return next(figures for figures in ("000000", "000001", "000002", "000003") if figures not in near)

    def next_code(self) -> str:
        """A code that was not used yet."""
        self.clock.tick()
        return self.code()


def set_up(who: people.Person, clock: Clock) -> Phone:
    """A second factor that no code has confirmed yet."""
    answer = who.post("/api/auth/two-factor/setup/")
    assert answer.status_code == 200, answer.content
    return Phone(clock, answer.json()["secret"], [])


def enrol(who: people.Person, clock: Clock) -> Phone:
    """A second factor that is on."""
    phone = set_up(who, clock)
    answer = verify(who.token, phone.code())
    assert answer.status_code == 200, answer.content
    phone.recovery_codes = answer.json()["recovery_codes"]
    return phone
