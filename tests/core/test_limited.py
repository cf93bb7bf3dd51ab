"""The time that an attempt has."""

import logging
from datetime import timedelta
from threading import Event

from backend.core import jobs

PATIENCE = 300  # seconds


class TestLimited:
    def test_has_another_thread_end_what_takes_too_long(self, settings):
        settings.CELERY_TASK_TIME_LIMIT = 0.2
        ended = Event()
        with jobs.limited(ended.set):
            assert ended.wait(PATIENCE)

    def test_goes_by_the_lease_if_that_is_shorter(self):
        ended = Event()
        with jobs.limited(ended.set, lease=timedelta(seconds=0.2)):
            assert ended.wait(PATIENCE)

    def test_leaves_what_ended_in_time_alone(self):
        ended = Event()
        with jobs.limited(ended.set, lease=timedelta(seconds=3)):
            pass
        assert not ended.wait(4)

    def test_writes_down_what_goes_wrong_at_the_end(self, caplog):
        tried = Event()

        def fail() -> None:
            tried.set()
            raise OSError("the database is away")

        with caplog.at_level(logging.ERROR), jobs.limited(fail, lease=timedelta(seconds=0.2)):
            assert tried.wait(PATIENCE)
            for _ in range(PATIENCE * 10):
                if "the database is away" in caplog.text:
                    return
                Event().wait(0.1)
        raise AssertionError("nothing was written down")
