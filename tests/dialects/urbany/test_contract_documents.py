"""/api/contratos/{id}/documents/: announce a file, send it, register it, and see it in the detail."""

import pytest
from django.test import Client

from backend.modules.contracts import actions
from tests import make, people, stored

pytestmark = pytest.mark.django_db

CONTRACTS = "/api/contratos/"
UPLOAD = ["url", "fields", "method", "headers", "key", "expires_at"]
DOCUMENT = ["id", "document_type", "title", "file", "uploaded_at"]
FILE = {"filename": "Contrato ñ.pdf", "content_type": "application/pdf"}
NAMED = {"title": "Contrato Principal", "document_type": "Contrato"}
PDF = b"%PDF-1.7\n%%EOF\n"


@pytest.fixture
def contract(bob):
    return make.contract(bob.actor)


@pytest.fixture
def path(contract):
    return f"{CONTRACTS}{contract.pk}/documents/"


def sent(who, path: str, content: bytes = PDF, **changed) -> str:
    """The key of a file that was announced, and sent as the answer says."""
    told = who.post(f"{path}presign/", FILE | changed).json()
    headers = dict(told["headers"])
    answer = Client().put(told["url"], content, content_type=headers.pop("Content-Type"), headers=headers)
    assert answer.status_code == 200, answer.content
    return told["key"]


def registered(who, path: str, **changed) -> dict:
    answer = who.post(path, NAMED | {"key": sent(who, path)} | changed)
    assert answer.status_code == 201, answer.content
    return answer.json()


def shown(who, contract) -> list[dict]:
    return who.get(f"{CONTRACTS}{contract.pk}/").json()["documents"]


class TestPresign:
    def test_says_where_and_how_to_send_the_file(self, bob, path):
        answer = bob.post(f"{path}presign/", FILE | {"size": len(PDF)})
        assert (answer.status_code, list(answer.json())) == (200, UPLOAD)
        told = answer.json()
        assert told["url"].startswith("http://testserver/files/")
        assert (told["fields"], told["method"], told["headers"]) == ({}, "PUT", {"Content-Type": "application/pdf"})
        assert told["expires_at"].endswith("Z")

    @pytest.mark.parametrize(
        ("field", "value"),
        [("content_type", "application/x-sh"), ("content_type", ""), ("filename", "../.."), ("filename", None),
         ("size", -1), ("size", 2**40), ("otro", 1)],
    )  # fmt: skip
    def test_says_what_is_wrong_with_a_field(self, bob, path, field, value):
        with stored.nothing_written():
            answer = bob.post(f"{path}presign/", FILE | {field: value})
        assert (answer.status_code, list(answer.json()["details"])) == (400, [field])

    def test_of_another_agent_s_contract_is_404(self, alice, dario, path):
        other = people.person("another", alice.workspace, "sales")
        assert other.post(f"{path}presign/", FILE).status_code == 404
        assert dario.post(f"{path}presign/", FILE).status_code == 403
        assert alice.post(f"{path}presign/", FILE).status_code == 200


class TestAddDocument:
    def test_answers_201_with_the_document(self, bob, path):
        made = registered(bob, path)
        assert list(made) == DOCUMENT
        assert {name: made[name] for name in NAMED} == NAMED
        assert made["uploaded_at"].endswith("Z")
        assert Client().get(made["file"]).getvalue() == PDF

    def test_asks_for_all_three_fields(self, bob, path):
        answer = bob.post(path, {})
        assert (answer.status_code, list(answer.json()["details"])) == (400, ["key", "title", "document_type"])

    @pytest.mark.parametrize(
        ("field", "value"), [("title", ""), ("title", "x" * 201), ("document_type", "x" * 101), ("key", None)]
    )
    def test_says_what_is_wrong_with_a_field(self, bob, path, field, value):
        answer = bob.post(path, NAMED | {"key": "1/x", field: value})
        assert (answer.status_code, list(answer.json()["details"])) == (400, [field])

    def test_twice_is_409(self, bob, contract, path):
        body = NAMED | {"key": sent(bob, path)}
        assert [bob.post(path, body).status_code for _ in range(2)] == [201, 409]
        assert len(shown(bob, contract)) == 1

    def test_sent_again_with_its_idempotency_key_is_answered_as_before(self, bob, contract, path):
        body = NAMED | {"key": sent(bob, path)}
        first, again = (bob.post(path, body, Idempotency_Key="one") for _ in range(2))
        assert (first.json()["id"], first.status_code) == (again.json()["id"], again.status_code)
        assert len(shown(bob, contract)) == 1

    def test_of_a_key_of_another_contract_or_of_an_opportunity_is_404(self, bob, path):
        other = f"{CONTRACTS}{make.contract(bob.actor).pk}/documents/"
        for key in (sent(bob, other), make.upload(bob.actor, make.opportunity(bob.actor)), "nada"):
            assert bob.post(path, NAMED | {"key": key}).status_code == 404

    def test_of_nothing_sent_is_422(self, bob, path):
        key = bob.post(f"{path}presign/", FILE).json()["key"]
        answer = bob.post(path, NAMED | {"key": key})
        assert (answer.status_code, answer.json()["error"]) == (422, "El archivo no se ha subido")


class TestAContractThatHasEnded:
    def test_takes_no_document_and_loses_none(self, bob, contract, path):
        made, key = registered(bob, path), sent(bob, path)
        actions.update(bob.actor, contract.pk, status="cancelled")
        answers = [
            bob.post(f"{path}presign/", FILE),
            bob.post(path, NAMED | {"key": key}),
            bob.delete(f"{path}{made['id']}/"),
        ]
        assert [answer.status_code for answer in answers] == [409] * 3
        assert [each["id"] for each in shown(bob, contract)] == [made["id"]]


class TestDeleteDocument:
    def test_answers_204_and_the_file_is_gone(self, bob, contract, path):
        made = registered(bob, path)
        assert bob.delete(f"{path}{made['id']}/").status_code == 204
        assert shown(bob, contract) == []
        assert Client().get(made["file"]).status_code == 404
        assert bob.delete(f"{path}{made['id']}/").status_code == 404

    def test_with_the_version_of_a_document_that_has_changed_is_412(self, bob, path):
        made = registered(bob, path)
        assert bob.delete(f"{path}{made['id']}/", If_Match='"7"').status_code == 412
        assert bob.delete(f"{path}{made['id']}/", If_Match='"1"').status_code == 204


class TestTheDetail:
    def test_shows_the_documents_before_the_notes_the_oldest_first(self, bob, contract, path):
        first, second = registered(bob, path), registered(bob, path, title="Anexo", document_type="Anexo")
        detail = bob.get(f"{CONTRACTS}{contract.pk}/").json()
        names = list(detail)
        assert names[names.index("payment_summary") :][:3] == ["payment_summary", "documents", "notes"]
        assert [list(each) for each in detail["documents"]] == [DOCUMENT] * 2
        assert [each["id"] for each in detail["documents"]] == [first["id"], second["id"]]
        assert Client().get(detail["documents"][1]["file"]).getvalue() == PDF

    def test_costs_the_same_queries_however_many_there_are(self, alice, counted):
        contract = make.contract(alice.actor)
        make.document(alice.actor, contract)
        counted(f"{CONTRACTS}{contract.pk}/", queries=6)
        for _ in range(3):
            make.document(alice.actor, contract)
        counted(f"{CONTRACTS}{contract.pk}/", queries=6)


class TestTheAttachmentsOfTheAccountsDialect:
    def test_open_a_contract_s_file_to_who_reads_the_contract_alone(self, alice, bob, contract):
        file = f"/v1/attachments/{make.document(bob.actor, contract).attachment_id}"
        another = people.person("another", bob.workspace, "sales")
        without_contracts = people.person_holding(bob.workspace, "attachments.view", "contracts.view_all")
        assert (another.get(file).status_code, without_contracts.get(file).status_code) == (404, 404)
        answer = bob.get(file)
        assert (answer.status_code, answer.json()["opportunityId"]) == (200, None)
        assert alice.get(file).status_code == 200

    def test_neither_confirm_nor_delete_one_of_a_contract(self, alice, contract, path):
        made = make.document(alice.actor, contract)
        assert alice.post("/v1/attachments/confirm", {"key": sent(alice, path)}).status_code == 404
        assert alice.delete(f"/v1/attachments/{made.attachment_id}").status_code == 404
        assert [each["id"] for each in shown(alice, contract)] == [made.pk]
