"""Full-text search over clients and leads."""

import pytest

from backend.modules.contacts import actions as contacts
from backend.modules.leads import actions as leads
from backend.modules.leads.finding import EXCERPT, excerpt

pytestmark = pytest.mark.django_db


def client(who, name: str, **fields) -> int:
    first, _, last = name.partition(" ")
    return contacts.create(who.actor, first_name=first, last_name=last, **fields).pk


def found(who, term: str, **query) -> list[tuple[str, str]]:
    answer = who.client.get("/leads/search", {"q": term} | query, headers={"Authorization": f"Bearer {who.token}"})
    assert answer.status_code == 200, answer.content
    return [(each["type"], each["client_name"]) for each in answer.json()]


@pytest.fixture
def people(alice) -> dict[str, int]:
    return {
        "whole": client(alice, "Ana Peña", phone="+51 987 654 321"),
        "begins": client(alice, "Ana María Peñaloza"),
        "inside": client(alice, "Luana Lapeña"),
        "notes": client(alice, "Juan Soto", notes="Recommended by Ana Peña"),
    }


class TestWhatIsFound:
    def test_by_the_whole_name_comes_first_then_by_beginnings_then_inside_then_in_notes(self, alice, people):
        names = ["Ana Peña", "Ana María Peñaloza", "Luana Lapeña", "Juan Soto"]
        assert found(alice, "ANA pena") == [("client", name) for name in names]

    def test_are_clients_and_leads_together(self, alice, people):
        leads.create(alice.actor, contact_id=people["notes"], channel="web", sales_notes="Wants a QUOTE for a kitchen")
        assert found(alice, "quote kitchen") == [("lead", "Juan Soto")]
        assert found(alice, "soto") == [("client", "Juan Soto"), ("lead", "Juan Soto")]

    def test_has_the_digits_of_a_phone(self, alice, people):
        assert found(alice, "987-654-321") == [("client", "Ana Peña")]

    def test_are_of_somebody_else_s_leads_none(self, alice, bob, people):
        leads.create(alice.actor, contact_id=people["whole"], channel="web", assigned_to_id=alice.user.pk)
        leads.create(alice.actor, contact_id=people["begins"], channel="web", assigned_to_id=bob.user.pk)
        assert [each for each in found(bob, "ana") if each[0] == "lead"] == [("lead", "Ana María Peñaloza")]

    def test_is_of_another_workspace_nothing(self, stranger, people):
        assert found(stranger, "ana") == []

    def test_comes_in_parts(self, alice, people):
        whole = found(alice, "ana")
        parts = [found(alice, "ana", skip=skip, limit=2) for skip in (0, 2)]
        assert parts[0] + parts[1] == whole


class TestAnExcerpt:
    def test_surrounds_the_first_word_that_is_in_it(self):
        text = "x " * 200 + "un BAÑO nuevo" + " y" * 200
        part = excerpt(text, "bano")
        assert "BAÑO nuevo" in part
        assert part.startswith("…")
        assert part.endswith("…")
        assert len(part) <= EXCERPT + 2

    def test_is_empty_of_what_has_no_word(self):
        assert excerpt("nothing here", "bano") == ""
