import pytest

from worker.supervise import LONGEST_DELAY, SHORT_LIFE, TROUBLE, Child


@pytest.fixture
def child():
    return Child("child", ["true"], patience=1.0)


class TestPlanRestart:
    def test_each_early_death_doubles_the_delay_up_to_a_bound(self, child, clock):
        delays = []
        for _ in range(8):
            child.started = clock.now
            delays.append(child.plan_restart())

        assert delays == [1, 2, 4, 8, 16, LONGEST_DELAY, LONGEST_DELAY, LONGEST_DELAY]

    def test_a_child_that_lived_long_enough_starts_with_a_clean_slate(self, child, clock):
        child.started, child.early_deaths = clock.now, 7
        clock.now += SHORT_LIFE

        assert child.plan_restart() == 1
        assert child.early_deaths == 0

    @pytest.fixture
    def clock(self, monkeypatch):
        class Clock:
            now = 1000.0

        monkeypatch.setattr("worker.supervise.time.monotonic", lambda: Clock.now)
        return Clock


class TestTrouble:
    @pytest.mark.parametrize(
        "line",
        [
            "2026-11-21 04:40:30,696 WARNING backend.core [-] slow",
            "2026-11-21 04:40:30,696 ERROR django.request [-] Internal Server Error: /",
            "[2026-11-21 04:40:30,699: ERROR/MainProcess] consumer: cannot connect",
        ],
    )
    def test_warnings_and_errors_are_repeated(self, line):
        assert TROUBLE.match(line)

    @pytest.mark.parametrize(
        "line",
        [
            "2026-11-21 04:40:30,696 INFO backend.core [-] WARNING is only a word here",
            "2026-11-21 04:40:30,696 WARNING django.request [-] Not Found: /nothing",
            "    . logfile -> [stderr]@%WARNING",
            '127.0.0.1:49334 - - [21/Nov/2026:04:36:47] "GET /?q= ERROR " 200 -',
        ],
    )
    def test_what_clients_do_and_what_is_normal_is_not(self, line):
        assert not TROUBLE.match(line)
