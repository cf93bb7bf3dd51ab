"""What people were told, over REST: `/api/notifications/`."""

import pytest

from backend.modules.notifications.kinds import KINDS
from tests import make, people

pytestmark = pytest.mark.django_db

ROOM = "/api/notifications/"
PREFERENCES = f"{ROOM}preferences/"


def ids(answer) -> list[int]:
    return [each["id"] for each in answer.json()["results"]]


class TestTheList:
    def test_has_one_s_own_the_newest_first_and_says_how_many_are_unread(self, bob, carla):
        first, second = make.notification(bob.actor, name="Ana"), make.notification(bob.actor, name="Eva")
        make.notification(carla.actor)
        bob.post(f"{ROOM}{first.pk}/read/")
        answer = bob.get(ROOM)
        body = answer.json()
        assert (body["count"], body["unread"], ids(answer)) == (2, 1, [second.pk, first.pk])
        row = body["results"][0]
        assert row["title"] == "somebody assigned the contact Eva to you"
        assert (row["kind"], row["subject"], row["read_at"]) == ("assignment", None, None)
        assert row.keys() == {"id", "kind", "title", "text", "subject", "created_at", "read_at"}

    def test_is_narrowed_to_the_unread_or_the_read(self, bob):
        read, unread = make.notification(bob.actor), make.notification(bob.actor)
        bob.post(f"{ROOM}{read.pk}/read/")
        assert ids(bob.get(f"{ROOM}?unread=true")) == [unread.pk]
        assert ids(bob.get(f"{ROOM}?unread=false")) == [read.pk]
        assert bob.get(f"{ROOM}?unread=true").json()["unread"] == bob.get(f"{ROOM}?unread=false").json()["unread"] == 1

    def test_comes_in_pages_at_a_fixed_cost(self, alice, counted):
        for _ in range(3):
            make.notification(alice.actor)
        page = alice.get(f"{ROOM}?page_size=2").json()
        assert (len(page["results"]), page["count"], page["next"] is not None) == (2, 3, True)
        counted(f"{ROOM}?page_size=3", 4)

    def test_is_of_the_workspace_that_one_is_in(self, bob, theirs):
        make.notification(bob.actor)
        people.join(bob, theirs, "sales")
        assert people.Person(bob.user, theirs).get(ROOM).json()["count"] == 0


class TestOne:
    def test_is_its_reader_s_alone(self, bob, carla, stranger):
        told = make.notification(bob.actor)
        assert bob.get(f"{ROOM}{told.pk}/").json()["id"] == told.pk
        for who in (carla, stranger):
            for answer in (who.get(f"{ROOM}{told.pk}/"), who.post(f"{ROOM}{told.pk}/read/")):
                assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")

    def test_is_read_once_and_keeps_the_moment(self, bob):
        told = make.notification(bob.actor)
        first, second = (bob.post(f"{ROOM}{told.pk}/read/") for _ in range(2))
        assert (first.status_code, first.json()["read_at"] is None) == (200, False)
        assert second.json() == first.json()
        assert bob.get(f"{ROOM}{told.pk}/")["ETag"] == first["ETag"]

    def test_is_not_marked_on_a_version_that_is_gone(self, bob):
        told = make.notification(bob.actor)
        bob.post(f"{ROOM}{told.pk}/read/")
        assert bob.post(f"{ROOM}{told.pk}/read/", If_Match='"1"').status_code == 412


class TestReadingAll:
    def test_takes_the_newest_that_was_seen(self, bob, carla):
        seen, later = make.notification(bob.actor), make.notification(bob.actor)
        make.notification(carla.actor)
        assert bob.post(f"{ROOM}read/", {"up_to": seen.pk}).json() == {"read": 1}
        assert ids(bob.get(f"{ROOM}?unread=true")) == [later.pk]
        assert bob.post(f"{ROOM}read/", {}).json() == {"read": 1}
        assert carla.get(ROOM).json()["unread"] == 1

    @pytest.mark.parametrize("up_to", ["x", -1, 2**63, [1]])
    def test_names_what_is_wrong_with_it(self, bob, up_to):
        answer = bob.post(f"{ROOM}read/", {"up_to": up_to})
        assert (answer.status_code, list(answer.json()["error"]["details"])) == (400, ["up_to"])


class TestThePreferences:
    def test_are_those_of_the_catalogue_until_something_is_chosen(self, bob):
        body = bob.get(PREFERENCES).json()
        assert body["language"] is None
        assert body["kinds"][0] == {
            "kind": "assignment",
            "title": "Me asignan un contacto, oportunidad o lead",
            "email": True,
            "in_app": True,
        }
        assert [each["kind"] for each in body["kinds"]] == list(KINDS)

    def test_are_changed_in_part_and_named_in_the_language_that_was_chosen(self, bob, carla):
        bob.patch(PREFERENCES, {"kinds": [{"kind": "export_ready", "in_app": False}]})
        body = bob.patch(PREFERENCES, {"language": "en", "kinds": [{"kind": "export_ready", "email": False}]}).json()
        assert body["language"] == "en"
        assert body["kinds"][1] == {
            "kind": "export_ready",
            "title": "My export is ready",
            "email": False,
            "in_app": False,
        }
        assert body["kinds"][0]["email"] is True
        assert bob.get(PREFERENCES).json() == body
        assert carla.get(PREFERENCES).json()["language"] is None

    def test_take_back_what_they_gave(self, bob):
        bob.patch(PREFERENCES, {"language": "en"})
        given = bob.get(PREFERENCES).json()
        assert bob.patch(PREFERENCES, given).json() == given
        assert bob.patch(PREFERENCES, {"language": None}).json()["language"] is None

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"language": "fr"}, "language"),
            ({"kinds": [{"kind": "rumour"}]}, "kinds"),
            ({"kinds": [{"email": True}]}, "kinds"),
            ({"kinds": [{"kind": "assignment", "sms": True}]}, "kinds"),
            ({"colour": "red"}, "colour"),
        ],
    )
    def test_name_what_is_wrong_with_them(self, bob, body, field):
        answer = bob.patch(PREFERENCES, body)
        assert answer.status_code == 400
        assert next(iter(answer.json()["error"]["details"])).startswith(field)
        assert bob.get(PREFERENCES).json()["language"] is None


class TestAKey:
    def test_has_no_notifications(self, alice, client):
        _, text = make.api_key(alice.actor)
        for path in (ROOM, PREFERENCES):
            answer = client.get(path, headers={"Authorization": f"Bearer {text}"})
            assert (answer.status_code, answer.json()["error"]["code"]) == (403, "permission_denied")
