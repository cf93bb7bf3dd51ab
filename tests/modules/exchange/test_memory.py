"""Memory that does not depend on the file, measured in a process of its own that imports into nothing."""

import re
import subprocess
import sys

import pytest

READ = """
import os, resource, sys
from pathlib import Path

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
django.setup()

from backend.modules.exchange import mapping, reading

refused = 0
try:
    with reading.open_table(Path(sys.argv[1])) as table:
        columns = mapping.columns_of("company", table.header, {})
        for row in table.rows():
            refused += row.fault is not None or not columns.record(row.cells)
except reading.FileRefused as error:
    print(error)
print("refused", refused)
print("peak", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""
MOST_MORE = 12  # megabytes


def write_rows(path, count):
    with path.open("w", encoding="utf-8") as file:
        file.write("name,industry,employees,town\n")
        file.writelines(f'Compañía {n},software,{n},"Av. Larco {n}, Lima"\n' for n in range(count))


@pytest.fixture
def read(tmp_path):
    """Reads a file in a fresh process: its output and its peak of megabytes."""

    def read(path):
        run = [sys.executable, "-c", READ, str(path)]
        output = subprocess.run(run, capture_output=True, text=True, check=True).stdout
        return output, int(re.search(r"peak (\d+)", output)[1])

    return read


def test_ten_times_the_rows_take_the_same_memory(read, tmp_path):
    write_rows(tmp_path / "few.csv", 20_000)
    write_rows(tmp_path / "many.csv", 200_000)
    _, few = read(tmp_path / "few.csv")
    _, many = read(tmp_path / "many.csv")
    assert many - few < MOST_MORE


@pytest.mark.parametrize(
    ("head", "said"),
    [(b"", "The header can't be read: the line is longer than"), (b"name\nAcme\n", "refused 1")],
    ids=["header", "row"],
)
def test_a_line_of_100_megabytes_is_refused_in_bounded_memory(read, tmp_path, head, said):
    write_rows(tmp_path / "few.csv", 20_000)
    with (tmp_path / "long.csv").open("wb") as file:
        file.write(head)
        for _ in range(100):
            file.write(b"x" * 1_000_000)
    _, few = read(tmp_path / "few.csv")
    output, peak = read(tmp_path / "long.csv")
    assert said in output
    assert peak - few < MOST_MORE
