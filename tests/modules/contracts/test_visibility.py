"""Who sees which contract: an agent their own, `contracts.view_all` those of all, the same on every surface."""

import pytest

import backend.api  # noqa: F401 - says which lists there are, as in the worker
from backend.core.errors import NotFound
from backend.modules.attachments import subjects
from backend.modules.contracts import queries
from backend.modules.exchange import sources
from backend.modules.identity import authentication
from tests import make, people, stored
from tests.dialects.urbany.contracting import CONTRACTS, EXPIRING, MOCK, STATS, in_days, path

pytestmark = pytest.mark.django_db

SEES = {
    "alice": {"alice", "bob", "carla", "dario"},
    "carla": {"alice", "bob", "carla", "dario"},
    "bob": {"bob"},
    "dario": {"dario"},
    "stranger": {"stranger"},
}


@pytest.fixture
def cast(alice, bob, carla, dario, stranger):
    return {"alice": alice, "bob": bob, "carla": carla, "dario": dario, "stranger": stranger}


@pytest.fixture
def held(cast):
    """A contract of each person, worth one, in force and about to end."""
    return {
        name: make.contract(who.actor, title=f"Casa de {name}", value=1, status="active", ends_on=who.actor.today)
        for name, who in cast.items()
    }


def surfaces(who):
    """Which contracts each surface that shows several has for a person, and how many it counts."""
    page = who.get(f"{CONTRACTS}?page_size=100").json()
    found = who.get(f"{CONTRACTS}?search=casa").json()
    narrowed = who.get(f"{CONTRACTS}?status=Active&contract_type=Lease&priority=Medium").json()
    expiring, stats = who.get(f"{EXPIRING}?days=30").json(), who.get(STATS).json()
    ids = {
        "list": [row["id"] for row in page["results"]],
        "search": [row["id"] for row in found["results"]],
        "filters": [row["id"] for row in narrowed["results"]],
        "expiring": [row["id"] for row in expiring["contracts"]],
    }
    counts = {
        "list": page["count"],
        "search": found["count"],
        "filters": narrowed["count"],
        "expiring": expiring["count"],
        "total": stats["total_contracts"],
        "status": stats["by_status"]["Active"],
        "type": stats["by_type"]["Lease"],
        "value": int(float(stats["total_value"])),
        "month": stats["contracts_this_month"],
        "soon": stats["expiring_soon"],
    }
    return {name: set(each) for name, each in ids.items()}, counts


def attempts(who, contract, payment, note):
    """Everything that can be asked of one contract."""
    at, due = path(contract), in_days(who, 1)
    return {
        "detail": who.get(at),
        "put": who.put(at, {"title": "Mine now"}),
        "step": who.put(at, {"status": "Cancelled"}),
        "take": who.put(at, {"agent": who.user.email}),
        "pay in": who.post(f"{at}payments/", {"payment_type": "x", "amount": 1, "due_date": due}),
        "schedule": who.post(f"{at}payments/schedule/", {"instalments": 2, "first_due_date": due}),
        "change payment": who.put(f"{at}payments/{payment.pk}/", {"amount": 1}),
        "pay": who.post(f"{at}payments/{payment.pk}/pay/", {}),
        "delete payment": who.delete(f"{at}payments/{payment.pk}/"),
        "note": who.post(f"{at}notes/", {"content": "x"}),
        "change note": who.put(f"{at}notes/{note.pk}/", {"content": "x"}),
        "delete note": who.delete(f"{at}notes/{note.pk}/"),
    }


class TestAPerson:
    @pytest.mark.parametrize("name", SEES)
    def test_sees_the_same_contracts_everywhere(self, cast, held, name):
        ids, counts = surfaces(cast[name])
        assert ids == dict.fromkeys(ids, {held[each].pk for each in SEES[name]})
        assert counts == dict.fromkeys(counts, len(SEES[name]))

    @pytest.mark.parametrize("name", SEES)
    def test_opens_what_they_see_and_nothing_else(self, cast, held, name):
        answers = {each: cast[name].get(path(contract)).status_code for each, contract in held.items()}
        assert answers == {each: 200 if each in SEES[name] else 404 for each in held}

    @pytest.mark.parametrize("name", SEES)
    def test_exports_what_they_see(self, cast, held, name):
        who = cast[name]
        may = authentication.bearer(who.token)
        listed = sources.named("urbany.contratos")
        if name == "dario":  # whose role exports nothing
            assert not may.may("contracts.export")
            return
        assert {row["number"] for row in listed.open(may, {}).values("number")} == {
            held[each].number for each in SEES[name]
        }

    @pytest.mark.parametrize("name", ["bob", "stranger"])
    def test_does_nothing_to_a_contract_that_they_do_not_see(self, cast, held, name):
        contract = held["alice"]
        payment, note = make.payment(cast["alice"].actor, contract), make.note(cast["alice"].actor, contract)
        with stored.nothing_written():
            answers = attempts(cast[name], contract, payment, note)
        assert {each: answer.status_code for each, answer in answers.items()} == dict.fromkeys(answers, 404)

    def test_who_sees_all_may_change_any(self, cast, held):
        contract = held["bob"]
        payment, note = make.payment(cast["bob"].actor, contract), make.note(cast["bob"].actor, contract)
        address = path(contract)
        assert cast["carla"].put(address, {"title": "Checked"}).status_code == 200
        assert cast["carla"].post(f"{address}payments/{payment.pk}/pay/", {}).status_code == 200
        assert cast["carla"].put(f"{address}notes/{note.pk}/", {"content": "Checked"}).status_code == 200

    def test_sees_no_more_than_contracts_view_opens(self, ours, held):
        nobody = people.person("nadie", ours)
        for address in (CONTRACTS, STATS, EXPIRING, path(held["bob"])):
            assert nobody.get(address).status_code == 403

    def test_follows_a_change_of_agent_at_once(self, cast, held):
        given = {"agent": "dario@example.com"}
        assert cast["carla"].put(path(held["bob"]), given).status_code == 200
        assert surfaces(cast["bob"])[0]["list"] == set()
        assert surfaces(cast["dario"])[0]["list"] == {held["bob"].pk, held["dario"].pk}

    def test_follows_their_rights_at_once(self, ours, cast, held):
        holder = people.person_holding(ours, "contracts.view", "contracts.view_all")
        assert len(surfaces(holder)[0]["list"]) == 4
        people.make_role(people.Actor.system(ours.pk), cast["bob"], ("contracts.view_all",))
        assert len(surfaces(cast["bob"])[0]["list"]) == 4


class TestGivingAContract:
    @pytest.mark.parametrize(("name", "status"), [("bob", 403), ("carla", 200), ("alice", 200)])
    def test_to_somebody_else_needs_to_see_all(self, cast, held, name, status):
        mine = make.contract(cast[name].actor)
        answer = cast[name].put(path(mine), {"agent": "dario@example.com"})
        assert answer.status_code == status

    def test_to_somebody_else_from_the_start_too(self, cast):
        body = {"title": "x", "contract_type": "Sale", "client_name": "x", "contract_value": 1}
        for name, status in (("bob", 403), ("carla", 201)):
            answer = cast[name].post(CONTRACTS, body | {"agent": "dario@example.com"})
            assert answer.status_code == status
        assert cast["bob"].post(CONTRACTS, body | {"agent": "bob@example.com"}).status_code == 201


class TestAnApiKey:
    @pytest.fixture
    def key(self, alice, client):
        """A call with a key of alice's that is limited to permissions."""

        def key(*permissions):
            _, text = make.api_key(alice.actor, permissions=list(permissions))

            def call(method, path, body=None):
                content = {} if body is None else {"data": body, "content_type": "application/json"}
                return getattr(client, method)(path, headers={"Authorization": f"Bearer {text}"}, **content)

            return call

        return key

    def test_sees_all_with_the_permission_and_nothing_without(self, key, held):
        assert key("contracts.view")("get", CONTRACTS).json()["count"] == 0
        assert key("contracts.view")("get", path(held["alice"])).status_code == 404
        assert key("contracts.view", "contracts.view_all")("get", CONTRACTS).json()["count"] == 4

    def test_creates_for_an_agent_or_for_nobody_if_it_sees_all(self, key, cast):
        body = {"title": "x", "contract_type": "Sale", "client_name": "x", "contract_value": 1}
        assert key("contracts.add")("post", CONTRACTS, body).status_code == 403
        may = key("contracts.add", "contracts.view_all")
        assert may("post", CONTRACTS, body).json()["agent"] is None
        assert may("post", CONTRACTS, body | {"agent": "bob@example.com"}).json()["agent"] == "bob@example.com"
        assert len(surfaces(cast["bob"])[0]["list"]) == 1
        assert len(surfaces(cast["carla"])[0]["list"]) == 2

    def test_generates_no_samples_for_nobody(self, key):
        assert key("contracts.add")("post", MOCK, {"count": 1}).status_code == 403


def test_a_file_of_a_contract_is_seen_by_who_sees_the_contract(cast, held):
    for name, who in cast.items():
        actor = authentication.bearer(who.token)
        seen = {each for each, contract in held.items() if queries.exists(actor, contract.pk)}
        assert seen == SEES[name]
        for each in held.keys() - seen:
            with pytest.raises(NotFound):
                subjects.check(actor, queries.SUBJECT, held[each].pk)
