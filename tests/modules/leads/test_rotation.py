"""Leads that come without an assignee go by turns."""

from collections import Counter

import pytest

from backend.core.actor import Actor
from backend.modules.identity import actions as identity
from backend.modules.identity.actions import users
from backend.modules.leads import actions as leads
from backend.modules.leads.actions import settings
from backend.modules.leads.models import Lead, Rotation
from backend.modules.ledger.models import Entry
from tests import make, people
from tests.test_parallel import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def here(ours) -> Actor:
    return Actor.system(ours.pk)


@pytest.fixture
def shared_out(here):
    """Leads go by turns to everybody with the role sales."""
    return settings.change(here, round_robin=True)


@pytest.fixture
def team(ours):
    return [people.person(f"seller{number}", ours, "sales") for number in range(3)]


def ids(team) -> list[int]:
    return [who.user.pk for who in team]


def come_in(actor: Actor, number: int) -> list[int | None]:
    """Whose so many leads become, one after the other, each of a client of its own."""
    found = [make.contact(actor) for _ in range(number)]
    return [leads.receive(actor, each.pk, channel="web", text="").assigned_to_id for each in found]


class TestTurns:
    def test_go_round_everybody_with_the_role_sales(self, here, shared_out, team, alice, carla, dario):
        assert come_in(here, 7) == [*ids(team), *ids(team), ids(team)[0]]

    def test_go_round_the_participants_that_were_chosen(self, here, team, alice, carla):
        settings.change(here, round_robin=True, round_robin_members=[carla.user.pk, team[1].user.pk])
        assert come_in(here, 4) == sorted([carla.user.pk, team[1].user.pk]) * 2

    def test_are_not_taken_where_leads_are_not_shared_out(self, here, team):
        assert come_in(here, 2) == [None, None]
        assert not Rotation.objects.of(here).exists()

    def test_lead_to_nobody_where_nobody_takes_part(self, here, shared_out, carla):
        assert come_in(here, 2) == [None, None]

    def test_pass_over_who_is_inactive_and_who_has_left(self, here, shared_out, team):
        first, second, third = ids(team)
        assert come_in(here, 1) == [first]
        identity.set_active(here, second, is_active=False)
        assert come_in(here, 3) == [third, first, third]
        identity.set_active(here, second, is_active=True)
        users.delete(here, third)
        assert come_in(here, 3) == [first, second, first]

    def test_pass_over_a_chosen_participant_who_has_left(self, here, team):
        settings.change(here, round_robin=True, round_robin_members=ids(team))
        users.delete(here, ids(team)[0])
        assert come_in(here, 3) == [ids(team)[1], ids(team)[2], ids(team)[1]]
        users.delete(here, ids(team)[1])
        users.delete(here, ids(team)[2])
        assert come_in(here, 1) == [None]

    def test_let_in_who_joins(self, ours, here, shared_out, team):
        come_in(here, 3)
        late = people.person("late", ours, "sales")
        assert come_in(here, 2) == [late.user.pk, ids(team)[0]]

    def test_are_each_workspace_s_own(self, theirs, here, shared_out, team, bob):
        there = Actor.system(theirs.pk)
        settings.change(there, round_robin=True)
        seller = people.person("their-seller", theirs, "sales")
        come_in(here, 1)
        assert come_in(there, 2) == [seller.user.pk] * 2
        assert come_in(here, 1) == [ids(team)[1]]

    def test_do_not_count_for_what_is_refused(self, here, shared_out, team, carla):
        assert carla.post("/leads", {"client_id": 0}).status_code == 422
        assert carla.post("/leads", {"client_id": 999_999}).status_code == 422
        assert come_in(here, 1) == [ids(team)[0]]

    def test_stand_in_the_ledger_as_assignments_and_not_as_turns(self, here, shared_out, team):
        come_in(here, 3)
        assert Entry.objects.of(here).filter(table="lead_rotations").count() == 1  # that there is one
        created = Entry.objects.of(here).filter(table="leads", verb="lead.created").order_by("id")
        assert [entry.new["assigned_to_id"] for entry in created] == ids(team)


class TestALeadThatSomebodyAdds:
    """`POST /leads`."""

    @pytest.fixture
    def add(self, shared_out, team, alice):
        client_id = make.contact(alice.actor).pk

        def add(who, **fields) -> int | None:
            answer = who.post("/leads", {"client_id": client_id} | fields)
            assert answer.status_code == 201, answer.content
            return answer.json()["assigned_to"]

        return add

    def test_without_an_assignee_goes_by_turns(self, add, carla, team):
        assert [add(carla), add(carla)] == ids(team)[:2]

    def test_for_nobody_stays_nobody_s_and_takes_no_turn(self, add, carla, team):
        assert [add(carla, assigned_to=None), add(carla)] == [None, ids(team)[0]]

    def test_for_somebody_is_theirs_and_takes_no_turn(self, add, carla, team):
        assert [add(carla, assigned_to=team[2].user.pk), add(carla)] == [team[2].user.pk, ids(team)[0]]

    def test_by_a_salesperson_is_their_own_and_takes_no_turn(self, add, carla, team):
        assert [add(team[1]), add(carla)] == [ids(team)[1], ids(team)[0]]


@pytest.mark.parallel
@pytest.mark.django_db(transaction=True)
class TestAHundredAtOnce:
    @pytest.fixture
    def five(self, ours):
        return ids([people.person(f"seller{number}", ours, "sales") for number in range(5)])

    def test_over_five_people_are_twenty_each(self, here, shared_out, five):
        clients = [make.contact(here).pk for _ in range(100)]
        at_once(100, lambda which: leads.receive(here, clients[which], channel="web", text=""))
        assert Counter(Lead.objects.of(here).values_list("assigned_to_id", flat=True)) == dict.fromkeys(five, 20)

    def test_added_and_received_for_the_same_clients_do_not_block_each_other(self, here, shared_out, five, carla):
        """Who adds a lead has the turn and then refers to the client; who receives has the client, then the turn."""
        clients = [make.contact(here).pk for _ in range(3)]

        def come(which: int) -> None:
            client_id = clients[which % 3]
            if which % 2:
                leads.create(here, contact_id=client_id, channel="manual")
            else:
                leads.receive(here, client_id, channel="web", text="")

        at_once(60, come)
        counts = Counter(Lead.objects.of(here).values_list("assigned_to_id", flat=True))
        assert 30 <= sum(counts.values()) <= 33
        assert max(counts.values()) - min(counts.values()) <= 1
