"""/v1/attachments: presign, send the file where it says, confirm, fetch. The storages have tests of their own."""

from urllib.parse import urlsplit

import pytest
from django.test import Client

from tests import make, people, stored

pytestmark = pytest.mark.django_db

PATH = "/v1/attachments"
PRESIGNED = ["url", "fields", "method", "headers", "key", "expiresAt"]
ATTACHMENT = ["id", "opportunityId", "filename", "contentType", "size", "createdBy", "createdAt"]
PDF = b"%PDF-1.7\n%%EOF\n"


@pytest.fixture
def deal(alice):
    return make.opportunity(alice.actor)


@pytest.fixture
def offer(deal):
    return {"opportunityId": deal.pk, "filename": "Oferta ñ.pdf", "contentType": "application/pdf"}


def sent(presigned: dict, content: bytes = PDF):
    """What a client does with the answer of presign."""
    assert presigned["method"] == "PUT"
    headers = dict(presigned["headers"])
    return Client().put(presigned["url"], content, content_type=headers.pop("Content-Type"), headers=headers)


def uploaded(who, offer: dict, content: bytes = PDF) -> str:
    presigned = who.post(f"{PATH}/presign", offer).json()
    assert sent(presigned, content).status_code == 200
    return presigned["key"]


def attached(who, offer: dict, **changed) -> dict:
    answer = who.post(f"{PATH}/confirm", {"key": uploaded(who, offer | changed)})
    assert answer.status_code == 201, answer.content
    return answer.json()


def error(answer, status: int) -> dict:
    assert answer.status_code == status, answer.content
    return answer.json()["error"]


class TestPresign:
    def test_says_where_and_how_to_send_the_file(self, alice, offer):
        answer = alice.post(f"{PATH}/presign", offer)
        assert (answer.status_code, list(answer.json())) == (200, PRESIGNED)
        told = answer.json()
        assert told["url"].startswith("http://testserver/files/")
        assert (told["fields"], told["method"]) == ({}, "PUT")
        assert told["headers"] == {"Content-Type": "application/pdf"}
        assert told["expiresAt"].endswith("Z")

    def test_for_an_opportunity_that_is_not_there_is_404(self, alice, stranger, offer):
        for number in (999_999, make.opportunity(stranger.actor).pk):
            with stored.nothing_written():
                assert error(alice.post(f"{PATH}/presign", offer | {"opportunityId": number}), 404)

    @pytest.mark.parametrize(
        ("field", "value"),
        [("contentType", "application/x-sh"), ("contentType", ""), ("filename", "../.."), ("filename", None),
         ("size", -1), ("size", 2**40), ("opportunityId", "x"), ("otro", 1)],
    )  # fmt: skip
    def test_says_what_is_wrong_with_a_field(self, alice, offer, field, value):
        with stored.nothing_written():
            found = error(alice.post(f"{PATH}/presign", offer | {field: value}), 400)
        assert (found["code"], list(found["details"])) == ("VALIDATION_ERROR", [field])

    def test_names_every_field_that_is_missing(self, alice):
        details = error(alice.post(f"{PATH}/presign", {}), 400)["details"]
        assert list(details) == ["opportunityId", "filename", "contentType"]

    def test_needs_the_permission(self, dario, offer):
        assert dario.post(f"{PATH}/presign", offer).status_code == 403


class TestConfirm:
    def test_registers_what_was_sent(self, alice, deal, offer):
        answer = alice.post(f"{PATH}/confirm", {"key": uploaded(alice, offer)})
        assert (answer.status_code, list(answer.json())) == (201, ATTACHMENT)
        made = answer.json()
        assert (made["opportunityId"], made["filename"], made["contentType"]) == (deal.pk, *list(offer.values())[1:])
        assert (made["size"], made["createdBy"]) == (len(PDF), "alice")

    def test_twice_is_409_and_registers_once(self, alice, deal, offer):
        key = uploaded(alice, offer)
        assert alice.post(f"{PATH}/confirm", {"key": key}).status_code == 201
        again = error(alice.post(f"{PATH}/confirm", {"key": key}), 409)
        assert again["code"] == "ATTACHMENT_ALREADY_CONFIRMED"
        assert alice.get(f"{PATH}?opportunityId={deal.pk}").json()["total"] == 1

    def test_of_nothing_sent_is_422(self, alice, offer):
        key = alice.post(f"{PATH}/presign", offer).json()["key"]
        assert error(alice.post(f"{PATH}/confirm", {"key": key}), 422)["code"] == "UPLOAD_MISSING"

    def test_of_a_key_that_is_not_ours_is_404(self, alice, stranger, offer):
        key = uploaded(alice, offer)
        for word in (key, "nada", "1/../../etc/passwd"):
            assert error(stranger.post(f"{PATH}/confirm", {"key": word}), 404)["code"] == "NOT_FOUND"

    @pytest.mark.parametrize("body", [{}, {"key": ""}, {"key": None}, {"key": "x" * 201}])
    def test_without_a_key_is_400(self, alice, body):
        assert list(error(alice.post(f"{PATH}/confirm", body), 400)["details"]) == ["key"]

    def test_by_who_may_add_but_not_read_answers_all_the_same(self, ours, offer):
        holder = people.person_holding(ours, "attachments.add")
        made = attached(holder, offer)
        assert holder.get(f"{PATH}/{made['id']}").status_code == 403


class TestListAttachments:
    def test_is_a_page_of_one_opportunity_with_the_newest_first(self, alice, deal, offer):
        other = make.opportunity(alice.actor)
        for name, to in (("a.pdf", deal), ("b.pdf", deal), ("c.pdf", other)):
            attached(alice, offer, filename=name, opportunityId=to.pk)
        uploaded(alice, offer)  # which is not confirmed
        page = alice.get(f"{PATH}?opportunityId={deal.pk}").json()
        assert list(page) == ["items", "total", "page", "size"]
        assert ([row["filename"] for row in page["items"]], page["total"]) == (["b.pdf", "a.pdf"], 2)
        assert list(page["items"][0]) == ATTACHMENT
        second = alice.get(f"{PATH}?opportunityId={deal.pk}&size=1&page=2").json()
        assert ([row["filename"] for row in second["items"]], second["total"]) == (["a.pdf"], 2)

    def test_asks_which_opportunity(self, alice):
        assert list(error(alice.get(PATH), 400)["details"]) == ["opportunityId"]

    def test_of_an_opportunity_that_is_not_there_is_404(self, stranger, deal):
        assert stranger.get(f"{PATH}?opportunityId={deal.pk}").status_code == 404

    def test_costs_the_same_queries_however_many_there_are(self, alice, deal, offer, counted):
        counted(f"{PATH}?opportunityId={deal.pk}", queries=3)
        for _ in range(3):
            attached(alice, offer)
        counted(f"{PATH}?opportunityId={deal.pk}", queries=3)


class TestGetAttachment:
    def test_shows_it_with_an_address_that_downloads_it(self, alice, bob, offer):
        made = attached(alice, offer)
        answer = bob.get(f"{PATH}/{made['id']}")
        assert (answer.status_code, list(answer.json())) == (200, [*ATTACHMENT, "url"])
        url = answer.json().pop("url")
        assert {name: answer.json()[name] for name in ATTACHMENT} == made
        assert urlsplit(url).netloc == "testserver"
        file = Client().get(url)
        assert (file.getvalue(), file["Content-Type"]) == (PDF, "application/pdf")
        assert file["Content-Disposition"] == "attachment; filename*=utf-8''Oferta%20%C3%B1.pdf"
        assert file["X-Content-Type-Options"] == "nosniff"

    def test_is_404_for_others_and_before_it_is_confirmed(self, alice, stranger, offer):
        made = attached(alice, offer)
        uploaded(alice, offer)
        assert stranger.get(f"{PATH}/{made['id']}").status_code == 404
        assert alice.get(f"{PATH}/{made['id'] + 1}").status_code == 404


class TestDeleteAttachment:
    def test_answers_204_and_it_is_gone(self, alice, deal, offer):
        made = attached(alice, offer)
        answer = alice.delete(f"{PATH}/{made['id']}")
        assert (answer.status_code, answer.content) == (204, b"")
        assert alice.get(f"{PATH}/{made['id']}").status_code == 404
        assert alice.get(f"{PATH}?opportunityId={deal.pk}").json()["total"] == 0

    def test_goes_with_its_opportunity(self, alice, deal, offer):
        made = attached(alice, offer)
        assert alice.delete(f"/api/v1/oportunidades/{deal.pk}/").status_code == 200
        assert alice.get(f"{PATH}/{made['id']}").status_code == 404

    def test_needs_the_permission(self, alice, dario, offer):
        made = attached(alice, offer)
        assert dario.get(f"{PATH}/{made['id']}").status_code == 200
        assert dario.delete(f"{PATH}/{made['id']}").status_code == 403
