"""The figures of several server processes on one machine, added up through files that they share.

Each process writes to files of its own slot: a number that a file lock keeps for it as long as it lives. The next
process that takes the slot goes on counting where the last one stopped, so there are never more files than there were
processes at once, and a process that was killed takes no count with it. A start with no other process alive begins
from nothing. Process ids would not do: containers give the same ones to every start.
"""

import fcntl
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import IO

from prometheus_client import CollectorRegistry, values
from prometheus_client.multiprocess import MultiProcessCollector

FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # where prometheus_client looks for it


class Slot:
    """The slot of this process, another one after a fork."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.folder.mkdir(parents=True, exist_ok=True)
        self.process = 0
        self.file: IO[str] | None = None

    def number(self) -> int:
        """Asked with each count, hence no more than a comparison."""
        if self.process != os.getpid():
            if self.file is not None:
                self.file.close()  # the parent's: its lock stays with the parent
            self.taken, self.file = take(self.folder)
            self.process = os.getpid()
        return self.taken


joined: Slot | None = None


def join(folder: Path) -> None:
    """Count together with the other processes of this folder. Call it before the metrics are loaded.

    Where they are loaded already (`runserver`, which has one process) they stay in memory.
    """
    global joined
    if "backend.monitoring.metrics" in sys.modules or joined:
        return
    joined = Slot(folder)
    os.environ[FOLDER] = str(folder)
    values.ValueClass = values.MultiProcessValue(process_identifier=joined.number)  # type: ignore[assignment, misc]


def collected(folder: Path) -> CollectorRegistry:
    """The sums over all processes; of those that are gone, only what they counted, not what they had open."""
    with alone(folder):
        for number in slots(folder):
            if not is_held(folder, number):
                forget_gauges(folder, number)
        registry = CollectorRegistry()
        MultiProcessCollector(registry, path=str(folder))
    return registry


def take(folder: Path) -> tuple[int, IO[str]]:
    """The lowest free slot and its locked file."""
    with alone(folder):
        if not any(is_held(folder, number) for number in slots(folder)):
            for left_over in folder.glob("*.db"):
                left_over.unlink()
        number = next(each for each in count() if not is_held(folder, each))
        forget_gauges(folder, number)
        file = slot_file(folder, number).open("a")
        fcntl.flock(file, fcntl.LOCK_EX)
        return number, file


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Nobody else takes or looks at slots meanwhile."""
    with (folder / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def slots(folder: Path) -> list[int]:
    return [int(file.stem.removeprefix("slot-")) for file in folder.glob("slot-*.lock")]


def slot_file(folder: Path, number: int) -> Path:
    return folder / f"slot-{number}.lock"


def is_held(folder: Path, number: int) -> bool:
    with slot_file(folder, number).open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False


def forget_gauges(folder: Path, number: int) -> None:
    """What a process that is gone had open is not open any more."""
    for left_over in folder.glob(f"gauge_*_{number}.db"):
        left_over.unlink()
