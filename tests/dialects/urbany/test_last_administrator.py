"""No workspace is left without an active administrator, whatever is done to them, and by how many at once."""

import threading
from collections import Counter

import pytest
from django.test import Client

from backend.core import permissions
from backend.core.actor import Actor
from backend.modules.identity.models import MembershipRole
from tests import make, people, stored
from tests.dialects.urbany import governing
from tests.dialects.urbany.entering import error
from tests.dialects.urbany.governing import LAST_ADMINISTRATOR, OWN_RIGHTS
from tests.test_parallel import at_once

pytestmark = pytest.mark.django_db

ROUNDS = 12
WAYS = ["by a role", "by another role assigned", "by is_active", "by deletion"]
ways = pytest.mark.parametrize("way", WAYS)


@pytest.fixture
def deputy(ours):
    """May do all that an administrator may, by a role of the workspace's own."""
    return people.person_holding(ours, *permissions.catalogue)


def take_away(place, token, user_id, way):
    """The answer to one of the calls after which a user is no administrator any more."""
    bearer, path = {"Authorization": f"Bearer {token}"}, f"{governing.USERS}{user_id}/"
    method, path, body = {
        "by a role": ("put", path, {"role": "sales"}),
        "by another role assigned": ("post", f"{path}assign-role/", {"role_id": governing.role(place, "sales")}),
        "by is_active": ("patch", path, {"is_active": False}),
        "by deletion": ("delete", path, None),
    }[way]
    return getattr(Client(), method)(path, body, content_type="application/json", headers=bearer)


def administrators(place) -> int:
    held = MembershipRole.objects.of(Actor.system(place.pk)).filter(role__key="admin")
    return held.filter(membership__is_active=True, membership__user__is_active=True).count()


@ways
class TestTheLastAdministrator:
    def test_stays_one(self, ours, alice, deputy, way):
        before = stored.of_workspace(ours.pk)
        answer = take_away(ours, deputy.token, alice.user.pk, way)
        assert error(answer) == (409, LAST_ADMINISTRATOR)
        assert stored.of_workspace(ours.pk) == before
        assert alice.get("/api/users/").status_code == 200

    def test_does_not_end_it_themselves(self, ours, alice, way):
        with stored.nothing_written():
            assert error(take_away(ours, alice.token, alice.user.pk, way)) == (403, OWN_RIGHTS)

    def test_is_the_last_if_the_other_is_inactive(self, ours, alice, deputy, way):
        zoe = people.person("zoe", ours, "admin")
        alice.patch(governing.user(zoe), {"is_active": False})
        assert error(take_away(ours, deputy.token, alice.user.pk, way)) == (409, LAST_ADMINISTRATOR)

    def test_is_the_last_if_the_other_administers_another_workspace(self, ours, alice, deputy, stranger, way):
        assert error(take_away(ours, deputy.token, alice.user.pk, way)) == (409, LAST_ADMINISTRATOR)

    def test_is_the_last_if_the_other_is_shut_out_everywhere(self, ours, alice, deputy, way):
        zoe = people.person("zoe", ours, "admin")
        zoe.user.is_active = False
        people.writing(ours.pk, zoe.user.save)
        assert error(take_away(ours, deputy.token, alice.user.pk, way)) == (409, LAST_ADMINISTRATOR)

    def test_may_go_once_there_is_another(self, ours, alice, deputy, way):
        people.person("zoe", ours, "admin")
        assert take_away(ours, deputy.token, alice.user.pk, way).status_code in (200, 204)
        assert administrators(ours) == 1


class TestTheRule:
    def test_leaves_everybody_else_alone(self, alice, bob, ours):
        for way in WAYS:
            assert take_away(ours, alice.token, bob.user.pk, way).status_code in (200, 204)

    def test_lets_a_role_be_added_before_one_is_taken(self, alice, deputy, ours, dario):
        assert deputy.patch(governing.user(dario), {"role": "admin"}).status_code == 200
        assert deputy.patch(governing.user(alice), {"role": "admin"}).status_code == 200
        assert take_away(ours, deputy.token, alice.user.pk, "by a role").status_code == 200

    def test_leaves_the_rest_of_a_refused_change_undone(self, alice, deputy):
        body = {"first_name": "Alicia", "phone": "1", "is_active": False}
        assert error(deputy.patch(governing.user(alice), body)) == (409, LAST_ADMINISTRATOR)
        assert alice.get(governing.user(alice)).json()["first_name"] == "Alice"


@pytest.mark.parallel
@pytest.mark.django_db(transaction=True)
class TestTwoAdministratorsAtOnce:
    """Each takes the other's rights away at the same moment: one of them does."""

    def pair(self, place, which):
        return [people.person(f"admin{which}{side}", place, "admin") for side in "ab"]

    def demote_each_other(self, place, pair, ways):
        """Both answers."""
        tokens, ready = [person.token for person in pair], threading.Barrier(2)

        def demote(side):
            ready.wait(20)
            return take_away(place, tokens[side], pair[1 - side].user.pk, ways[side])

        return at_once(2, demote)

    @ways
    def test_leave_exactly_one(self, ours, way):
        self.rounds(ours, [(way, way)] * ROUNDS)

    def test_leave_exactly_one_in_different_ways(self, ours):
        self.rounds(ours, [(one, other) for one in WAYS for other in WAYS if one != other])

    def rounds(self, place, each_round):
        seen: Counter[int] = Counter()
        for which, ways_of_round in enumerate(each_round):
            pair = self.pair(place, which)
            answers = self.demote_each_other(place, pair, ways_of_round)
            seen.update(answer.status_code for answer in answers)
            assert administrators(place) == 1, [answer.content for answer in answers]
            self.make_way(place)
        done = seen[200] + seen[204]
        assert done == len(each_round), seen
        # The other is refused by the rule, or knocks when they have no rights, no token or no colleague any more.
        assert seen.keys() <= {200, 204, 401, 403, 404, 409}, seen

    def make_way(self, place):
        """Leave nobody for the next round."""
        people.writing(place.pk, lambda: MembershipRole.objects.of(Actor.system(place.pk)).delete())

    def test_and_many_more_leave_exactly_one(self, ours):
        crowd = [people.person(f"admin{number}", ours, "admin") for number in range(6)]
        tokens = [person.token for person in crowd]
        answers = at_once(
            36,
            lambda which: take_away(
                ours, tokens[which % 6], crowd[(which + 1 + which // 6) % 6].user.pk, WAYS[which % len(WAYS)]
            ),
        )
        assert administrators(ours) >= 1
        assert {answer.status_code for answer in answers} <= {200, 204, 401, 403, 404, 409}

    def test_of_two_workspaces_may_demote_each_other_once_in_each(self, ours, theirs, alice, stranger):
        pair = self.pair(ours, 0)
        for person in pair:
            people.join(person, theirs, "admin")
        places = [ours, theirs]
        tokens = [people.Person(person.user, place).token for person, place in zip(pair, places, strict=True)]
        for way in WAYS[:2]:
            answers = at_once(
                2, lambda side, way=way: take_away(places[side], tokens[side], pair[1 - side].user.pk, way)
            )
            assert [answer.status_code for answer in answers] == [200, 200]
        assert (administrators(ours), administrators(theirs)) == (2, 2)

    def test_change_each_other_s_names_without_a_deadlock(self, ours):
        pair = self.pair(ours, 0)
        tokens = [person.token for person in pair]

        def rename(which):
            bearer, other = {"Authorization": f"Bearer {tokens[which % 2]}"}, pair[1 - which % 2]
            body = {"first_name": f"Name {which}", "email": f"{other.user.username}.{which}@example.com"}
            path = governing.user(other)
            return Client().patch(path, body, content_type="application/json", headers=bearer).status_code

        assert set(at_once(40, rename)) == {200}


@pytest.mark.parallel
@pytest.mark.django_db(transaction=True)
class TestARole:
    def test_that_is_assigned_while_it_is_deleted_is_one_or_the_other(self, ours, alice):
        token = alice.token
        for which in range(ROUNDS):
            person = people.person(f"eva{which}", ours)
            role = make.role(alice.actor, name=f"Rol {which}")
            calls = [
                ("post", f"{governing.user(person)}assign-role/", {"role_id": role.pk}),
                ("delete", f"{governing.ROLES}{role.pk}/", None),
            ]

            def send(side, calls=calls):
                method, path, body = calls[side]
                bearer = {"Authorization": f"Bearer {token}"}
                return getattr(Client(), method)(path, body, content_type="application/json", headers=bearer)

            assigned, deleted = (answer.status_code for answer in at_once(2, send))
            assert (assigned, deleted) in {(200, 400), (200, 409), (400, 204), (409, 204)}
