"""/v1/apikeys: making, listing and revoking keys."""

from datetime import timedelta

import pytest
from django.utils import timezone

from backend.core.actor import Actor
from backend.core.models import IdempotentRequest
from backend.modules.identity import actions
from backend.modules.identity.models import ApiKey
from backend.modules.ledger.models import Entry
from tests import make, people, stored
from tests.dialects.accounts.access import details, error, get, post

pytestmark = pytest.mark.django_db

KEYS = "/v1/apikeys"
KEY = [
    "id", "name", "jti", "lastFour", "status", "permissions", "expiresAt", "lastUsedAt", "createdBy", "created_at",
]  # fmt: skip


def create(person, **fields):
    return person.post(KEYS, {"name": "Tablero"} | fields)


def opens(key):
    """Whether the key opens the door."""
    answer = get("/api/clients/", key)
    assert answer.status_code in (200, 401), answer.content
    return answer.status_code == 200


class TestCreate:
    def test_answers_201_with_the_key_and_its_text(self, alice):
        answer = create(alice, permissions=["reports.view"])
        assert (answer.status_code, list(answer.json())) == (201, [*KEY, "key"])
        shown = answer.json()
        assert (shown["name"], shown["status"], shown["createdBy"]) == ("Tablero", "active", "alice")
        assert (shown["permissions"], shown["expiresAt"], shown["lastUsedAt"]) == (["reports.view"], None, None)

    def test_spells_the_text_crisol_jti_secret(self, alice):
        shown = create(alice).json()
        word, jti, secret = shown["key"].split("_")
        assert (word, jti, secret[-4:]) == ("crisol", shown["jti"], shown["lastFour"])
        assert len(secret) == 48

    def test_keeps_the_secret_nowhere(self, alice, ours):
        secret = create(alice).json()["key"].split("_")[2]
        assert secret not in str(stored.of_workspace(ours.pk))
        row = ApiKey.objects.of(alice.actor).get()
        assert len(row.secret_hash) == 64
        assert row.secret_hash not in str(list(Entry.objects.of(alice.actor).values()))
        assert secret not in alice.get(KEYS).content.decode()
        assert row.secret_hash not in alice.get(KEYS).content.decode()

    def test_sent_again_shows_nothing_and_makes_no_second_one(self, alice):
        first = alice.post(KEYS, {"name": "Tablero"}, Idempotency_Key="one")
        again = alice.post(KEYS, {"name": "Tablero"}, Idempotency_Key="one")
        other = alice.post(KEYS, {"name": "Otro"}, Idempotency_Key="one")
        assert (first.status_code, error(again)) == (201, (409, "ANSWER_SHOWN_ONCE"))
        assert error(other) == (422, "IDEMPOTENCY_KEY_REUSED")
        assert ApiKey.objects.of(alice.actor).count() == 1
        assert bytes(IdempotentRequest.objects.get().body) == b""

    def test_without_permissions_gives_those_of_its_creator_that_a_key_can_hold(self, alice, ours):
        holder = people.person_holding(ours, "apikeys.manage", "users.view", "contacts.view", "reports.view")
        assert create(holder).json()["permissions"] == ["contacts.view", "reports.view"]
        resources = {name.partition(".")[0] for name in create(alice).json()["permissions"]}
        assert resources & {"apikeys", "roles", "users", "workspaces"} == set()
        assert {"contacts", "companies", "reports"} <= resources

    def test_may_give_none_at_all(self, alice):
        assert create(alice, permissions=[]).json()["permissions"] == []

    def test_takes_each_permission_once(self, alice):
        assert create(alice, permissions=["reports.view"] * 3).json()["permissions"] == ["reports.view"]

    def test_gives_no_permission_that_its_creator_lacks(self, ours):
        holder = people.person_holding(ours, "apikeys.manage", "contacts.view")
        with stored.nothing_written():
            assert error(create(holder, permissions=["contacts.view", "contacts.add"])) == (403, "PERMISSION_DENIED")

    @pytest.mark.parametrize(
        "codename", ["contacts.eat", "", "contacts", "apikeys.manage", "users.view", "roles.assign", "workspaces.add"]
    )
    def test_gives_none_that_is_none_or_that_no_key_can_hold(self, alice, codename):
        with stored.nothing_written():
            refused = details(create(alice, permissions=["contacts.view", codename]))
        assert refused == {"permissions": [f'"{codename}" no es un permiso que una clave pueda tener.']}

    def test_may_end_on_a_day(self, alice):
        assert create(alice, expiresAt="2090-12-31T00:00:00Z").json()["expiresAt"] == "2090-12-31T00:00:00Z"

    def test_takes_a_time_without_a_zone_for_the_company_s(self, alice):
        assert create(alice, expiresAt="2090-12-31T00:00:00").json()["expiresAt"] == "2090-12-31T05:00:00Z"

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("expiresAt", "2020-01-01T00:00:00Z"),
            ("expiresAt", "mañana"),
            ("expiresAt", 1893456000),
            ("name", ""),
            ("name", "x" * 101),
            ("name", "x\0"),
            ("permissions", "contacts.view"),
            ("key", "crisol_mine"),
        ],
    )
    def test_refuses_what_is_none_by_the_field_s_name_here(self, alice, field, value):
        with stored.nothing_written():
            assert list(details(create(alice, **{field: value}))) == [field]

    @pytest.mark.parametrize("name", ["bob", "carla", "dario"])
    def test_is_refused_without_the_permission(self, request, name):
        person = request.getfixturevalue(name)
        with stored.nothing_written():
            assert error(create(person)) == (403, "PERMISSION_DENIED")

    def test_is_refused_to_a_key(self, alice):
        _, key = make.api_key(alice.actor)
        with stored.nothing_written():
            assert error(post(KEYS, {"name": "Otra"}, X_API_Key=key)) == (403, "PERMISSION_DENIED")


class TestTheList:
    def test_has_the_company_s_keys_newest_first_without_their_text(self, alice, stranger):
        for name in ("Uno", "Dos"):
            create(alice, name=name)
        create(stranger, name="Ajena")
        page = alice.get(KEYS).json()
        assert list(page) == ["items", "total", "page", "size"]
        assert ([row["name"] for row in page["items"]], page["total"]) == (["Dos", "Uno"], 2)
        assert [list(row) for row in page["items"]] == [KEY, KEY]

    def test_says_what_became_of_each(self, alice):
        keys = {name: make.api_key(alice.actor)[0] for name in ("active", "expired", "revoked")}
        keys["expired"].expires_at = timezone.now() - timedelta(seconds=1)
        people.writing(alice.workspace.pk, keys["expired"].save)
        alice.delete(f"{KEYS}/{keys['revoked'].pk}")
        shown = {row["id"]: row["status"] for row in alice.get(KEYS).json()["items"]}
        assert shown == {key.pk: status for status, key in keys.items()}

    def test_is_empty_past_the_end(self, alice):
        create(alice)
        page = alice.get(f"{KEYS}?page=7").json()
        assert (page["items"], page["total"], page["page"]) == ([], 1, 7)

    def test_costs_the_same_queries_however_many_there_are(self, alice, counted):
        for _ in range(5):
            make.api_key(alice.actor)
        counted(KEYS, queries=3)

    def test_is_shown_to_who_may_manage_them_alone(self, carla):
        assert error(carla.get(KEYS)) == (403, "PERMISSION_DENIED")


class TestRevoke:
    def test_ends_the_key_from_the_next_request_on(self, alice):
        key, text = make.api_key(alice.actor)
        assert opens(text)
        answer = alice.delete(f"{KEYS}/{key.pk}")
        assert (answer.status_code, answer.content) == (204, b"")
        assert not opens(text)

    def test_twice_is_once(self, alice):
        key, _ = make.api_key(alice.actor)
        assert [alice.delete(f"{KEYS}/{key.pk}").status_code for _ in range(2)] == [204, 204]
        entries = Entry.objects.of(alice.actor).filter(action="apikey.revoke")
        assert [list(entry.new) for entry in entries] == [["revoked_at"]]

    def test_ends_no_other_key(self, alice):
        key, _ = make.api_key(alice.actor)
        _, other = make.api_key(alice.actor)
        alice.delete(f"{KEYS}/{key.pk}")
        assert opens(other)

    def test_finds_none_of_another_company(self, alice, stranger):
        theirs, text = make.api_key(stranger.actor)
        with stored.nothing_written():
            assert error(alice.delete(f"{KEYS}/{theirs.pk}")) == (404, "NOT_FOUND")
        assert opens(text)

    @pytest.mark.parametrize("name", ["0", "x", str(2**63), "1.5"])
    def test_finds_none_of_an_id_that_is_none(self, alice, name):
        assert error(alice.delete(f"{KEYS}/{name}")) == (404, "NOT_FOUND")

    def test_is_refused_without_the_permission(self, alice, carla):
        key, text = make.api_key(alice.actor)
        assert error(carla.delete(f"{KEYS}/{key.pk}")) == (403, "PERMISSION_DENIED")
        assert opens(text)

    def test_is_all_that_ends_it_when_its_creator_goes(self, alice, ours):
        key, text = make.api_key(alice.actor)
        another = people.person("another", ours, "admin")
        actions.set_active(Actor.system(ours.pk), alice.user.pk, is_active=False)
        assert opens(text)
        another.delete(f"{KEYS}/{key.pk}")
        assert not opens(text)
