"""An API key as a caller: where it is sent, what it may, what it leaves behind."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backend.modules.companies.models import Company
from backend.modules.contacts.models import Contact
from backend.modules.identity.models import ApiKey
from backend.modules.ledger.models import Entry
from tests import make, people, stored
from tests.dialects.accounts.access import error, post

pytestmark = pytest.mark.django_db

PLACES = ["/api/v1/empresas/", "/api/clients/", "/v1/accounts"]  # of three dialects
CLIENT = {"first_name": "Jane", "last_name": "Smith", "email": "jane@example.com"}


def get(path, **headers):
    return Client().get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})


def with_key(text, path="/api/clients/"):
    return get(path, X_API_Key=text)


def change(key, **fields):
    key.refresh_from_db()
    for name, value in fields.items():
        setattr(key, name, value)
    people.writing(key.workspace_id, key.save)


class TestAKey:
    @pytest.mark.parametrize("path", PLACES)
    def test_is_taken_in_both_headers_by_every_dialect(self, alice, path):
        _, text = make.api_key(alice.actor)
        assert get(path, X_API_Key=text).status_code == 200
        assert get(path, Authorization=f"Bearer {text}").status_code == 200
        assert get(path).status_code == 401

    def test_in_its_own_header_goes_before_a_token(self, alice, stranger):
        make.contact(alice.actor)
        _, text = make.api_key(stranger.actor)
        answer = get("/api/clients/", X_API_Key=text, Authorization=f"Bearer {alice.token}")
        assert answer.json()["count"] == 0

    def test_is_limited_to_its_permissions(self, alice):
        _, text = make.api_key(alice.actor, permissions=["contacts.view"])
        assert with_key(text).status_code == 200
        with stored.nothing_written():
            assert post("/api/clients/", CLIENT, X_API_Key=text).status_code == 403
            assert with_key(text, "/api/v1/empresas/").status_code == 403

    def test_sees_its_company_alone(self, alice, stranger):
        theirs = make.contact(stranger.actor)
        _, text = make.api_key(alice.actor)
        assert with_key(text).json()["count"] == 0
        assert with_key(text, f"/api/clients/{theirs.pk}/").status_code == 404

    def test_is_no_user_of_its_own(self, alice):
        _, text = make.api_key(alice.actor)
        assert with_key(text, "/api/me/").status_code == 403

    def test_ends_on_its_day(self, alice):
        key, text = make.api_key(alice.actor)
        change(key, expires_at=timezone.now() + timedelta(minutes=1))
        assert with_key(text).status_code == 200
        change(key, expires_at=timezone.now())
        assert with_key(text).status_code == 401

    def test_writes_in_its_own_name(self, alice):
        _, text = make.api_key(alice.actor, name="Formulario web")
        made = post("/api/v1/empresas/", {"nombre": "Acme"}, X_API_Key=text)
        assert made.status_code == 201, made.content
        assert Company.objects.of(alice.actor).get().created_by_id is None
        entry = Entry.objects.of(alice.actor).get(verb="company.created")
        assert (entry.user_id, entry.username) == (None, "API key Formulario web")

    def test_with_the_longest_name_writes_as_well(self, alice):
        _, text = make.api_key(alice.actor, name="ñ" * 100)
        assert post("/api/v1/empresas/", {"nombre": "Acme"}, X_API_Key=text).status_code == 201

    def test_has_idempotency_keys_of_its_own(self, alice):
        texts = [make.api_key(alice.actor)[1] for _ in range(2)]
        bodies = [CLIENT | {"email": f"jane{number}@example.com"} for number in range(2)]
        for text, body in zip(texts, bodies, strict=True):
            answers = [post("/api/clients/", body, X_API_Key=text, Idempotency_Key="one") for _ in range(2)]
            assert [answer.status_code for answer in answers] == [201, 201]
            assert answers[0].content == answers[1].content
        assert alice.post("/api/clients/", CLIENT, Idempotency_Key="one").status_code == 201
        assert Contact.objects.of(alice.actor).count() == 3


class TestItsLastUse:
    def test_is_noted_at_most_once_a_minute(self, alice):
        key, text = make.api_key(alice.actor)
        with_key(text)
        key.refresh_from_db()
        first = key.last_used_at
        assert timezone.now() - first < timedelta(minutes=1)
        with_key(text)
        key.refresh_from_db()
        assert key.last_used_at == first
        change(key, last_used_at=first - timedelta(seconds=61))
        with_key(text)
        key.refresh_from_db()
        assert key.last_used_at >= first

    def test_costs_the_next_request_of_the_minute_no_write(self, alice):
        _, text = make.api_key(alice.actor)
        with CaptureQueriesContext(connection) as first:
            with_key(text)
        with CaptureQueriesContext(connection) as second:
            with_key(text)
        writes = [sum(str(each["sql"]).startswith("UPDATE") for each in queries) for queries in (first, second)]
        assert writes == [1, 0]

    def test_finds_out_who_calls_with_one_query(self, alice, django_assert_num_queries):
        _, text = make.api_key(alice.actor)
        with_key(text)
        with django_assert_num_queries(1):
            assert with_key(text, "/api/me/").status_code == 403

    def test_is_no_entry_of_the_ledger(self, alice):
        _, text = make.api_key(alice.actor)
        before = Entry.objects.of(alice.actor).count()
        with_key(text)
        assert Entry.objects.of(alice.actor).count() == before

    def test_is_shown_in_the_list(self, alice):
        _, text = make.api_key(alice.actor)
        with_key(text)
        assert alice.get("/v1/apikeys").json()["items"][0]["lastUsedAt"].endswith("Z")

    def test_is_not_noted_for_a_key_that_does_not_hold(self, alice):
        key, text = make.api_key(alice.actor)
        with_key(text[:-1] + "x")
        key.refresh_from_db()
        assert key.last_used_at is None


def spoilt(text):
    _, jti, secret = text.split("_")
    return {
        "another secret": f"crisol_{jti}_{secret[:-1]}{'0' if secret[-1] != '0' else '1'}",
        "half a secret": f"crisol_{jti}_{secret[:24]}",
        "more of a secret": f"{text}0",
        "the secret of nobody": f"crisol_{'0' * 16}_{secret}",
        "no secret": f"crisol_{jti}_",
        "no secret and no bar": f"crisol_{jti}",
        "no jti": f"crisol__{secret}",
        "nothing": "crisol_",
        "bars": "crisol____",
        "other case": text.upper(),
        "its hash": f"crisol_{jti}_{ApiKey.across_workspaces.get(jti=jti).secret_hash}",
        "a null byte": f"crisol_{jti}\0_{secret}",
        "a null byte at the end": f"{text}\0",
        "not ASCII": f"crisol_{jti}_ñandú",
        "a jti that is not ASCII": f"crisol_ñandú_{secret}",
        "SQL": f"crisol_' OR 1=1 --_{secret}",
        "10 kB": f"crisol_{jti}_{'a' * 10_000}",
        "10 kB of jti": f"crisol_{'a' * 10_000}_{secret}",
        "a wildcard": f"crisol_%_{secret}",
    }


class TestAKeyThatIsNone:
    def test_is_401_and_never_500(self, alice):
        key, text = make.api_key(alice.actor)
        for header in ("X_API_Key", "Authorization"):
            for why, wrong in spoilt(text).items():
                value = wrong if header == "X_API_Key" else f"Bearer {wrong}"
                answers = [get(path, **{header: value}) for path in ("/api/clients/", "/v1/apikeys")]
                assert {answer.status_code for answer in answers} == {401}, (header, why)
                assert error(answers[1]) in ((401, "INVALID_TOKEN"), (401, "NOT_AUTHENTICATED")), (header, why)
        assert with_key(text).status_code == 200
        assert ApiKey.objects.of(alice.actor).count() == 1
