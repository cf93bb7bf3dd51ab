"""The figures as tables to read and as JSON to keep."""

import os
import platform
from collections.abc import Iterable
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

import orjson

from bench.export import Export
from bench.rounds import Course, Measured, Round
from bench.servers import THREADS, WORKERS
from bench.sockets import Delivery

MEBIBYTE = 1 << 20
PACKAGES = ("django", "django-ninja", "pydantic", "psycopg", "granian", "daphne")


def machine(database_version: str) -> dict[str, str]:
    """What the figures hold for."""
    versions = {"python": platform.python_version(), "postgresql": database_version}
    return {"cores": str(os.cpu_count()), **versions, **{name: version(name) for name in PACKAGES}}


def text(
    course: Course, facts: dict[str, str], measured: list[Measured], exports: list[Export], deliveries: list[Delivery]
) -> str:
    loads = [each.machine_load for case in measured for each in (*case.floor, *case.project)]
    said = [
        ", ".join(f"{name} {value}" for name, value in facts.items()),
        f"Granian WSGI, {WORKERS} processes with {THREADS} threads; {course.connections} connections; "
        f"{course.rounds} rounds of {course.seconds:g} s each, floor and project in turn; medians.",
        *([f"Load average of the machine {min(loads):.1f} to {max(loads):.1f}."] if loads else []),
    ]
    return "\n\n".join(
        [
            "\n".join(said),
            *([table_of(measured)] if measured else []),
            *tables_of(exports),
            *tables_of_sockets(deliveries),
        ]
    )


def table_of(measured: list[Measured]) -> str:
    head = (
        "case", "ratio", "lowest to highest", "req/s floor", "req/s", "CPU ratio", "CPU ms floor", "CPU ms",
        "PG ms floor", "PG ms", "p50/p99 ms", "bar",
    )  # fmt: skip
    return table(head, (row_of(each) for each in measured))


def row_of(measured: Measured) -> tuple[str, ...]:
    floor, project = measured.floor, measured.project
    bar = measured.case.bar
    judged = "" if bar is None else f"{bar:.2f}, below the bar" if measured.is_below_the_bar else f"{bar:.2f}"
    return (
        measured.case.name,
        f"**{measured.ratio:.2f}**",
        f"{measured.ratios[0]:.2f} to {measured.ratios[-1]:.2f}",
        f"{median(each.rate for each in floor):.0f}",
        f"{median(each.rate for each in project):.0f}",
        f"{measured.cpu_ratio:.2f}",
        f"{median(each.cpu for each in floor):.2f}",
        f"{median(each.cpu for each in project):.2f}",
        database_cpu(floor),
        database_cpu(project),
        f"{median(each.middle for each in project):.0f}/{median(each.slowest for each in project):.0f}",
        judged,
    )


def database_cpu(rounds: list[Round]) -> str:
    known = [each.database_cpu for each in rounds if each.database_cpu is not None]
    return f"{median(known):.2f}" if known else "-"


def tables_of(exports: list[Export]) -> list[str]:
    if not exports:
        return []
    head = (
        "export", "rows", "MB", "first byte ms", "first row ms", "whole s", "rows/s", "CPU s", "memory before MB",
        "peak MB", "growth MB",
    )  # fmt: skip
    return [table(head, (export_row(each) for each in exports))]


def export_row(export: Export) -> tuple[str, ...]:
    before, peak = export.memory_before / MEBIBYTE, export.memory_peak / MEBIBYTE
    return (
        export.server,
        f"{export.rows:,}",
        f"{export.size / MEBIBYTE:.0f}",
        f"{export.first_byte * 1000:.0f}",
        f"{export.first_row * 1000:.0f}",
        f"{export.whole:.1f}",
        f"{export.rate:,.0f}",
        f"{export.cpu:.1f}",
        f"{before:.0f}",
        f"{peak:.0f}",
        f"{peak - before:+.0f}",
    )


def tables_of_sockets(deliveries: list[Delivery]) -> list[str]:
    if not deliveries:
        return []
    head = (
        "sockets", "open", "receivers", "messages", "not delivered", "p50 ms", "p99 ms", "last ms", "CPU ms a message",
        "PG ms", "memory before MB", "KB a socket", "load",
    )  # fmt: skip
    return [table(head, (delivery_row(each) for each in deliveries))]


def delivery_row(delivery: Delivery) -> tuple[str, ...]:
    return (
        delivery.server,
        f"{delivery.sockets}",
        f"{delivery.members}",
        f"{delivery.messages}",
        f"{delivery.missing}",
        f"{delivery.middle:.1f}",
        f"{delivery.slowest:.1f}",
        f"{delivery.last:.1f}",
        f"{delivery.cpu:.1f}",
        "-" if delivery.database_cpu is None else f"{delivery.database_cpu:.1f}",
        f"{delivery.memory_before / MEBIBYTE:.0f}",
        f"{delivery.memory / 1024:.0f}",
        f"{delivery.machine_load:.1f}",
    )


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [tuple(head)]
    lines += [("---",) * len(lines[0]), *map(tuple, rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def keep(
    path: Path,
    course: Course,
    facts: dict[str, str],
    measured: list[Measured],
    exports: list[Export],
    deliveries: list[Delivery],
) -> None:
    content: dict[str, Any] = {
        "machine": facts,
        "course": asdict(course),
        "cases": [asdict(each) | {"ratio": each.ratio, "cpu_ratio": each.cpu_ratio} for each in measured],
        "exports": [asdict(each) | {"rate": each.rate} for each in exports],
        "sockets": [asdict(each) | {"memory": each.memory} for each in deliveries],
    }
    path.write_bytes(orjson.dumps(content, option=orjson.OPT_INDENT_2))
