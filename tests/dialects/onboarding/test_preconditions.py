"""`ETag` and `If-Match`: a change is made only to what the caller has seen."""

import pytest

from tests import make, stored

pytestmark = pytest.mark.django_db


@pytest.fixture
def path(contact):
    return f"/api/clients/{contact.pk}/"


class TestAnETag:
    def test_comes_with_a_detail_and_with_every_write_of_it(self, alice, path, jane):
        read, put, patched = alice.get(path), alice.put(path, jane), alice.patch(path, {"notes": "New"})
        assert len({read["ETag"], put["ETag"], patched["ETag"]}) == 3
        assert alice.get(path)["ETag"] == patched["ETag"]
        assert alice.post("/api/clients/", jane | {"email": "other@example.com"})["ETag"]

    def test_stays_when_nothing_changes(self, alice, path):
        assert alice.patch(path, {"notes": "Interested"})["ETag"] == alice.get(path)["ETag"]

    def test_comes_with_an_interaction(self, alice, contact):
        activity = make.activity(alice.actor, contact_id=contact.pk)
        assert alice.get(f"/api/interactions/{activity.pk}/")["ETag"]


class TestIfMatch:
    def test_with_the_current_version_lets_the_change_through(self, alice, path):
        seen = alice.get(path)["ETag"]
        assert alice.patch(path, {"notes": "New"}, If_Match=seen).status_code == 200

    @pytest.mark.parametrize("method", ["put", "patch", "delete"])
    def test_with_an_older_version_is_412_with_the_current_state(self, alice, path, jane, method):
        seen = alice.get(path)["ETag"]
        alice.patch(path, {"notes": "Somebody was quicker"})
        now = alice.get(path)
        body = () if method == "delete" else (jane,)
        with stored.nothing_written():
            answer = getattr(alice, method)(path, *body, If_Match=seen)
        assert answer.status_code == 412
        assert (answer.json(), answer["ETag"]) == (now.json(), now["ETag"])

    def test_guards_a_move_to_another_stage_too(self, alice, path):
        seen = alice.get(path)["ETag"]
        alice.patch(path, {"notes": "Somebody was quicker"})
        with stored.nothing_written():
            answer = alice.patch(f"{path}update_stage/", {"stage": "ACTIVE"}, If_Match=seen)
        assert answer.status_code == 412
        moved = alice.patch(f"{path}update_stage/", {"stage": "ACTIVE"}, If_Match=alice.get(path)["ETag"])
        assert (moved.status_code, moved.json()["stage"]) == (200, "ACTIVE")

    def test_guards_an_interaction(self, alice, contact):
        activity = make.activity(alice.actor, contact_id=contact.pk)
        path = f"/api/interactions/{activity.pk}/"
        seen = alice.get(path)["ETag"]
        alice.patch(path, {"subject": "Somebody was quicker"})
        answer = alice.patch(path, {"subject": "Mine"}, If_Match=seen)
        assert (answer.status_code, answer.json()["subject"]) == (412, "Somebody was quicker")

    def test_takes_several_versions_or_any(self, alice, path):
        seen = alice.get(path)["ETag"]
        assert alice.patch(path, {"notes": "1"}, If_Match=f'"999", {seen}').status_code == 200
        assert alice.patch(path, {"notes": "2"}, If_Match="*").status_code == 200

    @pytest.mark.parametrize("header", ['"0"', "nonsense", '"abc"', "", '"' + "9" * 40 + '"'])
    def test_with_what_was_never_a_version_is_412(self, alice, path, header):
        assert alice.patch(path, {"notes": "New"}, If_Match=header).status_code == 412

    def test_of_a_record_that_is_not_there_is_404(self, alice):
        assert alice.patch("/api/clients/999999/", {"notes": "New"}, If_Match='"1"').status_code == 404

    def test_works_with_an_idempotency_key_which_stays_free_after_a_412(self, alice, path):
        seen = alice.get(path)["ETag"]
        alice.patch(path, {"notes": "Somebody was quicker"})
        stale = alice.patch(path, {"notes": "New"}, If_Match=seen, Idempotency_Key="one")
        assert stale.status_code == 412
        fresh = alice.patch(path, {"notes": "New"}, If_Match=stale["ETag"], Idempotency_Key="one")
        assert (fresh.status_code, fresh.json()["notes"]) == (200, "New")

    def test_does_not_show_the_state_to_who_may_not_read_it(self, ours, alice, path):
        from tests import people

        changer = people.person_holding(ours, "contacts.change")
        answer = changer.patch(path, {"notes": "New"}, If_Match='"999"')
        assert answer.status_code in (403, 412)
        assert "John" not in answer.content.decode()
