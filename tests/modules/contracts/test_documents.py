"""The documents of a contract: who may add, see and remove them, and that no other way leads to their files."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from backend.core.errors import NotFound, PermissionDenied
from backend.modules.attachments import actions as attachments
from backend.modules.attachments import queries as attached
from backend.modules.attachments import tasks
from backend.modules.attachments.models import Attachment, State
from backend.modules.attachments.queries import AlreadyConfirmed, UploadExpired
from backend.modules.contracts import actions as contracts
from backend.modules.contracts import errors, queries
from backend.modules.contracts.actions import documents
from backend.modules.contracts.models import Document
from backend.modules.contracts.queries import documents as reads
from tests import make, people, stored
from tests.test_parallel import at_once

pytestmark = pytest.mark.django_db

PDF = {"filename": "contrato.pdf", "content_type": "application/pdf"}


@pytest.fixture
def uploads(settings, tmp_path):
    """A folder of the test's own, with the local storage in it."""
    settings.UPLOADS = tmp_path / "uploads"
    return settings.UPLOADS


@pytest.fixture
def contract(alice):
    return make.contract(alice.actor)


def holding(who, *codenames: str):
    """The actor of a member who holds exactly these permissions."""
    return replace(who.actor, unrestricted=False, permissions=frozenset(codenames))


def end(who, contract):
    contracts.update(who.actor, contract.pk, status="cancelled")


def add(actor, contract, key: str, **fields):
    return documents.add(actor, contract.pk, **{"key": key, "kind": "Contrato", "title": "Principal"} | fields)


class TestAnnouncing:
    def test_needs_no_permission_to_attach_files_but_the_one_to_change_contracts(self, alice, contract):
        assert documents.presign(holding(alice, "contracts.change"), contract.pk, **PDF).key
        everything_else = holding(alice, "contracts.view", "contracts.view_all", "attachments.add")
        with stored.nothing_written(), pytest.raises(PermissionDenied):
            documents.presign(everything_else, contract.pk, **PDF)

    def test_for_another_agent_s_contract_finds_none(self, bob, contract):
        with stored.nothing_written(), pytest.raises(NotFound):
            documents.presign(holding(bob, "contracts.change"), contract.pk, **PDF)

    @pytest.mark.parametrize("status", ["cancelled", "completed", "expired"])
    def test_for_a_contract_that_has_ended_is_refused(self, alice, contract, status):
        ended(alice, contract, status)
        with stored.nothing_written(), pytest.raises(errors.ContractClosed):
            documents.presign(alice.actor, contract.pk, **PDF)


class TestRegistering:
    def test_makes_a_document_of_what_was_sent(self, alice, contract):
        key = make.document_upload(alice.actor, contract, **PDF)
        made = add(holding(alice, "contracts.change"), contract, key)
        assert (made.kind, made.title, made.created_by_id) == ("Contrato", "Principal", alice.user.pk)
        file = Attachment.objects.of(alice.actor).get(pk=made.attachment_id)
        assert (file.state, file.size, file.filename) == (State.CONFIRMED, 4, "contrato.pdf")

    def test_twice_registers_once(self, alice, contract):
        key = make.document_upload(alice.actor, contract)
        add(alice.actor, contract, key)
        with stored.nothing_written(), pytest.raises(AlreadyConfirmed):
            add(alice.actor, contract, key)

    def test_under_another_contract_finds_no_upload(self, alice, contract):
        key, other = make.document_upload(alice.actor, contract), make.contract(alice.actor)
        with stored.nothing_written(), pytest.raises(NotFound):
            add(alice.actor, other, key)

    def test_of_what_was_announced_for_an_opportunity_finds_no_upload(self, alice, contract):
        key = make.upload(alice.actor, make.opportunity(alice.actor))
        with stored.nothing_written(), pytest.raises(NotFound):
            add(alice.actor, contract, key)

    def test_before_anything_was_sent_is_refused(self, alice, contract):
        key = documents.presign(alice.actor, contract.pk, **PDF).key
        with stored.nothing_written(), pytest.raises(attachments.UploadMissing):
            add(alice.actor, contract, key)

    def test_more_than_a_day_later_is_refused(self, alice, contract, monkeypatch):
        key = make.document_upload(alice.actor, contract)
        tomorrow = timezone.now() + timedelta(days=1, seconds=1)
        monkeypatch.setattr(timezone, "now", lambda: tomorrow)
        with stored.nothing_written(), pytest.raises(UploadExpired):
            add(alice.actor, contract, key)

    def test_to_a_contract_that_has_ended_since_is_refused(self, alice, contract):
        key = make.document_upload(alice.actor, contract)
        end(alice, contract)
        with stored.nothing_written(), pytest.raises(errors.ContractClosed):
            add(alice.actor, contract, key)

    def test_to_a_contract_that_has_another_agent_since_finds_none(self, alice, bob, contract):
        key = make.document_upload(alice.actor, contract)
        contracts.update(alice.actor, contract.pk, agent_email=bob.user.email)
        with stored.nothing_written(), pytest.raises(NotFound):
            add(holding(alice, "contracts.change"), contract, key)

    def test_ends_with_the_hundredth(self, alice, contract, monkeypatch):
        monkeypatch.setattr(documents, "MOST", 1)
        keys = [make.document_upload(alice.actor, contract) for _ in range(2)]
        add(alice.actor, contract, keys[0])
        for more in (lambda: add(alice.actor, contract, keys[1]), lambda: make.document_upload(alice.actor, contract)):
            with stored.nothing_written(), pytest.raises(errors.TooManyDocuments):
                more()


@pytest.mark.django_db(transaction=True)
def test_of_several_that_register_one_upload_at_once_the_first_gets_through(alice, contract):
    key = make.document_upload(alice.actor, contract)

    def one(number: int) -> str:
        try:
            return add(alice.actor, contract, key, title=f"Number {number}").title
        except AlreadyConfirmed:
            return ""

    titles = sorted(at_once(5, one))
    assert titles[:4] == [""] * 4
    assert list(Document.objects.of(alice.actor).values_list("title", flat=True)) == titles[4:]


class TestADocument:
    def test_is_shown_with_an_address_that_downloads_its_file(self, alice, contract, client):
        make.document(alice.actor, contract, content=b"Firmado", filename="ñ.txt")
        [row] = reads.of_contract(alice.actor, contract.pk)
        answer = client.get(row["address"])
        assert (answer.status_code, answer.getvalue()) == (200, b"Firmado")

    def test_is_not_shown_with_another_contract_or_to_another_agent(self, alice, bob, contract):
        make.document(alice.actor, contract)
        assert reads.of_contract(alice.actor, make.contract(alice.actor).pk) == []
        assert reads.of_contract(holding(bob, "contracts.view"), contract.pk) == []
        assert len(reads.of_contract(holding(bob, "contracts.view", "contracts.view_all"), contract.pk)) == 1


class TestDeleting:
    def test_takes_the_file_away_at_once_and_the_sweep_removes_it(self, alice, contract, uploads, client):
        made = make.document(alice.actor, contract)
        [row] = reads.of_contract(alice.actor, contract.pk)
        documents.delete(holding(alice, "contracts.change"), made.pk, contract_id=contract.pk)
        assert reads.of_contract(alice.actor, contract.pk) == []
        assert client.get(row["address"]).status_code == 404
        assert tasks.sweep_attachments() == 1
        assert [path for path in uploads.rglob("*") if path.is_file()] == []

    def test_under_another_contract_finds_none(self, alice, contract):
        made, other = make.document(alice.actor, contract), make.contract(alice.actor)
        with stored.nothing_written(), pytest.raises(NotFound):
            documents.delete(alice.actor, made.pk, contract_id=other.pk)

    def test_of_another_agent_s_finds_none(self, alice, bob, contract):
        made = make.document(alice.actor, contract)
        with stored.nothing_written(), pytest.raises(NotFound):
            documents.delete(holding(bob, "contracts.change"), made.pk, contract_id=contract.pk)

    def test_of_a_contract_that_has_ended_is_refused(self, alice, contract):
        made = make.document(alice.actor, contract)
        end(alice, contract)
        with stored.nothing_written(), pytest.raises(errors.ContractClosed):
            documents.delete(alice.actor, made.pk, contract_id=contract.pk)


class TestTheOperationsForEveryAttachment:
    """Who may attach files in general reads a contract's as far as they read the contract, and changes none."""

    def test_announce_none_for_a_contract(self, alice, contract):
        with stored.nothing_written(), pytest.raises(NotFound):
            attachments.presign(alice.actor, subject_kind=queries.SUBJECT, subject_id=contract.pk, **PDF)

    def test_confirm_none_of_a_contract_which_can_be_registered_after(self, alice, contract):
        key = make.document_upload(alice.actor, contract)
        with stored.nothing_written(), pytest.raises(NotFound):
            attachments.confirm(alice.actor, key=key)
        assert add(alice.actor, contract, key).pk

    def test_delete_none_of_a_contract(self, alice, contract):
        made = make.document(alice.actor, contract)
        with stored.nothing_written(), pytest.raises(NotFound):
            attachments.delete(alice.actor, made.attachment_id)

    def test_show_one_to_who_reads_the_contract_alone(self, alice, bob, contract):
        file = make.document(alice.actor, contract).attachment_id
        assert attached.get(holding(alice, "attachments.view", "contracts.view"), file)["id"] == file
        strangers_to_it = (
            holding(alice, "attachments.view"),  # an agent who may read no contracts
            holding(bob, "attachments.view", "contracts.view"),  # another agent
        )
        for actor in strangers_to_it:
            for read in (attached.get, attached.download):
                with pytest.raises(NotFound):
                    read(actor, file)


def ended(who, contract, status: str) -> None:
    """Set what takes several steps, or the clock."""
    contract.status = status
    people.writing(contract.workspace_id, contract.save)
