"""Several processes count as one: Granian with two workers, one of which is killed."""

import contextlib
import os
import signal
import subprocess
import sys
import urllib.request
from collections import Counter
from pathlib import Path

import pytest

from backend.env import BASE_DIR
from backend.monitoring import processes
from tests.mail_server import free_port
from tests.monitoring.exposed import Exposed
from tests.worker.tree import until

LIVE = {"route": "/health/live", "status": "200"}


class Granian:
    """Two workers, each started again when it dies."""

    def __init__(self, var: Path) -> None:
        self.port, self.served = free_port(), Counter()
        self.log = var / "granian.log"
        options = ["--interface", "wsgi", "--workers", "2", "--respawn-failed-workers", "--port", str(self.port)]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "granian", *options, "tests.monitoring.server:application"],
                cwd=BASE_DIR,
                env=os.environ | {"DJANGO_SETTINGS_MODULE": "backend.settings", "CRISOL_VAR": str(var)},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def get(self, path: str) -> tuple[str, str]:
        """The body, and the process that answered; each call is a connection of its own."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=30) as answer:
            return answer.read().decode(), answer.headers["X-Process"]

    def answers(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()
        try:
            self.get("/scrape")
        except OSError:
            return False
        return True

    def call_until(self, is_enough) -> None:
        """Send requests until both processes have had some."""

        def enough() -> bool:
            for _ in range(10):
                with contextlib.suppress(ConnectionError):  # the kernel had given it to the process that was killed
                    self.served[self.get("/health/live")[1]] += 1
            return is_enough()

        until(enough)

    def counted(self) -> float:
        return self.scrape().total("crisol_http_requests_total", **LIVE)

    def scrape(self) -> Exposed:
        return Exposed(self.get("/scrape")[0])


@pytest.fixture
def granian(tmp_path):
    server = Granian(tmp_path)
    yield server
    os.killpg(server.process.pid, signal.SIGKILL)
    server.process.wait()


@pytest.mark.processes
@pytest.mark.timeout(600)
class TestTwoWorkers:
    def test_count_as_one_and_a_killed_one_takes_nothing_with_it(self, granian, tmp_path):
        until(granian.answers)
        granian.call_until(lambda: len(granian.served) == 2)
        assert granian.counted() == granian.served.total()
        assert granian.scrape().total("crisol_http_request_duration_seconds_count", route=LIVE["route"]) == (
            granian.served.total()
        )

        os.kill(int(next(iter(granian.served))), signal.SIGKILL)
        granian.call_until(lambda: len(granian.served) == 3)

        assert granian.counted() == granian.served.total()
        assert granian.scrape().total("crisol_http_requests_in_flight") == 0
        assert len(processes.slots(tmp_path / "metrics")) == 2, "the new process took over the slot of the old one"


WRITER = """
import sys
from pathlib import Path
from backend.monitoring import processes
processes.join(Path(sys.argv[1]))
from prometheus_client import CollectorRegistry, Counter, Gauge
Counter("done", "Done.", registry=CollectorRegistry()).inc()
Gauge("open", "Open.", registry=CollectorRegistry(), multiprocess_mode="livesum").inc()
print("ready", flush=True)
sys.stdin.read()
"""

FORKING = """
import os, sys
from pathlib import Path
from backend.monitoring import processes
processes.join(Path(sys.argv[1]))
from prometheus_client import CollectorRegistry, Counter
done = Counter("done", "Done.", registry=CollectorRegistry())
child = os.fork()
done.inc()
if child:
    sys.exit(os.waitpid(child, 0)[1])
"""


class TestASlot:
    def test_goes_with_its_counts_to_the_next_process(self, start, read):
        first, second = start(), start()
        assert read("done_total", "open") == (2, 2)
        end(first)
        assert read("done_total", "open") == (2, 1)
        third = start()
        assert read("done_total", "open") == (3, 2)
        end(second)
        end(third)
        assert read("done_total", "open") == (3, 0)

    def test_begins_from_nothing_when_no_process_is_alive(self, start, read):
        end(start())
        end(start())
        start()
        assert read("done_total", "open") == (1, 1)

    def test_is_another_one_after_a_fork(self, folder, read):
        assert subprocess.run([sys.executable, "-c", FORKING, folder], cwd=BASE_DIR, timeout=60).returncode == 0
        assert sorted(processes.slots(folder)) == [0, 1]
        assert read("done_total") == (2,)

    def test_is_taken_by_one_process_only(self, start, folder):
        assert len({start().pid for _ in range(3)}) == 3
        assert sorted(processes.slots(folder)) == [0, 1, 2]

    @pytest.fixture
    def folder(self, tmp_path):
        return tmp_path / "metrics"

    @pytest.fixture
    def start(self, folder):
        running = []

        def start_one() -> subprocess.Popen:
            process = subprocess.Popen(
                [sys.executable, "-c", WRITER, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=BASE_DIR
            )
            running.append(process)
            assert process.stdout.readline() == b"ready\n"
            return process

        yield start_one
        for process in running:
            end(process)

    @pytest.fixture
    def read(self, folder):
        def figures(*names: str) -> tuple[float, ...]:
            found = {
                sample.name: sample.value
                for family in processes.collected(folder).collect()
                for sample in family.samples
            }
            return tuple(found.get(name, 0.0) for name in names)

        return figures


def end(process: subprocess.Popen) -> None:
    """Kill it: what a process would tidy up when it ends in peace is not done."""
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        pipe.close()
