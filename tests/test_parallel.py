"""What holds when several write at once, each in a thread with a connection of its own."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import pytest
from django.db import connections, transaction
from django.test import Client

from backend.core import tally
from backend.core.actor import Actor
from backend.core.models import IdempotentRequest, Tally
from backend.modules.activities.models import Activity
from backend.modules.companies.models import Company
from backend.modules.contacts.models import Contact, Stage
from backend.modules.ledger import queries as ledger
from backend.modules.ledger.models import Entry
from backend.modules.ledger.queries import Position
from tests import make

pytestmark = [pytest.mark.parallel, pytest.mark.django_db(transaction=True)]

THREADS = 6  # with the test's own connection fewer than the pool of PostgreSQL has
TAKEN = {"email": ["client with this email already exists."]}

on_postgresql = pytest.mark.skipif(
    connections["default"].vendor != "postgresql", reason="SQLite has one writer at a time: nothing can interleave"
)


def at_once(number: int, do: Callable[[int], Any]) -> list[Any]:
    """What `do(0)` to `do(number - 1)` answer, several of them running at any time."""

    def run(which: int) -> Any:
        try:
            return do(which)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(run, range(number)))


@pytest.fixture
def call(alice) -> Callable[..., Any]:
    """A request of alice's from any thread."""
    bearer = {"Authorization": f"Bearer {alice.token}"}

    def call(method: str, path: str, body: Any, **headers: str) -> Any:
        given = bearer | {name.replace("_", "-"): value for name, value in headers.items()}
        return getattr(Client(), method)(path, body, content_type="application/json", headers=given)

    return call


def jane(which: int, **fields: Any) -> dict[str, Any]:
    return {"first_name": "Jane", "last_name": f"Smith {which}", "email": f"jane{which}@example.com"} | fields


class TestFiftyCreationsWithOneAddress:
    def test_make_one_client_and_refuse_the_others(self, alice, call):
        answers = at_once(50, lambda which: call("post", "/api/clients/", jane(which, email="jane@example.com")))
        assert Counter(answer.status_code for answer in answers) == {201: 1, 400: 49}
        assert all(answer.json() == TAKEN for answer in answers if answer.status_code == 400)
        assert Contact.objects.of(alice.actor).count() == 1
        assert Entry.objects.of(alice.actor).filter(verb="contact.created").count() == 1

    def test_in_different_cases_make_one_as_well(self, alice, call):
        spellings = ["jane@example.com", "JANE@example.com", "Jane@Example.com"]
        answers = at_once(12, lambda which: call("post", "/api/clients/", jane(which, email=spellings[which % 3])))
        assert Counter(answer.status_code for answer in answers) == {201: 1, 400: 11}


class TestManyCreations:
    def test_with_one_new_company_make_one_company(self, alice, call):
        answers = at_once(24, lambda which: call("post", "/api/clients/", jane(which, company="Ñandú SAC")))
        assert {answer.status_code for answer in answers} == {201}
        assert Company.objects.of(alice.actor).count() == 1
        assert {answer.json()["company"] for answer in answers} == {"Ñandú SAC"}

    def test_with_one_new_company_in_several_spellings_make_one_company(self, alice, call):
        names = ["Ñandú SAC", "nandu sac", "ÑANDU  SAC", "Nandú SAC"]
        answers = at_once(24, lambda which: call("post", "/api/clients/", jane(which, company=names[which % 4])))
        assert {answer.status_code for answer in answers} == {201}
        assert Company.objects.of(alice.actor).count() == 1

    def test_with_one_phone_give_its_claim_to_one_client(self, alice, call):
        answers = at_once(24, lambda which: call("post", "/api/clients/", jane(which, phone="+51 987 654 321")))
        assert {answer.status_code for answer in answers} == {201}
        claims = Contact.objects.of(alice.actor).values_list("phone_key", flat=True)
        assert Counter(claims) == {"+51987654321": 1, None: 23}


class TestManyMovesOfOneClient:
    def test_leave_notes_that_form_a_chain_to_its_stage(self, alice, call):
        contact = make.contact(alice.actor)
        stages = [random.Random(7).choice(list(Stage)).name for _ in range(30)]  # noqa: S311
        path = f"/api/clients/{contact.pk}/update_stage/"
        answers = at_once(30, lambda which: call("patch", path, {"stage": stages[which]}))
        assert {answer.status_code for answer in answers} == {200}
        notes = Activity.objects.of(alice.actor).order_by("id").values_list("description", flat=True)
        steps = [("", "LEAD"), *(tuple(note.removeprefix("Stage changed from ").split(" to ")) for note in notes)]
        assert all(before[1] == after[0] for before, after in pairwise(steps))
        contact.refresh_from_db()
        assert steps[-1][1] == Stage(contact.stage).name


class TestTheMaintainedCount:
    def counts(self, call) -> dict[str, int]:
        return {
            stage: call("get", f"/api/clients/?stage={stage}", None).json()["count"]
            for stage in ("LEAD", "IN_PROGRESS", "ACTIVE")
        }

    def rows(self, alice) -> dict[str, int]:
        rows = Contact.objects.of(alice.actor).values_list("stage", flat=True)
        return {stage.name: list(rows).count(stage.value) for stage in Stage}

    def test_equals_the_rows_after_parallel_writes_and_compactions(self, alice, call, monkeypatch):
        monkeypatch.setattr(tally, "KEPT_APART", 1)

        def write(which: int) -> None:
            if which % 5 == 4:
                tally.compact()
                return
            made = call("post", "/api/clients/", jane(which)).json()["id"]
            call("patch", f"/api/clients/{made}/", {"stage": random.choice(list(Stage)).name})  # noqa: S311
            if which % 3 == 0:
                call("delete", f"/api/clients/{made}/", None)

        at_once(80, write)
        assert self.counts(call) == self.rows(alice)
        tally.compact()
        assert self.counts(call) == self.rows(alice)

    def test_is_the_same_to_a_reader_during_a_compaction(self, alice, monkeypatch):
        monkeypatch.setattr(tally, "KEPT_APART", 1)
        for _ in range(40):
            make.contact(alice.actor)
        done, seen = threading.Event(), set()

        def read(which: int) -> None:
            while which and not done.is_set():
                seen.add(tally.total(alice.workspace.pk, Contact, Stage.values))
            if not which:
                for _ in range(20):
                    Tally.objects.bulk_create(
                        Tally(workspace_id=row["workspace_id"], name=row["name"], key=row["key"], amount=amount)
                        for row in Tally.objects.filter(workspace_id=alice.workspace.pk, amount__gt=1).values()
                        for amount in (5, -5)
                    )
                    tally.compact()
                done.set()

        at_once(3, read)
        assert seen <= {40}


class TestManyCallsWithOneIdempotencyKey:
    def test_are_done_once(self, alice, call):
        body = jane(1)
        answers = at_once(24, lambda which: call("post", "/api/clients/", body, Idempotency_Key="one"))
        assert Counter(answer.status_code for answer in answers).keys() <= {201, 409}
        assert len({answer.content for answer in answers if answer.status_code == 201}) == 1
        assert Contact.objects.of(alice.actor).count() == 1
        assert IdempotentRequest.objects.get().status == 201

    def test_that_are_refused_leave_it_free(self, alice, call):
        make.contact(alice.actor, email="jane1@example.com")
        answers = at_once(12, lambda which: call("post", "/api/clients/", jane(1), Idempotency_Key="one"))
        assert {answer.status_code for answer in answers} <= {400, 409}
        assert IdempotentRequest.objects.count() == 0


class TestAReaderOfTheLedger:
    """Whatever order the writers commit in, it gets every entry, once."""

    def test_misses_and_repeats_nothing_in_a_storm(self, alice):
        entries = Entry.objects.of(alice.actor)
        pauses = [random.Random(11).random() / 40 for _ in range(60)]  # noqa: S311

        def write(which: int) -> None:
            make.contact(alice.actor)
            with transaction.atomic():
                make.contact(alice.actor)
                time.sleep(pauses[which])
                make.contact(alice.actor)

        writers = threading.Thread(target=at_once, args=(60, write))
        writers.start()
        seen = follow(alice.actor, until=lambda seen: not writers.is_alive() and len(seen) >= entries.count())
        writers.join()
        assert entries.filter(verb="contact.created").count() == 180
        assert seen == list(entries.order_by("transaction", "id").values_list("id", flat=True))

    @on_postgresql
    def test_waits_for_the_one_that_began_first_and_commits_last(self, alice):
        began, may_end = threading.Event(), threading.Event()

        def slow(which: int) -> int:
            with transaction.atomic():
                contact = make.contact(alice.actor)
                began.set()
                may_end.wait(20)
            return contact.pk

        start = _end(alice.actor)
        with ThreadPoolExecutor(1) as pool:
            first = pool.submit(at_once, 1, slow)
            began.wait(20)
            second = make.contact(alice.actor).pk
            assert ledger.after(alice.actor, start) == ([], start)  # the first may still come before it
            may_end.set()
            [first_pk] = first.result(20)
        seen = follow(alice.actor, start=start, until=lambda seen: len(seen) >= 2)
        assert [Entry.objects.of(alice.actor).get(pk=pk).record_id for pk in seen] == [first_pk, second]


def _end(actor: Actor) -> Position:
    last = Entry.objects.of(actor).order_by("transaction", "id").last()
    return Position(last.transaction, last.pk)


def follow(actor: Actor, *, until: Callable[[list[int]], bool], start: Position | None = None) -> list[int]:
    """The ids of the entries, read in small steps until enough have come.

    Another database of the same server may hold the oldest transaction for a while: then what came waits too.
    """
    seen: list[int] = []
    position, deadline = start or Position(), time.monotonic() + 300
    while not until(seen):
        assert time.monotonic() < deadline, f"the reader still waits after {len(seen)} entries"
        found, position = ledger.after(actor, position, limit=7)
        seen.extend(entry.pk for entry in found)
    return seen
