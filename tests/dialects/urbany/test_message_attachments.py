"""Files of messages: announced, sent, part of a message, and seen by who takes part."""

import pytest
from django.test import Client

from backend.modules.attachments.models import Attachment
from tests import make, people, stored
from tests.dialects.urbany.entering import details, error
from tests.dialects.urbany.governing import DENIED
from tests.dialects.urbany.talking import contents, message, opened, page, sent, talk

pytestmark = pytest.mark.django_db

UPLOAD = {"url", "fields", "method", "headers", "key", "expires_at"}
FILE = {"filename": "Plano ñ.pdf", "content_type": "application/pdf"}
PDF = b"%PDF-1.7\n%%EOF\n"
NOT_FOUND = (404, "El recurso no existe")


@pytest.fixture
def group(bob, carla):
    return opened(bob, carla)


def upload(who, conversation, content: bytes = PDF, **changed) -> str:
    """The key of a file that was announced, and sent as the answer says."""
    told = who.post(f"{talk(conversation)}attachments/presign/", FILE | changed).json()
    headers = dict(told["headers"])
    answer = Client().put(told["url"], content, content_type=headers.pop("Content-Type"), headers=headers)
    assert answer.status_code == 200, answer.content
    return told["key"]


def attached(who, conversation, content: str = "") -> dict:
    return sent(who, conversation, content, message_type="file", attachment=upload(who, conversation))


class TestAnnouncing:
    def test_says_where_and_how_to_send_the_file(self, bob, group):
        answer = bob.post(f"{talk(group)}attachments/presign/", FILE | {"size": len(PDF)})
        told = answer.json()
        assert (answer.status_code, set(told)) == (200, UPLOAD)
        assert told["url"].startswith("http://testserver/files/")
        assert (told["fields"], told["method"], told["headers"]) == ({}, "PUT", {"Content-Type": "application/pdf"})

    @pytest.mark.parametrize(
        ("field", "value"),
        [("content_type", "application/x-sh"), ("content_type", ""), ("filename", "../.."), ("filename", None),
         ("size", -1), ("size", 2**40), ("otro", 1)],
    )  # fmt: skip
    def test_says_what_is_wrong_with_a_field(self, bob, group, field, value):
        with stored.nothing_written():
            answer = bob.post(f"{talk(group)}attachments/presign/", FILE | {field: value})
        assert list(details(answer)) == [field]

    def test_is_for_who_takes_part(self, ours, alice, stranger, group):
        for who in (alice, stranger):
            assert error(who.post(f"{talk(group)}attachments/presign/", FILE)) == NOT_FOUND
        assert error(people.person_holding(ours).post(f"{talk(group)}attachments/presign/", FILE)) == (403, DENIED)


class TestSendingAFile:
    def test_needs_no_text(self, bob, carla, group):
        made = attached(bob, group)
        assert (made["message_type"], made["content"]) == ("file", "")
        shown = made["attachment"]
        assert shown == shown | {"filename": "Plano ñ.pdf", "content_type": "application/pdf", "size": len(PDF)}
        assert set(shown) == {"id", "filename", "content_type", "size", "url"}
        address = page(carla, group)["results"][0]["attachment"]["url"]
        assert address.startswith("http://testserver/files/")
        assert Client().get(address).getvalue() == PDF

    def test_may_have_one(self, bob, group):
        assert attached(bob, group, "El plano")["content"] == "El plano"

    def test_as_an_image_is_one(self, bob, group):
        key = upload(bob, group, b"\x89PNG", filename="casa.png", content_type="image/png")
        made = sent(bob, group, "", message_type="image", attachment=key)
        assert made["message_type"] == "image"
        pdf = upload(bob, group)
        with stored.nothing_written():
            answer = bob.post(f"{talk(group)}messages/", {"message_type": "image", "attachment": pdf})
        assert details(answer) == {"attachment": ["El archivo es de tipo application/pdf, que no es una imagen"]}

    @pytest.mark.parametrize("kind", ["image", "file"])
    def test_has_a_file(self, bob, group, kind):
        answer = bob.post(f"{talk(group)}messages/", {"message_type": kind, "content": "Hola"})
        assert list(details(answer)) == ["attachment"]

    def test_as_a_text_is_none(self, bob, group):
        key = upload(bob, group)
        answer = bob.post(f"{talk(group)}messages/", {"content": "Hola", "attachment": key})
        assert list(details(answer)) == ["attachment"]
        assert sent(bob, group, "", message_type="file", attachment=key)["attachment"]

    def test_of_nothing_sent_is_422(self, bob, group):
        key = bob.post(f"{talk(group)}attachments/presign/", FILE).json()["key"]
        answer = bob.post(f"{talk(group)}messages/", {"message_type": "file", "attachment": key})
        assert error(answer) == (422, "El archivo no se ha subido")
        assert contents(page(bob, group)) == []

    def test_twice_is_409_and_with_its_client_id_the_same_message(self, bob, group):
        body = {"message_type": "file", "attachment": upload(bob, group)}
        answers = [bob.post(f"{talk(group)}messages/", body | {"client_id": "x"}) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [201, 200]
        assert bob.post(f"{talk(group)}messages/", body).status_code == 409
        assert len(page(bob, group)["results"]) == 1

    def test_of_a_key_of_anything_else_is_404(self, bob, carla, group):
        other = opened(bob, carla)
        contract = make.document_upload(bob.actor, make.contract(bob.actor))
        deal = make.upload(bob.actor, make.opportunity(bob.actor))
        for key in (upload(bob, other), contract, deal, "nada"):
            answer = bob.post(f"{talk(group)}messages/", {"message_type": "file", "attachment": key})
            assert error(answer) == NOT_FOUND

    def test_costs_the_same_queries_however_many_there_are(self, alice, bob, counted):
        made = opened(alice, bob)
        attached(alice, made)
        page(alice, made)
        counted(f"{talk(made)}messages/", queries=6)
        for _ in range(3):
            attached(alice, made)
        page(alice, made)
        counted(f"{talk(made)}messages/", queries=6)


class TestDeletingTheMessage:
    def test_removes_its_file(self, bob, carla, group):
        made = attached(bob, group)
        assert bob.delete(message(made)).status_code == 204
        assert Client().get(made["attachment"]["url"]).status_code == 404
        assert carla.get(message(made)).json()["attachment"] is None
        assert Attachment.objects.of(bob.actor).get(pk=made["attachment"]["id"]).state == "discarded"

    def test_with_its_version_removes_it_too(self, bob, group):
        made = attached(bob, group)
        tag = bob.get(message(made))["ETag"]
        assert bob.delete(message(made), If_Match='"77"').status_code == 412
        assert bob.delete(message(made), If_Match=tag).status_code == 204


class TestTheAttachmentsOfTheAccountsDialect:
    def test_open_a_message_s_file_to_who_takes_part_alone(self, alice, bob, carla, stranger, group):
        file = f"/v1/attachments/{attached(bob, group)['attachment']['id']}"
        assert [who.get(file).status_code for who in (bob, carla, alice, stranger)] == [200, 200, 404, 404]
        carla.delete(f"{talk(group)}participants/{carla.user.pk}/")
        assert carla.get(file).status_code == 404

    def test_neither_confirm_nor_delete_one(self, alice, bob, group):
        bob.post(f"{talk(group)}participants/", {"participants": [alice.user.pk]})
        made, key = attached(bob, group), upload(alice, group)
        assert alice.post("/v1/attachments/confirm", {"key": key}).status_code == 404
        assert alice.delete(f"/v1/attachments/{made['attachment']['id']}").status_code == 404
