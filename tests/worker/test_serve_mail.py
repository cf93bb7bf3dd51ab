"""Mail under `manage.py serve`: written by one process, sent by another, kept by a third, shown by a fourth."""

import os
import subprocess
import sys
import urllib.error
import urllib.request
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from backend.env import BASE_DIR
from tests import mail_server
from tests.worker.tree import CHILDREN, PATIENCE, Server, until

pytestmark = pytest.mark.processes


class TestMail:
    def test_arrives_in_the_folder_and_on_its_page(self, start):
        server = start()
        send_invitation(server.var)

        until(lambda: list((server.var / "mail").glob("*.eml")))

        [file] = (server.var / "mail").glob("*.eml")
        mail = message_from_bytes(file.read_bytes(), policy=policy.default)
        assert (mail["To"], mail["Subject"]) == ("maria@example.com", "Invitación a Ñandú SAC")
        with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/mail/{file.name}/", timeout=60) as page:
            assert "Invitación a Ñandú SAC" in page.read().decode()

    def test_goes_to_the_server_that_is_named_and_the_sink_is_left_out(self, tmp_path):
        with mail_server.running() as named:
            server = Server(tmp_path / "var", SMTP_HOST="127.0.0.1", SMTP_PORT=str(named.port), SMTP_SECURITY="none")
            try:
                until(lambda: set(server.children()) == set(CHILDREN) - {"mail"} and server.http())
                send_invitation(server.var)
                until(lambda: named.received)
                with pytest.raises(urllib.error.HTTPError, match="404"):
                    urllib.request.urlopen(f"http://127.0.0.1:{server.port}/mail/", timeout=60)
            finally:
                server.process.kill()
                server.process.wait()


def send_invitation(var: Path) -> None:
    """Write a mail as a request would: in a process of its own, into the server's database and its broker."""
    program = """
import django
django.setup()
from datetime import date
from backend.core.actor import Actor
from backend.modules.identity import actions as identity
from backend.modules.notifications import actions
workspace = identity.create_workspace(Actor.system(None), name="Ñandú SAC")
actions.send(
    Actor.system(workspace.pk), key="invitation/1", recipient="maria@example.com",
    template="invitation", language="es",
    facts={"company": "Ñandú SAC", "inviter": "", "link": "http://127.0.0.1/", "expires_on": date(2026, 11, 28)},
)
"""
    environment = {"DJANGO_SETTINGS_MODULE": "backend.settings", "CRISOL_VAR": str(var)}
    services = {"DATABASE_URL": "", "REDIS_URL": "", "ENVIRONMENT": "development"}
    command = [sys.executable, "-c", program]
    subprocess.run(command, cwd=BASE_DIR, env=os.environ | environment | services, check=True, timeout=PATIENCE)
