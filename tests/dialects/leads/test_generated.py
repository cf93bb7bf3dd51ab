"""A client that a public generator makes of the OpenAPI document works a lead through, against a real server."""

import importlib
import json
import subprocess
import sys

import pytest

from tests import operations
from tests.people import PASSWORD

pytestmark = [pytest.mark.parallel, pytest.mark.django_db(transaction=True)]

PACKAGE = "crisol_leads_client"
PATIENCE = 300  # seconds; a busy machine is slow


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    """The generated package, to be imported from: `package("models")`."""
    folder = tmp_path_factory.mktemp("generated")
    (folder / "openapi.json").write_text(json.dumps(operations.document("leads")))
    (folder / "config.yml").write_text("post_hooks: []\n")
    made = subprocess.run(
        [
            sys.executable, "-m", "openapi_python_client", "generate", "--path", "openapi.json", "--meta", "none",
            "--output-path", PACKAGE, "--config", "config.yml", "--fail-on-warning",
        ],
        cwd=folder, capture_output=True, text=True, timeout=PATIENCE,
    )  # fmt: skip
    assert made.returncode == 0, made.stdout + made.stderr
    sys.path.insert(0, str(folder))
    yield lambda name: importlib.import_module(f"{PACKAGE}.{name}")
    sys.path.remove(str(folder))
    for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
        del sys.modules[name]


@pytest.fixture
def caller(package, live_server):
    """Calls an operation by its place in the package, and answers what it parsed."""
    client = package("client").Client(base_url=live_server.url, raise_on_unexpected_status=True)

    def call(place, *ids, token=None, **given):
        used = client
        if token is not None:
            used = package("client").AuthenticatedClient(
                base_url=live_server.url, token=token, raise_on_unexpected_status=True
            )
        return package(f"api.{place}").sync(*ids, client=used, **given)

    return call


@pytest.fixture
def log_in(package, caller):
    def log_in(username, password=PASSWORD):
        form = package("models").LogInFormParams(username=username, password=password, grant_type="password")
        return caller("authentication.log_in", body=form)

    return log_in


def test_it_works_a_lead_through_to_closed(package, caller, log_in, alice):
    models = package("models")
    token = log_in("alice").access_token
    maria = caller(
        "users.create_user", token=token,
        body=models.NewUser(username="maria", email="maria@example.com", password="una clave muy larga 7"),  # noqa: S106
    )  # fmt: skip
    assert maria.role == "sales"
    client = caller(
        "clients.create_client", token=token, body=models.ClientIn(contact_name="Juan Pérez", phone="+58 412 345-6789")
    )
    found = caller("clients.get_client_by_phone", "+58 (412) 3456789", token=token)
    assert (found.id, found.phone) == (client.id, "+584123456789")
    lead = caller(
        "leads.create_lead", token=token, body=models.LeadIn(client_id=client.id, admin_notes="Cliente interesado")
    )
    caller("leads.assign_lead", lead.id, token=token, body=models.AssignmentIn(user_id=maria.id))
    hers = log_in("maria", "una clave muy larga 7").access_token
    assert [each.id for each in caller("leads.list_leads", token=hers)] == [lead.id]
    for status in ("contacted", "quoted", "closed"):
        moved = caller(
            "leads.update_lead_status", lead.id, token=hers, body=models.StatusIn(models.StatusInStatus(status))
        )
        assert moved.status == status
    caller("leads.update_lead", lead.id, token=hers, body=models.PartialLeadIn(sales_notes="Firmó"))
    ended = caller("leads.get_lead", lead.id, token=token)
    assert (ended.sales_notes, ended.admin_notes, ended.client.contact_name) == (
        "Firmó", "Cliente interesado", "Juan Pérez",
    )  # fmt: skip
    assert [change.new for change in ended.history if change.field == "status"] == [
        "new",
        "contacted",
        "quoted",
        "closed",
    ]
    assert caller("leads.lead_stats", token=token).by_status["closed"] == 1
    [last, *_] = caller("audit_log.list_audit_logs", token=token, table="leads", record_id=lead.id)
    assert (last.username, last.new_values["sales_notes"]) == ("maria", "Firmó")


def test_it_reads_what_was_wrong(package, caller, log_in, alice):
    refused = log_in("alice", "otra")
    assert refused.detail == "Incorrect username or password"
    token = log_in("alice").access_token
    wrong = caller(
        "clients.create_client", token=token, body=package("models").ClientIn(contact_name="Ana", phone="12")
    )
    assert [(each.loc, each.type_) for each in wrong.detail] == [(["body", "phone"], "value_error")]
    assert caller("leads.get_lead", 999_999, token=token).detail == "Not found"
