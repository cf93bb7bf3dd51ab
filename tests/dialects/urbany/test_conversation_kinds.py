"""Direct, group, support and announcement conversations, and what they are about."""

import pytest

from backend.modules.messaging.models import Conversation
from tests import make, people, stored
from tests.dialects.urbany.entering import details, error
from tests.dialects.urbany.talking import TALKS, listed, one, opened, person, sent, talk

pytestmark = pytest.mark.django_db

READERS = "En un anuncio escriben quien lo abrió y los administradores"
FIXED = "Una conversación directa es siempre de las mismas dos personas"


def direct(who, other, **fields):
    return who.post(TALKS, {"conversation_type": "direct", "participants": [other.user.pk]} | fields)


class TestADirectOne:
    def test_is_the_same_one_again(self, alice, bob, carla):
        first, again, from_bob = direct(alice, bob), direct(alice, bob), direct(bob, alice)
        assert [answer.status_code for answer in (first, again, from_bob)] == [201, 200, 200]
        assert first.json() == again.json()
        assert from_bob.json()["id"] == first.json()["id"]
        assert direct(alice, carla).status_code == 201
        assert Conversation.objects.of(alice.actor).count() == 2

    @pytest.mark.parametrize("others", [[], ["alice"], ["bob", "carla"]])
    def test_has_exactly_one_other(self, request, alice, others):
        ids = [request.getfixturevalue(each).user.pk for each in others]
        answer = alice.post(TALKS, {"conversation_type": "direct", "participants": ids})
        assert list(details(answer)) == ["participants"]

    def test_keeps_its_two(self, alice, bob, carla):
        made = direct(bob, alice).json()
        path = f"{talk(made)}participants/"
        with stored.nothing_written():
            answers = [
                bob.post(path, {"participants": [carla.user.pk]}),
                bob.delete(f"{path}{bob.user.pk}/"),
                alice.delete(f"{path}{bob.user.pk}/"),
            ]
        assert [error(answer) for answer in answers] == [(409, FIXED)] * 3

    def test_of_the_same_two_in_another_workspace_is_another(self, alice, bob, theirs):
        for who in (alice, bob):
            people.join(who, theirs, "user")
        there = people.Person(alice.user, theirs)
        assert direct(alice, bob).status_code == direct(there, bob).status_code == 201


class TestAGroup:
    @pytest.mark.parametrize("kind", ["group", "announcement"])
    def test_has_a_title_as_an_announcement_does(self, alice, bob, kind):
        for title in ({}, {"title": ""}, {"title": "   "}):
            answer = alice.post(TALKS, {"conversation_type": kind, "participants": [bob.user.pk]} | title)
            assert details(answer) == {"title": ["Un grupo y un anuncio llevan título"]}


class TestSupport:
    def test_asks_the_administrators_where_nobody_is_named(self, alice, bob, carla):
        other = people.person("another", alice.workspace, "admin")
        made = bob.post(TALKS, {"conversation_type": "support"}).json()
        assert made["participants"] == [person(bob), person(alice), person(other)]
        assert (made["title"], one(alice, made)["title"]) == ("Soporte para Bob Example",) * 2

    def test_of_the_only_administrator_needs_somebody_named(self, alice):
        assert list(details(alice.post(TALKS, {"conversation_type": "support"}))) == ["participants"]

    def test_can_be_opened_again_and_again(self, alice, bob):
        answers = [bob.post(TALKS, {"conversation_type": "support"}) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [201, 201]


class TestAnAnnouncement:
    @pytest.fixture
    def news(self, carla, bob, dario):
        return opened(carla, bob, dario, conversation_type="announcement", title="Feriado")

    def test_goes_to_every_active_member_where_nobody_is_named(self, alice, bob, carla, dario, stranger):
        made = opened(carla, conversation_type="announcement", title="Feriado")
        assert [each["id"] for each in made["participants"]] == [
            who.user.pk for who in (carla, alice, bob, dario)
        ]  # fmt: skip
        assert listed(stranger) == []

    def test_is_written_by_its_creator_and_administrators_alone(self, alice, bob, carla, dario):
        made = opened(carla, alice, bob, dario, conversation_type="announcement", title="Feriado")
        for who in (carla, alice):
            sent(who, made)
        for who in (bob, dario):
            with stored.nothing_written():
                answers = [
                    who.post(f"{talk(made)}messages/", {"content": "¿Por qué?"}),
                    who.post(f"{talk(made)}attachments/presign/", {"filename": "a.txt", "content_type": "text/plain"}),
                    who.post(f"{talk(made)}participants/", {"participants": [alice.user.pk]}),
                ]
            assert [error(answer) for answer in answers] == [(403, READERS)] * 3

    def test_is_read_and_reacted_to_and_left_by_everybody(self, bob, carla, news):
        first = sent(carla, news)
        assert bob.post(f"/api/mensajes/messages/{first['id']}/reactions/", {"reaction_type": "wow"}).status_code == 201
        assert bob.delete(f"{talk(news)}participants/{bob.user.pk}/").status_code == 204
        assert listed(bob) == []

    def test_is_not_seen_by_an_administrator_who_is_not_in_it(self, alice, news):
        assert alice.post(f"{talk(news)}messages/", {"content": "Hola"}).status_code == 404


class TestWhatItIsAbout:
    @pytest.fixture
    def records(self, bob):
        contact = make.contact(bob.actor)
        return {
            "contact": contact.pk,
            "opportunity": make.opportunity(bob.actor, contact_id=contact.pk).pk,
            "contract": make.contract(bob.actor).pk,
        }

    @pytest.mark.parametrize("kind", ["contact", "opportunity", "contract"])
    def test_is_shown_and_filtered_by(self, bob, carla, records, kind):
        about = {"type": kind, "id": records[kind]}
        made = opened(bob, carla, about=about)
        other = opened(bob, carla)
        assert (made["about"], one(carla, made)["about"], other["about"]) == (about, about, None)
        assert listed(carla, f"about_type={kind}&about_id={about['id']}") == [made["id"]]
        assert listed(carla, f"about_type={kind}") == [made["id"]]
        assert listed(carla, f"about_type={kind}&about_id={about['id'] + 1000}") == []

    @pytest.mark.parametrize("kind", ["contact", "opportunity", "contract"])
    def test_is_a_record_that_who_opens_it_sees(self, bob, dario, stranger, records, kind):
        without = people.person_holding(bob.workspace, "messaging.use")
        another = people.person("another", bob.workspace, "sales")
        blind = [without, *([another] if kind == "contract" else [])]
        for who in blind:
            with stored.nothing_written():
                answer = who.post(
                    TALKS,
                    {
                        "conversation_type": "direct",
                        "participants": [bob.user.pk],
                        "about": {"type": kind, "id": records[kind]},
                    },
                )
            assert details(answer) == {"about": [f"No existe ese registro: {kind} {records[kind]}"]}

    def test_of_another_workspace_is_none(self, stranger, records):
        friend = people.person("friend", stranger.workspace)
        for kind, key in records.items():
            body = {"conversation_type": "direct", "participants": [friend.user.pk], "about": {"type": kind, "id": key}}
            assert list(details(stranger.post(TALKS, body))) == ["about"]

    @pytest.mark.parametrize(
        ("about", "field"),
        [
            ({}, "about.type"), ({"type": "contact"}, "about.id"), ({"type": "user", "id": 1}, "about.type"),
            ({"type": "contact", "id": 2**63}, "about.id"), ({"type": "contact", "id": 1, "nada": 1}, "about.nada"),
        ],
    )  # fmt: skip
    def test_says_what_is_wrong(self, alice, bob, about, field):
        answer = direct(alice, bob, about=about)
        assert field in details(answer)

    def test_keeps_two_people_one_conversation_for_each_record(self, alice, bob, records):
        about = {"about": {"type": "contact", "id": records["contact"]}}
        plain, first, again = direct(alice, bob), direct(alice, bob, **about), direct(bob, alice, **about)
        assert [answer.status_code for answer in (plain, first, again)] == [201, 201, 200]
        assert plain.json()["id"] != first.json()["id"] == again.json()["id"]

    def test_gives_nobody_a_look_at_the_record(self, bob, dario, records):
        opened(bob, dario, about={"type": "contract", "id": records["contract"]})
        assert dario.get(f"/api/contratos/{records['contract']}/").status_code == 404
