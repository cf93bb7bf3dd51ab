"""/api/mensajes/conversations/: opening them, listing them, looking at one."""

import pytest

from tests import make, people, stored
from tests.dialects.urbany.entering import details, error
from tests.dialects.urbany.governing import DENIED
from tests.dialects.urbany.talking import CREATED, LISTED, MOMENT, TALKS, listed, one, opened, person, sent, talk

pytestmark = pytest.mark.django_db

LEAST = {"conversation_type": "group", "title": "Casa Modelo"}
WRONG = [
    *(("title", each) for each in ("x" * 201, 7, "a\0b", None)),
    *(("conversation_type", each) for each in (None, "", "Group", "privada", 1, ["group"])),
    *(("participants", each) for each in (None, "2", 2, {"id": 2}, [999_999_999])),
    *(("about", each) for each in ("contract", 1, [])),
    ("nada", 1),
]
WRONG_PEOPLE = [[0], [-1], ["x"], [True], [2**63], [1.5], [None]]


class TestCreating:
    def test_answers_what_the_document_shows(self, alice, bob, carla):
        body = {"title": "Proyecto Casa Modelo", "conversation_type": "group"}
        answer = alice.post(TALKS, body | {"participants": [bob.user.pk, carla.user.pk]})
        made = answer.json()
        assert (answer.status_code, set(made)) == (201, CREATED)
        assert made.items() >= (body | {"created_by": "alice@example.com", "is_active": True, "about": None}).items()
        assert made["participants"] == [person(alice), person(bob), person(carla)]
        assert MOMENT.fullmatch(made["created_at"])

    def test_needs_a_type_and_somebody(self, alice):
        assert details(alice.post(TALKS, {})).keys() == {"conversation_type"}
        for participants in ([], [alice.user.pk]):
            with stored.nothing_written():
                answer = alice.post(TALKS, LEAST | {"participants": participants})
            assert details(answer) == {"participants": ["Una conversación tiene a alguien más"]}

    @pytest.mark.parametrize(("field", "value"), WRONG, ids=repr)
    def test_says_which_field_is_wrong(self, alice, bob, field, value):
        with stored.nothing_written():
            answer = alice.post(TALKS, LEAST | {"participants": [bob.user.pk], field: value})
        assert list(details(answer)) == [field]

    @pytest.mark.parametrize("value", WRONG_PEOPLE, ids=repr)
    def test_says_which_participant_is_wrong(self, alice, value):
        with stored.nothing_written():
            answer = alice.post(TALKS, LEAST | {"participants": value})
        assert list(details(answer)) == ["participants.0"]

    def test_takes_nobody_who_is_no_active_member(self, alice, bob, carla, stranger):
        people.writing(alice.workspace.pk, lambda: _deactivate(carla))
        for who in (carla, stranger):
            with stored.nothing_written():
                answer = alice.post(TALKS, LEAST | {"participants": [bob.user.pk, who.user.pk]})
            assert details(answer) == {"participants": [f"No hay ningún miembro activo {who.user.pk}"]}

    def test_names_each_once(self, alice, bob):
        made = opened(alice, bob, bob, alice)
        assert made["participants"] == [person(alice), person(bob)]

    def test_takes_a_thousand_at_most(self, alice):
        answer = alice.post(TALKS, LEAST | {"participants": list(range(1, 1002))})
        assert list(details(answer)) == ["participants"]

    def test_sent_again_with_its_idempotency_key_makes_one(self, alice, bob):
        body = LEAST | {"participants": [bob.user.pk]}
        first, again = (alice.post(TALKS, body, Idempotency_Key="one") for _ in range(2))
        assert (first.status_code, again.status_code, first.json()) == (201, 201, again.json())
        assert listed(alice) == [first.json()["id"]]

    def test_needs_the_permission(self, ours, bob):
        nobody = people.person_holding(ours)
        assert error(nobody.post(TALKS, LEAST | {"participants": [bob.user.pk]})) == (403, DENIED)


def _deactivate(who):
    from backend.modules.identity.models import Membership

    membership = Membership.objects.of(who.actor).get(user=who.user)
    membership.is_active = False
    membership.save()


class TestTheList:
    def test_has_what_the_document_shows(self, alice, bob):
        made = opened(alice, bob, conversation_type="direct", title="")
        last = sent(bob, made, "¿Podemos revisar el contrato mañana?")
        answer = alice.get(f"{TALKS}?conversation_type=direct").json()
        assert {name: answer[name] for name in ("count", "next", "previous")} == {
            "count": 1, "next": None, "previous": None,
        }  # fmt: skip
        (row,) = answer["results"]
        assert set(row) == LISTED
        assert row == row | {
            "title": "Conversación con Bob Example",
            "conversation_type": "direct",
            "participants": [person(alice), person(bob)],
            "last_message": {
                "id": last["id"], "content": last["content"], "sender": "bob@example.com",
                "created_at": last["created_at"],
            },
            "unread_count": 1,
            "is_active": True,
        }  # fmt: skip
        assert bob.get(TALKS).json()["results"][0]["title"] == "Conversación con Alice Example"

    def test_has_the_last_active_first(self, alice, bob):
        first, second, third = (make.conversation(alice.actor, bob) for _ in range(3))
        sent(bob, first)
        assert listed(alice) == [first, third, second]
        assert one(alice, third)["last_message"] is None

    def test_has_ones_own_and_counts_no_others(self, alice, bob, carla, dario, stranger):
        both, others = make.conversation(alice.actor, bob), make.conversation(carla.actor, dario)
        assert (listed(bob), listed(carla), listed(stranger)) == ([both], [others], [])

    def test_comes_in_pages(self, alice, bob):
        made = [make.conversation(alice.actor, bob) for _ in range(3)]
        answer = alice.get(f"{TALKS}?page_size=2").json()
        assert (answer["count"], [row["id"] for row in answer["results"]]) == (3, [made[2], made[1]])
        following = alice.get(answer["next"]).json()
        assert [row["id"] for row in following["results"]] == [made[0]]
        assert error(alice.get(f"{TALKS}?page=3&page_size=2")) == (404, "La página no existe")

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("conversation_type=group", ["casa"]),
            ("conversation_type=support", ["soporte"]),
            ("search=MODELO", ["casa"]),
            ("search=modelo casa", ["casa"]),
            ("search=nandu", ["casa"]),
            ("search=carla", ["soporte"]),
            ("search=carla@example", ["soporte"]),
            ("search=ca", ["soporte", "casa"]),
            ("search=sa", []),
            ("search=carla&conversation_type=group", []),
            ("search=%25", []),
            ("", ["soporte", "casa"]),
        ],
    )
    def test_leaves_what_fits(self, alice, bob, carla, query, expected):
        made = {
            make.conversation(alice.actor, bob, title="Casa Modelo Ñandú"): "casa",
            make.conversation(alice.actor, carla, kind="support", title=""): "soporte",
        }
        make.conversation(bob.actor, carla, title="Casa Modelo Ñandú")
        assert [made[each] for each in listed(alice, query)] == expected

    @pytest.mark.parametrize(
        ("query", "field"),
        [
            ("conversation_type=x", "conversation_type"), ("search=" + "x" * 201, "search"), ("search=%00", "search"),
            ("about_type=x", "about_type"), ("about_id=1", "about_type"), ("about_type=contact&about_id=0", "about_id"),
            (f"about_type=contact&about_id={2**63}", "about_id"), ("page_size=101", "page_size"),
        ],
    )  # fmt: skip
    def test_says_which_filter_is_wrong(self, alice, query, field):
        assert list(details(alice.get(f"{TALKS}?{query}"))) == [field]

    @pytest.mark.parametrize("number", [3, 30])
    def test_costs_the_same_queries_however_many_there_are(self, alice, bob, carla, counted, number):
        for each in range(number):
            made = make.conversation(alice.actor, bob, carla)
            for who in (alice, bob, carla)[: 1 + each % 3]:
                make.message(who.actor, made)
        counted(f"{TALKS}?page_size=100", queries=6)
        counted(f"{TALKS}?page_size=100&search=carla&conversation_type=group", queries=6)


class TestOne:
    def test_is_as_the_list_has_it(self, alice, bob):
        made = opened(alice, bob)
        sent(bob, made)
        assert alice.get(TALKS).json()["results"] == [one(alice, made)]
        assert set(one(alice, made)) == LISTED

    def test_has_a_version(self, alice, bob):
        made = make.conversation(alice.actor, bob)
        tag = alice.get(talk(made))["ETag"]
        sent(bob, made)
        answer = alice.post(f"{talk(made)}read/", {}, If_Match=tag)
        assert answer.status_code == 412
        assert alice.post(f"{talk(made)}read/", {}, If_Match=alice.get(talk(made))["ETag"]).status_code == 200

    def test_is_404_for_who_does_not_take_part(self, alice, bob, carla, stranger):
        made = make.conversation(bob.actor, carla)
        for who in (alice, stranger):
            assert error(who.get(talk(made))) == (404, "El recurso no existe")
