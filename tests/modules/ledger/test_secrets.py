"""What never stands in the ledger, and what stands there and is not shown by the audit log."""

import re

import pytest
from django.apps import apps

from backend.core.recording import MASK, RecordedModel
from backend.modules.companies.models import Company
from backend.modules.ledger import masking
from backend.modules.ledger.models import Entry
from tests import calls, make, operations, people
from tests.people import PASSWORD

pytestmark = pytest.mark.django_db

SUSPICIOUS = re.compile(r"password|secret|token|hash|stamp|otp|sealed|recovery|signature|credential|_key$|^key$|cipher")
# What is called like a secret, and is none.
HARMLESS = {
    ("users", "must_change_password"): "says whether, not what",
    ("outbound_emails", "is_secret"): "says whether, not what",
    ("outbound_emails", "key"): "what a mail is about, so that it is written once",
    ("notifications", "key"): "likewise",
    ("roles", "key"): "the name of a built-in role",
    ("stages", "key"): "the name of a stage",
}


def recorded():
    return [model for model in apps.get_models() if issubclass(model, RecordedModel)]


def example(model):
    """A record whose fields all have a text in them."""
    record = model()
    for field in model._meta.concrete_fields:
        record.__dict__[field.attname] = "Visible"
    return record


class TestAFieldThatSoundsSecret:
    def test_of_any_model_is_masked_or_not_recorded(self):
        shown = {
            (model._meta.db_table, name)
            for model in recorded()
            for name, value in example(model).recorded_values().items()
            if SUSPICIOUS.search(name) and value != MASK
        }
        assert shown - HARMLESS.keys() == set()

    def test_that_is_harmless_is_there(self):
        fields = {(model._meta.db_table, each.attname) for model in recorded() for each in model._meta.concrete_fields}
        assert HARMLESS.keys() <= fields

    def test_of_every_model_is_a_field_of_it(self):
        for model in recorded():
            names = {field.attname for field in model._meta.concrete_fields}
            assert model.secret | model.private | model.unrecorded <= names, model


class TestTheLedger:
    def test_of_everything_that_can_be_done_has_no_secret(self, alice):
        """Every operation of every dialect is called; then no entry has a password, a token or a key that was used."""
        place = calls.world(alice, "zarzamora")
        given = [PASSWORD, place.key_text, place.key_text.rpartition("_")[2], place.invitation_token]
        for row in sorted(operations.built(), key=lambda row: row.method == "DELETE"):
            if row.method != "GET":
                answer = calls.send(row, calls.of(row, place), alice.token)
                given += secrets_in(answer)
        written = "\n".join(f"{entry.old} {entry.new}" for entry in Entry.across_workspaces.all())
        assert [text for text in given if text in written] == []
        assert len(given) > 7


def secrets_in(answer) -> list[str]:
    """What an answer shows once: tokens, keys, recovery codes."""
    if answer.get("Content-Type") != "application/json" or not answer.content:
        return []
    text = answer.content.decode()
    return re.findall(r'"(?:access|refresh|access_token|token|key|secret)":\s*"([^"]{16,})"', text)


class TestAPrivateField:
    @pytest.fixture
    def company(self, alice, monkeypatch):
        monkeypatch.setattr(Company, "private", frozenset({"address", "phone"}))
        company = make.company(alice.actor, name="Acme", address="Calle del secreto 7", phone="secreto")
        company.address = "Otra calle del secreto"
        people.writing(alice.workspace.pk, company.save)
        return company

    def test_stands_in_the_ledger(self, company):
        entry = Entry.across_workspaces.get(verb="company.updated")
        assert (entry.old["address"], entry.new["address"]) == ("Calle del secreto 7", "Otra calle del secreto")

    def test_is_masked_in_the_audit_log(self, alice, company):
        answer = alice.get("/audit-logs?table=companies")
        updated, created = answer.json()
        assert updated["old_values"] == updated["new_values"] == {"address": MASK}
        assert (created["new_values"]["address"], created["new_values"]["phone"]) == (MASK, MASK)
        assert created["new_values"]["name"] == "Acme"
        assert "industry" in created["new_values"]
        assert alice.get(f"/audit-logs/{updated['id']}").json() == updated
        assert "secreto" not in answer.content.decode()

    def test_is_masked_in_a_file(self, alice, company):
        from tests.modules.exchange.exports.test_sources import written

        rows = written(alice, "leads.audit-logs", table="companies")
        assert len(rows) == 2
        assert "secreto" not in str(rows)
        assert MASK in rows[0]["new_values"]

    def test_is_masked_in_the_admin(self, alice, company):
        entry = Entry.across_workspaces.get(verb="company.updated")
        assert masking.masked(entry.table, entry.new) == {"address": MASK}

    def test_that_a_record_has_not_is_not_made_up(self, alice, company):
        company.name = "Acme Dos"
        people.writing(alice.workspace.pk, company.save)
        [latest, *_] = alice.get("/audit-logs?table=companies").json()
        assert latest["new_values"].keys() == {"name"}
