"""GET /api/users/: pages, searching."""

import pytest

from tests import people, stored
from tests.dialects.urbany.entering import details, error
from tests.dialects.urbany.governing import DENIED, MALFORMED, USERS
from tests.dialects.urbany.test_users import SHOWN

pytestmark = pytest.mark.django_db

SEARCHED = [
    "ñandú", "NANDU", "Ñan", "pérez", "PEREZ ñandú", "juan.p", "juan.perez@correo.pe", "JUAN", "jp", "+51 987 654 321",
    "987-654-321", "51987654321", "987654",
]  # fmt: skip


@pytest.fixture
def juan(ours):
    """Somebody who is found by name, address, user name and phone."""
    juan = people.person("jperez", ours, "user")
    juan.user.first_name, juan.user.last_name = "Ñandú", "Pérez"
    juan.user.email, juan.user.phone = "juan.perez@correo.pe", "+51 987 654 321"
    people.writing(ours.pk, juan.user.save)
    return juan


@pytest.fixture
def many(ours, alice):
    return [people.person(f"user{number:02}", ours, "user", "sales") for number in range(24)]


def ids(answer):
    assert answer.status_code == 200, answer.content
    return [row["id"] for row in answer.json()["results"]]


class TestAPage:
    def test_has_count_next_previous_and_results(self, alice, bob):
        page = alice.get(USERS).json()
        assert list(page) == ["count", "next", "previous", "results"]
        assert (page["count"], page["next"], page["previous"]) == (2, None, None)
        assert [list(row) for row in page["results"]] == [SHOWN, SHOWN]

    def test_has_the_users_of_the_workspace_by_user_name(self, alice, dario, bob, stranger):
        page = alice.get(USERS).json()
        assert [row["email"] for row in page["results"]] == [
            "alice@example.com", "bob@example.com", "dario@example.com",
        ]  # fmt: skip
        assert [row["role"] for row in page["results"]] == ["admin", "sales", "user"]

    def test_shows_the_inactive_as_well(self, alice, bob):
        alice.patch(f"{USERS}{bob.user.pk}/", {"is_active": False})
        assert [row["is_active"] for row in alice.get(USERS).json()["results"]] == [True, False]

    def test_has_twenty_rows_and_the_addresses_of_its_neighbours(self, alice, many):
        first, second = alice.get(USERS).json(), alice.get(f"{USERS}?page=2").json()
        assert (first["count"], len(first["results"]), len(second["results"])) == (25, 20, 5)
        assert (first["next"], first["previous"]) == ("http://testserver/api/users/?page=2", None)
        assert (second["next"], second["previous"]) == (None, "http://testserver/api/users/")

    def test_keeps_search_and_size_in_the_addresses(self, alice, many):
        page = alice.get(f"{USERS}?search=user&page_size=10&page=2").json()
        assert page["next"] == "http://testserver/api/users/?search=user&page_size=10&page=3"
        assert page["previous"] == "http://testserver/api/users/?search=user&page_size=10"

    def test_follows_the_addresses_to_every_user_once(self, alice, many):
        found, address = [], f"{USERS}?page_size=7"
        while address:
            page = alice.get(address)
            found += ids(page)
            address = page.json()["next"]
        assert sorted(found) == sorted([alice.user.pk, *(each.user.pk for each in many)])

    @pytest.mark.parametrize("page", ["2", "0", "-1", "x", "1.5", "", "9223372036854775807", "9" * 40, "١"])
    def test_that_is_not_there_is_404(self, alice, page):
        assert error(alice.get(f"{USERS}?page={page}")) == (404, "La página no existe")

    @pytest.mark.parametrize("size", ["0", "101", "-1", "x", "", "9" * 40])
    def test_of_a_size_that_is_none_is_400(self, alice, size):
        answer = alice.get(f"{USERS}?page_size={size}")
        assert (list(details(answer)), answer.json()["error"]) == (["page_size"], MALFORMED)

    def test_may_have_a_hundred_rows(self, alice, many):
        assert len(ids(alice.get(f"{USERS}?page_size=100"))) == 25

    def test_says_when_it_stopped_counting(self, alice, many, settings):
        settings.COUNT_BOUND = 10
        answer = alice.get(USERS)
        assert (answer.json()["count"], answer["X-Count-Exact"]) == (20, "false")

    @pytest.mark.parametrize("number", [1, 15])
    def test_costs_the_same_queries_however_many_there_are(self, ours, counted, number):
        for which in range(number):
            people.person(f"user{which}", ours, "sales", "user")
        counted(USERS, queries=4)
        counted(f"{USERS}?search=user", queries=4)

    @pytest.mark.parametrize("name", ["bob", "carla", "dario"])
    def test_is_refused_without_the_permission(self, request, name):
        person = request.getfixturevalue(name)
        with stored.nothing_written():
            assert error(person.get(USERS)) == (403, DENIED)


class TestASearch:
    @pytest.mark.parametrize("term", SEARCHED)
    def test_finds_by_name_address_user_name_and_phone(self, alice, bob, juan, term):
        assert ids(alice.get(USERS + "?search=" + term.replace("+", "%2B"))) == [juan.user.pk]

    def test_wants_every_word(self, alice, juan):
        assert ids(alice.get(f"{USERS}?search=ñandú gómez")) == []

    @pytest.mark.parametrize("term", ["%", "_", "'; --", '"', "*", "OR", "ñandú' OR '1'='1", "\\"])
    def test_takes_signs_as_signs(self, alice, juan, term):
        assert ids(alice.get(f"{USERS}?search={term.replace('%', '%25')}")) == []

    @pytest.mark.parametrize("term", ["", " ", "%20%20"])
    def test_for_nothing_is_the_whole_list(self, alice, juan, term):
        assert len(ids(alice.get(f"{USERS}?search={term}"))) == 2

    def test_without_a_match_is_one_empty_page(self, alice):
        assert alice.get(f"{USERS}?search=nobody").json() == {"count": 0, "next": None, "previous": None, "results": []}
        assert alice.get(f"{USERS}?search=nobody&page=2").status_code == 404

    def test_follows_every_change(self, alice, juan):
        alice.patch(f"{USERS}{juan.user.pk}/", {"last_name": "Huamán", "phone": "999 111 222"})
        assert ids(alice.get(f"{USERS}?search=perez")) == [juan.user.pk]  # by the address
        assert ids(alice.get(f"{USERS}?search=huaman")) == ids(alice.get(f"{USERS}?search=999111222")) == [juan.user.pk]
        assert ids(alice.get(f"{USERS}?search=987654321")) == []

    def test_finds_nobody_who_was_deleted_and_nobody_of_another_workspace(self, alice, stranger, juan):
        assert ids(stranger.get(f"{USERS}?search=ñandú")) == []
        alice.delete(f"{USERS}{juan.user.pk}/")
        assert ids(alice.get(f"{USERS}?search=ñandú")) == []

    @pytest.mark.parametrize("term", ["a%00b", "x" * 201])
    def test_for_what_nobody_could_be_called_is_400(self, alice, term):
        assert list(details(alice.get(f"{USERS}?search={term}"))) == ["search"]
