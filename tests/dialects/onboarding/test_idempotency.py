"""`Idempotency-Key`: a call sent again with the same key is answered as before and done once."""

import json

import pytest

from backend.modules.contacts.models import Contact
from tests import stored

pytestmark = pytest.mark.django_db

REUSED = {"detail": "This Idempotency-Key was used for another request."}


def clients(person) -> int:
    return Contact.objects.of(person.actor).count()


class TestTheSameCallWithTheSameKey:
    def test_is_answered_as_before_and_done_once(self, alice, jane):
        first, second = (alice.post("/api/clients/", jane, Idempotency_Key="one") for _ in range(2))
        assert (first.status_code, second.status_code) == (201, 201)
        assert second.content == first.content
        assert (second["ETag"], second["Content-Type"]) == (first["ETag"], first["Content-Type"])
        assert (first.get("Idempotent-Replay"), second["Idempotent-Replay"]) == (None, "true")
        assert clients(alice) == 1

    def test_writes_nothing_the_second_time(self, alice, jane):
        alice.post("/api/clients/", jane, Idempotency_Key="one")
        with stored.nothing_written():
            alice.post("/api/clients/", jane, Idempotency_Key="one")

    def test_is_answered_as_before_though_the_record_has_changed_since(self, alice, contact):
        path = f"/api/clients/{contact.pk}/update_stage/"
        first = alice.patch(path, {"stage": "ACTIVE"}, Idempotency_Key="one")
        alice.patch(path, {"stage": "LEAD"})
        assert alice.patch(path, {"stage": "ACTIVE"}, Idempotency_Key="one").json() == first.json()
        assert alice.get(f"/api/clients/{contact.pk}/").json()["stage"] == "LEAD"

    def test_of_a_deletion_is_a_204_again(self, alice, contact):
        answers = [alice.delete(f"/api/clients/{contact.pk}/", Idempotency_Key="one") for _ in range(2)]
        assert [(each.status_code, each.content) for each in answers] == [(204, b"")] * 2

    def test_without_a_key_is_done_twice(self, alice, contact):
        body = {"client": contact.pk, "interaction_type": "CALL", "subject": "Call", "description": "Call"}
        first, second = (alice.post("/api/interactions/", body).json()["id"] for _ in range(2))
        assert first != second


class TestAnotherCallWithTheSameKey:
    def test_is_422_when_its_body_is_another(self, alice, jane):
        alice.post("/api/clients/", jane, Idempotency_Key="one")
        with stored.nothing_written():
            answer = alice.post("/api/clients/", jane | {"email": "other@example.com"}, Idempotency_Key="one")
        assert (answer.status_code, answer.json()) == (422, REUSED)

    def test_is_422_when_its_path_or_method_is_another(self, alice, contact, jane):
        alice.put(f"/api/clients/{contact.pk}/", jane, Idempotency_Key="one")
        for answer in (
            alice.post("/api/clients/", jane, Idempotency_Key="one"),
            alice.patch(f"/api/clients/{contact.pk}/", jane, Idempotency_Key="one"),
        ):
            assert (answer.status_code, answer.json()) == (422, REUSED)

    def test_is_done_when_it_is_another_user_s(self, alice, bob, jane):
        alice.post("/api/clients/", jane, Idempotency_Key="one")
        answer = bob.post("/api/clients/", jane | {"email": "other@example.com"}, Idempotency_Key="one")
        assert (answer.status_code, clients(alice)) == (201, 2)

    def test_is_done_when_it_is_another_workspace_s(self, alice, stranger, jane):
        alice.post("/api/clients/", jane, Idempotency_Key="one")
        answer = stranger.post("/api/clients/", jane, Idempotency_Key="one")
        assert (answer.status_code, answer.get("Idempotent-Replay"), clients(stranger)) == (201, None, 1)


class TestACallThatFailed:
    def test_leaves_its_key_to_be_used_again(self, alice, jane):
        refused = alice.post("/api/clients/", jane | {"email": "wrong"}, Idempotency_Key="one")
        assert refused.status_code == 400
        assert alice.post("/api/clients/", jane, Idempotency_Key="one").status_code == 201

    def test_inside_the_domain_leaves_its_key_to_be_used_again(self, alice, contact, jane):
        with stored.nothing_written():
            taken = alice.post("/api/clients/", jane | {"email": contact.email}, Idempotency_Key="one")
        assert taken.status_code == 400
        assert alice.post("/api/clients/", jane, Idempotency_Key="one").status_code == 201

    def test_for_want_of_permission_leaves_nothing(self, dario, jane):
        with stored.nothing_written():
            assert dario.post("/api/clients/", jane, Idempotency_Key="one").status_code == 403

    def test_unexpectedly_leaves_nothing(self, alice, jane, monkeypatch):
        def fail(*args, **kwargs):
            raise RuntimeError

        with monkeypatch.context() as patch, stored.nothing_written():
            patch.setattr("backend.modules.contacts.queries.detail", fail)
            assert alice.post("/api/clients/", jane, Idempotency_Key="one").status_code == 500
        assert alice.post("/api/clients/", jane, Idempotency_Key="one").status_code == 201


class TestTheKey:
    @pytest.mark.parametrize("key", ["x" * 256, "a\tb", "a\x7fb"])
    def test_is_at_most_255_printable_characters(self, alice, jane, key):
        with stored.nothing_written():
            assert alice.post("/api/clients/", jane, Idempotency_Key=key).status_code == 400

    @pytest.mark.parametrize("key", ["x" * 255, "a b", "'; --", "5f1c…", "%00"])
    def test_may_be_any_such_text(self, alice, jane, key):
        assert alice.post("/api/clients/", jane, Idempotency_Key=key).status_code == 201

    def test_is_not_looked_at_in_a_read(self, alice, contact):
        for _ in range(2):
            with stored.nothing_written():
                assert alice.get("/api/clients/", Idempotency_Key="one").status_code == 200

    def test_does_not_outlive_a_changed_spelling_of_the_body(self, alice, jane):
        """The body is compared as it was sent: other white space is another request."""
        alice.post("/api/clients/", json.dumps(jane).encode(), Idempotency_Key="one")
        answer = alice.post("/api/clients/", json.dumps(jane, indent=1).encode(), Idempotency_Key="one")
        assert answer.status_code == 422
