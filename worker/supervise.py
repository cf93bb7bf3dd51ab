"""The embedded process tree: starts children, starts a dead one again, stops them in order, leaves nothing behind.

Ctrl-C reaches the supervisor only, because each child leads a session of its own. On Linux the kernel kills the
children of a supervisor that was killed itself; other systems have no such promise, and `kill -9` leaves orphans there.
"""

import contextlib
import ctypes
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

TICK = 0.2  # seconds between two looks at the children
SHORT_LIFE = 10.0  # a child that dies younger waits twice as long as the time before
FIRST_DELAY, LONGEST_DELAY = 1.0, 30.0
WORTH_SAYING = 5  # early deaths in a row
LARGEST_LOG = 10_000_000  # bytes; a larger log is set aside at the next start
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# A line that Django or Celery logged as a warning or worse; a client's mistake (4xx) is not ours.
TROUBLE = re.compile(r"\[?\S+ \S+ (WARNING(?! django\.request\b)|ERROR|CRITICAL)\b")

CELERY = [sys.executable, "-m", "celery", "-A", "worker.app"]
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


class Stopped(BaseException):
    """Somebody asked the supervisor to stop."""


class NotReady(Exception):
    """A child did not come up; the text names its log."""


@dataclass
class Child:
    name: str
    command: list[str]
    patience: float  # seconds from SIGTERM to SIGKILL
    repeat_trouble: bool = True  # show on the terminal what it logs as a warning or worse
    log: Path = field(init=False)
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    started: float = field(default=0.0, init=False)
    start_again: float | None = field(default=None, init=False)
    early_deaths: int = field(default=0, init=False)

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def start(self, environment: Mapping[str, str], folder: Path) -> None:
        supervisor = os.getpid()
        self.log.parent.mkdir(parents=True, exist_ok=True)
        # A signal between the fork and the assignment would raise `Stopped` and lose the process.
        signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
        try:
            with self.log.open("ab") as log:
                self.process = subprocess.Popen(  # noqa: S603 - the commands are those below
                    self.command,
                    env=environment,
                    cwd=folder,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                    preexec_fn=lambda: die_with(supervisor),  # noqa: PLW1509 - the supervisor has one thread
                )
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)
        self.started, self.start_again = time.monotonic(), None

    def plan_restart(self) -> float:
        """Return the seconds until the next start: longer each time that it dies young."""
        self.bury()
        lived = time.monotonic() - self.started
        self.early_deaths = self.early_deaths + 1 if lived < SHORT_LIFE else 0
        delay = min(FIRST_DELAY * 2 ** max(self.early_deaths - 1, 0), LONGEST_DELAY)
        self.start_again = time.monotonic() + delay
        return delay

    def stop(self) -> None:
        """Ask, wait, kill."""
        if self.process is not None:
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(self.patience)
            self.bury()

    def bury(self) -> None:
        """Kill the session, which may hold what the child had forked, and forget its number before it is reused."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None


def die_with(supervisor: int) -> None:
    """In the child, before it becomes its program: be killed when the supervisor's main thread ends."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)
    if LIBC is not None:
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != supervisor:  # it died before the kernel had noted the wish
            os._exit(1)


class Supervisor:
    """Keeps the children alive. The list goes from what is needed most to what needs it: it is stopped from its end.

    Call it from the main thread only: a child is killed when the thread that started it ends.
    """

    def __init__(
        self,
        children: list[Child],
        *,
        folder: Path,
        logs: Path,
        environment: Mapping[str, str],
        say: Callable[[str], None],
    ) -> None:
        self.children, self.folder, self.environment, self.say = children, folder, environment, say
        self.stopping = False
        self.read: dict[str, int] = {}  # how far each log was looked through for trouble
        for child in children:
            child.log = logs / f"{child.name}.log"
            if size(child.log) > LARGEST_LOG:
                child.log.replace(child.log.with_suffix(".log.old"))
            self.read[child.name] = size(child.log)

    def stop_on_signals(self) -> None:
        for number in STOP_SIGNALS:
            # `nohup` ignores SIGHUP for us; a shell that starts us in the background ignores SIGINT, which we do want.
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, self._on_signal)

    def start(self, child: Child) -> None:
        try:
            child.start(self.environment, self.folder)
        except OSError as problem:
            raise NotReady(f"{child.name} does not start: {problem}") from None

    def wait_for(self, child: Child, is_ready: Callable[[], bool], seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not is_ready():
            if not child.is_running or time.monotonic() > deadline:
                raise NotReady(f"{child.name} does not start: see {child.log}")
            self._pause(TICK / 4)

    def watch(self) -> None:
        """Heal the children until a signal says stop."""
        while True:
            for child in self.children:
                self._heal(child)
                self._repeat_trouble(child)
            self._pause(TICK)

    def stop(self) -> None:
        """Stop all children; a second signal changes nothing, the wait is bounded anyway."""
        self.stopping = True
        for child in reversed(self.children):
            child.stop()

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if not self.stopping:
            self.stopping = True
            raise Stopped

    def _pause(self, seconds: float) -> None:
        time.sleep(seconds)
        if self.stopping:  # the signal came where Python swallows exceptions
            raise Stopped

    def _heal(self, child: Child) -> None:
        if child.is_running:
            return
        if child.start_again is None:
            self._announce(child, child.plan_restart())
        elif time.monotonic() >= child.start_again:
            try:
                self.start(child)
            except NotReady as problem:
                self.say(str(problem))
                child.plan_restart()

    def _announce(self, child: Child, delay: float) -> None:
        if child.early_deaths < WORTH_SAYING:
            self.say(f"{child.name} ended and starts again in {delay:.0f} s")
        elif child.early_deaths == WORTH_SAYING:
            self.say(f"{child.name} keeps dying and is tried again every {LONGEST_DELAY:.0f} s: see {child.log}")

    def _repeat_trouble(self, child: Child) -> None:
        seen, written = self.read[child.name], size(child.log)
        self.read[child.name] = min(seen, written)  # a log that somebody emptied begins anew
        if written <= seen:
            return
        with child.log.open("rb") as log:
            log.seek(seen)
            for line in whole_lines(log):
                self.read[child.name] += len(line)
                text = line.decode(errors="replace").rstrip()
                if child.repeat_trouble and TROUBLE.match(text):
                    self.say(f"{child.name}: {text}")


def size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def whole_lines(log: Iterable[bytes]) -> Iterable[bytes]:
    """The lines of a log that is being written to, without one that is not finished yet."""
    return (line for line in log if line.endswith(b"\n"))


def redis(binary: str, *, socket: Path, data: Path) -> Child:
    place = ["--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "700", "--dir", str(data)]
    durability = ["--appendonly", "yes", "--save", "", "--maxmemory-policy", "noeviction"]
    return Child("redis", [binary, *place, *durability], patience=1.5, repeat_trouble=False)


def worker() -> Child:
    options = ["--pool", "threads", "--concurrency", "4", "--without-gossip", "--without-mingle"]
    return Child("worker", [*CELERY, "worker", *options], patience=4.0)


def beat(*, schedule: Path) -> Child:
    # No pidfile: one that a killed beat left behind would keep the next one from starting.
    return Child("beat", [*CELERY, "beat", "--schedule", str(schedule), "--pidfile", ""], patience=1.0)


def mail(*, port: int, folder: Path) -> Child:
    options = ["--port", str(port), "--folder", str(folder)]
    return Child("mail", [sys.executable, "-m", "worker.mail_sink", *options], patience=1.0)


def web(*, host: str, port: int) -> Child:
    options = ["-b", host, "-p", str(port), "--no-server-name", "--application-close-timeout", "1"]
    return Child("web", [sys.executable, "-m", "realtime.server", *options, "realtime.asgi:application"], patience=2.0)
