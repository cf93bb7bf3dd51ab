"""Exports of a whole installation: its disk is full, or they kill their worker."""

import os
from itertools import repeat
from mmap import PAGESIZE as PAGE
from pathlib import Path

import pytest

from backend.modules.exchange.actions import MOST_ATTEMPTS
from tests.faults import poisoned
from tests.faults.outcome import came_once, export_row
from tests.faults.services import unless
from tests.worker.tree import until

pytestmark = [pytest.mark.xdist_group("faults"), pytest.mark.timeout(900)]


def fill(file: Path) -> None:
    """Write until there is no room left but for one page, by which Python tells a folder that it may write to."""
    with file.open("wb", buffering=0) as rubbish, pytest.raises(OSError, match="No space left on device"):
        rubbish.writelines(repeat(bytes(PAGE)))
    os.truncate(file, file.stat().st_size - PAGE)


class TestAFullDisk:
    def test_fails_an_attempt_of_an_export_and_nothing_else(self, installation, caller, meanwhile, many):
        """The disk is a small one of the worker's own, where it makes the file, and really full."""
        unless(installation.worker_disk, "nobody here may mount a disk (unshare --mount)")
        with meanwhile() as probe:
            ballast = installation.worker_disk / "ballast"
            fill(ballast)
            number = caller.order()
            until(lambda: export_row(installation, number)[3:] == ("server_error", None))
            assert "No space left on device" in installation.worker.log.read_text()
            assert caller.export(number)["status"] == "waiting"
            assert caller.invite("roomy@example.com").is_well
            until(lambda: installation.all_sent("roomy@example.com"))
            ballast.unlink()
            installation.let_time_pass("exports")
            until(lambda: caller.export(number)["status"] == "done")
        found = caller.export(number)
        assert (found["rows_done"], found["last_error"], export_row(installation, number)[1] > 1) == (many, "", True)
        assert len(caller.get(found["download_url"]).body.splitlines()) == many + 1
        came_once(installation, number)
        probe.were_all_well()


class TestAnExportThatKillsItsWorker:
    """Its attempts are counted when they begin, so it ends, too; `poisoned.py` has what kills."""

    def test_every_time_ends_failed_where_the_doctor_sees_it(self, installation, caller, meanwhile):
        with meanwhile() as probe:
            number = caller.order(source=poisoned.SOURCE, filters={"search": poisoned.KILLS})
            self.die(installation, number)
            until(lambda: caller.export(number)["status"] == "failed")
        assert export_row(installation, number)[:4] == ("failed", MOST_ATTEMPTS, 0, "interrupted")
        [line] = [line for line in installation.manage("doctor").splitlines() if line.startswith("exports")]
        assert line.split(maxsplit=1)[1] == "0 due, 0 stuck, 1 failed"
        probe.were_all_well()

    def die(self, installation, number: int) -> None:
        """With threads the whole worker dies; of a prefork pool one process does, which is soon replaced."""
        if installation.embedded:
            until(lambda: not installation.worker.is_running)
            installation.rows("UPDATE exports SET attempts = %s WHERE id = %s", MOST_ATTEMPTS, number)  # and so on
            installation.let_time_pass("exports")
            installation.worker.start()
        else:
            for attempt in range(1, MOST_ATTEMPTS + 1):
                until(lambda attempt=attempt: export_row(installation, number)[:2] == ("due", attempt))
                installation.end_leases("exports")  # of a process that is about to die
                installation.sweep("exports")
            assert "WorkerLostError" in installation.worker.log.read_text()
