"""The whole way of a new colleague and of a key, over HTTP and SMTP, through the processes of `manage.py serve`."""

import json
import re
import urllib.error
import urllib.request
from typing import Any

import pytest

from tests import mail_server
from tests.dialects.accounts.access import STRONG
from tests.worker.tree import CHILDREN, Server, until

pytestmark = pytest.mark.processes

MARIA = "maria@example.com"


@pytest.fixture(scope="module")
def post_office():
    with mail_server.running() as named:
        yield named


@pytest.fixture(scope="module")
def server(tmp_path_factory, post_office):
    smtp = {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(post_office.port), "SMTP_SECURITY": "none"}
    server = Server(tmp_path_factory.mktemp("way") / "var", DEMO="1", **smtp)
    try:
        until(lambda: set(server.children()) == set(CHILDREN) - {"mail"} and server.http())
        yield server
    finally:
        server.process.kill()  # its children die with it
        server.process.wait()


def call(server: Server, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
    """Status and body of a request over the wire."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(  # noqa: S310 - our own address
        f"http://127.0.0.1:{server.port}{path}",
        data=None if body is None else json.dumps(body).encode(),
        headers={"Content-Type": "application/json"} | given,
        method=method,
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            status, content = answer.status, answer.read()
    except urllib.error.HTTPError as refusal:
        status, content = refusal.code, refusal.read()
    return status, json.loads(content) if content else None


class TestTheWholeWay:
    def test_from_a_new_company_to_a_revoked_key(self, server, post_office):
        def log_in(email: str, password: str, company: int) -> dict[str, str]:
            body = {"email": email, "password": password, "companyId": company}
            status, session = call(server, "POST", "/v1/auth/login", body)
            assert (status, session["forcePasswordReset"]) == (200, False)
            return {"Authorization": f"Bearer {session['access_token']}"}

        boss = log_in("admin@urbany.com", "admin123", 1)
        status, company = call(server, "POST", "/v1/companies", {"name": "Ñandú SAC", "language": "en"}, **boss)
        assert status == 201
        boss = log_in("admin@urbany.com", "admin123", company["id"])

        invited = {"email": MARIA, "roles": ["admin"]}
        assert call(server, "POST", "/v1/users/invitations", invited, **boss)[0] == 201
        until(lambda: post_office.received)
        [mail] = post_office.received
        assert (mail["To"], mail["Subject"]) == (MARIA, "Invitation to Ñandú SAC")
        text, html = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))
        page, _, token = re.findall(r"https?://\S+", text)[0].partition("#")
        assert token in html
        assert page == f"http://127.0.0.1:{server.port}/invitation/"
        with urllib.request.urlopen(page, timeout=60) as form:
            assert "/v1/users/accept-invitation" in form.read().decode()

        acceptance = {"token": token, "password": STRONG, "firstName": "María"}
        status, member = call(server, "POST", "/v1/users/accept-invitation", acceptance)
        assert (status, member["email"], member["companyId"]) == (201, MARIA, company["id"])
        assert call(server, "POST", "/v1/users/accept-invitation", acceptance)[0] == 422

        maria = log_in(MARIA, STRONG, company["id"])
        status, key = call(server, "POST", "/v1/apikeys", {"name": "Board", "permissions": ["reports.view"]}, **maria)
        assert status == 201
        won(server, maria)
        report = "/v1/reports/top-accounts?limit=3"
        for header in ({"X_API_Key": key["key"]}, {"Authorization": f"Bearer {key['key']}"}):
            status, rows = call(server, "GET", report, **header)
            assert (status, [row["accountName"] for row in rows]) == (200, ["Cóndor SRL"])
        assert call(server, "GET", "/v1/accounts", X_API_Key=key["key"])[0] == 403

        assert call(server, "DELETE", f"/v1/apikeys/{key['id']}", **maria)[0] == 204
        assert call(server, "GET", report, X_API_Key=key["key"])[0] == 401


def won(server: Server, who: dict[str, str]) -> None:
    """Win an opportunity with an account."""
    status, account = call(server, "POST", "/v1/accounts", {"name": "Cóndor SRL"}, **who)
    assert status == 201
    deal = {"accountId": account["id"], "title": "Licencias", "amount": 12500.5, "stage": "Propuesta"}
    status, opportunity = call(server, "POST", "/v1/opportunities", deal, **who)
    assert status == 201, opportunity
    move = {"newStage": "Venta", "reason": "Firmado"}
    status, answer = call(server, "PUT", f"/v1/opportunities/{opportunity['id']}/stage", move, **who)
    assert status == 200, answer
