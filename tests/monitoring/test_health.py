"""What is down is named within bounded time; only a lost database makes the answer a 503."""

from threading import Event

import pytest

from backend.monitoring import health
from backend.monitoring.tasks import heartbeat

# A part that hangs would hang the test: this bound is far beyond the second that the report waits.
pytestmark = [pytest.mark.django_db, pytest.mark.timeout(300)]


@pytest.fixture
def everything_up(broker):
    heartbeat()


class TestTheReport:
    def test_names_every_part(self, everything_up):
        assert health.report() == {"db": "up", "redis": "up", "worker": "up", "storage": "up"}
        assert health.status(health.report()) == 200

    def test_names_a_database_that_nobody_runs_and_is_a_503(self, everything_up, database_at, closed):
        database_at(closed)
        report = health.report()
        assert report == {"db": "down", "redis": "up", "worker": "up", "storage": "up"}
        assert health.status(report) == 503

    def test_does_not_wait_for_a_database_that_never_answers(self, everything_up, database_at, deaf):
        database_at(deaf)
        assert health.report()["db"] == "down"

    def test_names_a_redis_that_nobody_runs_but_is_no_503(self, settings, closed):
        settings.REDIS_URL = f"redis://127.0.0.1:{closed}"
        report = health.report()
        assert report == {"db": "up", "redis": "down", "worker": "down", "storage": "up"}
        assert health.status(report) == 200

    def test_does_not_wait_for_a_redis_that_never_answers(self, settings, deaf):
        settings.REDIS_URL = f"redis://127.0.0.1:{deaf}"
        assert health.report() == {"db": "up", "redis": "down", "worker": "down", "storage": "up"}

    def test_names_a_worker_that_does_not_run(self, broker):
        assert health.report() == {"db": "up", "redis": "up", "worker": "down", "storage": "up"}

    def test_forgets_a_heartbeat_after_a_minute(self, everything_up, broker):
        assert 0 < broker.ttl("crisol:heartbeat") <= 60

    def test_names_a_storage_that_cannot_be_used_but_is_no_503(self, everything_up, checks):
        health.check("storage", lambda: raise_(OSError("the disk is full")))
        report = health.report()
        assert report == {"db": "up", "redis": "up", "worker": "up", "storage": "down"}
        assert health.status(report) == 200


class TestAModuleSCheck:
    def test_decides_instead_of_ours(self, checks, everything_up):
        asked = []
        health.check("storage", lambda: asked.append(True))
        assert health.report()["storage"] == "up"
        assert asked == [True]

    @pytest.mark.parametrize("problem", [OSError("no bucket"), ValueError("anything at all")])
    def test_may_raise_what_it_likes(self, checks, problem, caplog):
        health.check("storage", lambda: raise_(problem))
        assert health.report()["storage"] == "down"
        assert f"storage is down: {type(problem).__name__}: {problem}" in caplog.text

    def test_says_once_that_a_part_is_down_and_again_after_it_was_up(self, checks, caplog):
        problems = [OSError("first"), OSError("second"), None, OSError("third")]
        health.check("storage", lambda: raise_(problems.pop(0)))
        states = [health.report()["storage"] for _ in range(4)]
        assert states == ["down", "down", "up", "down"]
        told = [record.getMessage() for record in caplog.records if "storage" in record.getMessage()]
        assert told == ["storage is down: OSError: first", "storage is down: OSError: third"]

    def test_that_hangs_is_down_and_holds_one_thread_however_often_it_is_asked(self, checks):
        released, asked = Event(), []

        def hang() -> None:
            asked.append(True)
            released.wait(60)

        health.check("storage", hang)
        try:
            assert [health.report()["storage"] for _ in range(5)] == ["down"] * 5
            assert asked == [True]
        finally:
            released.set()

    def test_that_hung_is_up_once_it_answers_again(self, checks):
        released = Event()
        health.check("storage", lambda: released.wait(60) and None)
        assert health.report()["storage"] == "down"
        released.set()
        health._checks["storage"].done.wait(30)
        assert health.report()["storage"] == "up"


def raise_(problem: Exception | None) -> None:
    if problem is not None:
        raise problem
