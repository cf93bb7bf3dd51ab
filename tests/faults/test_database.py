"""A database that crashes and recovers while everything is at work."""

import contextlib
import time
from datetime import UTC, datetime
from threading import Thread

import psycopg
import pytest

from tests.worker.tree import PATIENCE, until

pytestmark = [pytest.mark.xdist_group("faults"), pytest.mark.timeout(900)]

WRITERS, EACH = 3, 20
INVITED = [[f"crash{writer}-{number}@example.com" for number in range(EACH)] for writer in range(WRITERS)]


class TestADatabaseThatCrashes:
    def test_under_requests_and_the_worker_loses_nothing_and_does_nothing_twice(
        self, installation, caller, sink, meanwhile
    ):
        if installation.embedded:
            pytest.skip("SQLite has no server that could crash")
        everybody = [address for each in INVITED for address in each]
        refusals: list[str] = []
        with meanwhile() as probe:
            writers = [Thread(target=invite, args=(installation, caller, each, refusals)) for each in INVITED]
            for writer in writers:
                writer.start()
            for crash in (1, 2):
                until(lambda crash=crash: len(sink.mails_to(*everybody)) >= 10 * crash)
                installation.cluster.crash()
            for writer in writers:
                writer.join(PATIENCE)
            assert refusals == []
            until(lambda: installation.all_sent(*everybody))
        counted = "SELECT count(*), count(DISTINCT email) FROM invitations WHERE email LIKE 'crash%%'"
        assert installation.rows(counted) == [(len(everybody), len(everybody))]
        assert sorted(mail["To"] for mail in sink.received if mail["To"] in everybody) == sorted(everybody)
        kept = {name for (name,) in installation.rows("SELECT name FROM companies")}
        assert set(probe.written) <= kept
        probe.were_well_or_named("database")


def invite(installation, caller, addresses: list[str], refusals: list[str]) -> None:
    """Each with a key of its own, again until it is done; what else than the database is said to be down is noted."""
    for address in addresses:
        while not (answer := caller.invite(address, Idempotency_Key=address)).is_well:
            time.sleep(0.1)
            if answer.status == 409 and b"IDEMPOTENCY_STILL_RUNNING" in answer.body:
                end_key(installation, address)
            elif not answer.names("database"):
                refusals.append(f"{answer.status} {answer.body!r}")
                return


def end_key(installation, key: str) -> None:
    """As if the two minutes were over for which a request keeps its key that the crash has ended."""
    with contextlib.suppress(psycopg.OperationalError):  # the next crash; then it is asked again
        installation.rows("UPDATE idempotent_requests SET locked_until = %s WHERE key = %s", datetime.now(UTC), key)
