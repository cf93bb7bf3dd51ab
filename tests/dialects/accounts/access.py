"""Logging in, accepting and calling with a key, as the tests of this dialect do it."""

from typing import Any

from django.test import Client

from tests import operations, people

STRONG = "tres tristes tigres 3"
LISTS = ["/v1/apikeys", "/api/v1/clientes/", "/api/clients/"]  # of three dialects


def post(path: str, body: Any, **headers: str) -> Any:
    """A POST of JSON without a login, unless the headers have one."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return Client().post(path, body, content_type="application/json", headers=given)


def get(path: str, token: str) -> Any:
    return Client().get(path, headers={"Authorization": f"Bearer {token}"})


def log_in(place: Any, email: str = "alice@example.com", password: str = people.PASSWORD) -> Any:
    return post("/v1/auth/login", {"email": email, "password": password, "companyId": place.pk})


def accept(token: str, **fields: Any) -> Any:
    return post("/v1/users/accept-invitation", {"token": token, "password": STRONG} | fields)


def error(answer: Any) -> tuple[int, str]:
    """The status and code of an error, whose body has the dialect's shape."""
    body = answer.json()
    assert list(body) == ["error"], body
    assert list(body["error"]) == ["code", "message", "details"]
    assert body["error"]["message"]
    return answer.status_code, body["error"]["code"]


def details(answer: Any) -> dict[str, list[str]]:
    """The reasons by field of a 400."""
    assert error(answer) == (400, "VALIDATION_ERROR")
    return answer.json()["error"]["details"]


def guarded() -> list[tuple[str, str]]:
    """Method and path of every operation of the dialect that asks who calls."""
    published = {name: each for name, each in operations.published().items() if name.startswith("accounts ")}
    calls = [name.replace("{id}", "1").split(" ") for name, each in published.items() if each.get("security")]
    return [(method, path) for _, method, path in calls]
