"""GET /api/contratos/: pages, searching, filters, orderings."""

from urllib.parse import quote

import pytest

from tests import make, people, stored
from tests.dialects.urbany.contracting import CONTRACTS, ROW, created, titles
from tests.dialects.urbany.entering import details, error
from tests.dialects.urbany.governing import DENIED, MALFORMED

pytestmark = pytest.mark.django_db

ORDERED = {
    "id": ["Casa", "Oficina", "Ático"],
    "contract_number": ["Casa", "Oficina", "Ático"],
    "created_at": ["Casa", "Oficina", "Ático"],
    "updated_at": ["Casa", "Oficina", "Ático"],
    "contract_type": ["Oficina", "Ático", "Casa"],  # lease, rent, sale
    "status": ["Oficina", "Ático", "Casa"],  # draft, active, signed
    "priority": ["Casa", "Oficina", "Ático"],  # low, high, urgent
    "client_name": ["Ático", "Casa", "Oficina"],
    "contract_value": ["Oficina", "Ático", "Casa"],
    "commission_rate": ["Ático", "Casa", "Oficina"],
    "commission_amount": ["Ático", "Oficina", "Casa"],
    "start_date": ["Oficina", "Casa", "Ático"],
    "end_date": ["Casa", "Oficina", "Ático"],
}


@pytest.fixture
def three(alice):
    created(
        alice, title="Casa", contract_type="Sale", status="Signed", signed_date="2026-01-10", priority="Low",
        client_name="Bruno", contract_value="2500000", commission_rate="3.5", start_date="2026-01-05",
        end_date="2026-06-01",
    )  # fmt: skip
    created(
        alice, title="Oficina", contract_type="Lease", status="Draft", priority="High", client_name="Carla",
        contract_value="900", commission_rate="10", start_date="2026-01-01", end_date="2026-07-01",
    )  # fmt: skip
    created(
        alice, title="Ático", contract_type="Rent", status="Active", priority="Urgent", client_name="Ana",
        contract_value="1000", commission_rate="0.5",
    )  # fmt: skip


def found(who, query=""):
    return titles(who.get(f"{CONTRACTS}?{query}"))


class TestAPage:
    def test_has_count_next_previous_and_rows_newest_first(self, alice, three):
        page = alice.get(CONTRACTS).json()
        assert list(page) == ["count", "next", "previous", "results"]
        assert (page["count"], page["next"], page["previous"]) == (3, None, None)
        assert [list(row) for row in page["results"]] == [ROW] * 3
        assert [row["title"] for row in page["results"]] == ["Ático", "Oficina", "Casa"]

    def test_of_none_is_empty(self, alice):
        assert alice.get(CONTRACTS).json() == {"count": 0, "next": None, "previous": None, "results": []}

    def test_keeps_what_was_asked_for_in_the_addresses_of_its_neighbours(self, alice):
        for number in range(5):
            make.contract(alice.actor, title=f"Casa {number}", status="active")
        page = alice.get(f"{CONTRACTS}?search=casa&status=Active&page_size=2&page=2").json()
        assert page["count"] == 5
        assert page["next"] == f"http://testserver{CONTRACTS}?search=casa&status=Active&page_size=2&page=3"
        assert page["previous"] == f"http://testserver{CONTRACTS}?search=casa&status=Active&page_size=2"

    @pytest.mark.parametrize("page", ["2", "0", "-1", "x", "9" * 40])
    def test_that_is_not_there_is_404(self, alice, three, page):
        assert error(alice.get(f"{CONTRACTS}?page={page}")) == (404, "La página no existe")

    @pytest.mark.parametrize("size", ["0", "101", "-1", "x"])
    def test_of_a_size_that_is_none_is_400(self, alice, size):
        assert list(details(alice.get(f"{CONTRACTS}?page_size={size}"))) == ["page_size"]

    @pytest.mark.parametrize("number", [1, 15])
    def test_costs_the_same_queries_however_many_there_are(self, alice, bob, counted, number):
        for which in range(number):
            deal = make.opportunity(alice.actor, contact_id=make.contact(alice.actor).pk)
            make.contract((alice, bob)[which % 2].actor, contact_id=deal.contact_id, opportunity_id=deal.pk)
        counted(CONTRACTS, queries=3)
        counted(f"{CONTRACTS}?search=lease&status=Draft&ordering=end_date", queries=3)

    def test_is_refused_without_the_permission(self, ours):
        nobody = people.person("nadie", ours)
        with stored.nothing_written():
            assert error(nobody.get(CONTRACTS)) == (403, DENIED)


class TestASearch:
    TERMS = [
        "ñandú", "NANDU", "casa ñan", "Pérez", "PEREZ juan", "Av. José Olaya", "olaya 123", "juan@correo.pe",
        "987 654", "+51 987-654-321",
    ]  # fmt: skip

    @pytest.fixture
    def house(self, alice, three):
        return created(
            alice, title="Casa Ñandú", client_name="Juan Pérez", client_email="juan@correo.pe",
            client_phone="+51 987 654 321", property_address="Av. José Olaya 123, Lima",
        )  # fmt: skip

    @pytest.mark.parametrize("term", TERMS)
    def test_finds_by_title_client_and_address_without_regard_to_case_and_accents(self, alice, house, term):
        assert found(alice, f"search={quote(term)}") == ["Casa Ñandú"]

    def test_finds_by_number(self, alice, house):
        for term in (house["contract_number"], house["contract_number"].lower()):
            assert found(alice, f"search={term}") == ["Casa Ñandú"]

    def test_follows_every_change(self, alice, house):
        alice.put(f"{CONTRACTS}{house['id']}/", {"property_address": "Calle Los Olivos", "client_phone": None})
        assert found(alice, "search=olivos") == ["Casa Ñandú"]
        assert found(alice, "search=olaya") == found(alice, "search=987654321") == []

    @pytest.mark.parametrize("term", ["%", "_", "'; --", '"', "*", "OR", "\\", "casa nada"])
    def test_takes_signs_as_signs_and_wants_every_word(self, alice, house, term):
        assert found(alice, f"search={quote(term)}") == []

    def test_for_nothing_is_the_whole_list(self, alice, house):
        assert len(found(alice, "search=%20")) == len(found(alice, "search=")) == 4

    @pytest.mark.parametrize("term", ["a%00b", "x" * 201])
    def test_for_what_no_contract_could_have_is_400(self, alice, term):
        assert list(details(alice.get(f"{CONTRACTS}?search={term}"))) == ["search"]


class TestAFilter:
    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("contract_type=Sale", ["Casa"]),
            ("contract_type=Management", []),
            ("status=Draft", ["Oficina"]),
            ("status=Expired", []),
            ("priority=Urgent", ["Ático"]),
            ("status=Active&priority=Urgent&contract_type=Rent&search=atico", ["Ático"]),
            ("status=Active&priority=Low", []),
        ],
    )
    def test_leaves_what_has_it(self, alice, three, query, expected):
        assert found(alice, query) == expected
        assert alice.get(f"{CONTRACTS}?{query}").json()["count"] == len(expected)

    @pytest.mark.parametrize("name", ["contract_type", "status", "priority"])
    @pytest.mark.parametrize("word", ["", "nada", "draft", "low", "sale", "1"])
    def test_of_an_unknown_word_is_400(self, alice, name, word):
        answer = alice.get(f"{CONTRACTS}?{name}={word}")
        assert (list(details(answer)), answer.json()["error"]) == ([name], MALFORMED)


class TestAnOrdering:
    @pytest.mark.parametrize("name", ORDERED)
    def test_is_by_the_word_up_and_down(self, alice, three, name):
        assert found(alice, f"ordering={name}") == ORDERED[name]
        empty_last = ["Ático"] if name in ("start_date", "end_date") else []
        filled = [title for title in ORDERED[name] if title not in empty_last]
        assert found(alice, f"ordering=-{name}") == filled[::-1] + empty_last

    def test_by_title_and_by_signature(self, alice, three):
        assert set(found(alice, "ordering=title")) == set(found(alice, "ordering=-title")) == set(ORDERED["id"])
        assert found(alice, "ordering=title")[:2] == ["Casa", "Oficina"]  # where Á goes is the database's
        assert found(alice, "ordering=signed_date")[0] == found(alice, "ordering=-signed_date")[0] == "Casa"

    def test_of_several_goes_by_the_first_first(self, alice, three):
        created(alice, title="Otra", contract_type="Sale", contract_value="1")
        assert found(alice, "ordering=-contract_type,contract_value")[:2] == ["Otra", "Casa"]

    @pytest.mark.parametrize("name", ["nada", "kind", "value", "--id", "agent", "search_text", "terms", "id,nada"])
    def test_by_an_unknown_word_is_400(self, alice, name):
        assert list(details(alice.get(f"{CONTRACTS}?ordering={name}"))) == ["ordering"]
