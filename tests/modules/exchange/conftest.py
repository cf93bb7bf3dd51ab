import os
import re
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from tests.people import Person

CHECKOUT = Path(__file__).parents[3]
RESULTS = re.compile(r"created (\d+), updated (\d+), unchanged (\d+), refused (\d+)")


class Importer:
    """Runs the command in one workspace; answers the counts created, updated, unchanged, refused."""

    def __init__(self, person: Person, folder: Path) -> None:
        self.person = person
        self.folder = folder
        self.refused = folder / "refused.csv"
        self.output = ""

    def file(self, content: str | bytes, name: str = "rows.csv") -> Path:
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def run(self, kind: str, source: Path | str | bytes, *options: str) -> tuple[int, ...]:
        path = source if isinstance(source, Path) else self.file(source)
        self.refused.unlink(missing_ok=True)
        written = StringIO()
        place = ["--workspace", str(self.person.workspace.pk), "--refused", str(self.refused)]
        call_command("import_csv", kind, str(path), *place, *options, stdout=written)
        self.output = written.getvalue()
        return tuple(map(int, RESULTS.search(self.output).groups()))

    def refusals(self) -> str:
        return self.refused.read_text("utf-8-sig")


@pytest.fixture
def importer(alice, tmp_path):
    return Importer(alice, tmp_path)


@pytest.fixture(scope="session")
def data_set():
    """The folder of the public data set beside the checkout."""
    folder = CHECKOUT.parent / "shared" / "data" / "maven-crm"
    if not folder.exists():
        if os.environ.get("CI") == "true":
            pytest.fail("The public data set does not lie beside the checkout")
        pytest.skip("the public data set does not lie beside the checkout")
    return folder


@pytest.fixture
def accounts(data_set):
    """The 85 companies of the public data set."""
    return data_set / "accounts.csv"


@pytest.fixture
def contacts_file():
    return CHECKOUT / "tests" / "data" / "contacts.csv"
