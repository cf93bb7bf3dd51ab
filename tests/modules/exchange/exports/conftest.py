import pytest

import backend.api  # noqa: F401 - says which lists there are, as in the worker
from backend.core import hints
from backend.modules.attachments import tasks as attachments
from backend.modules.exchange import tasks
from backend.modules.exchange.models import Export
from tests import people
from tests.modules.attachments.conftest import NO_S3


@pytest.fixture(autouse=True)
def uploads(settings, tmp_path):
    """Files lie in a folder of the test's own."""
    settings.S3, settings.UPLOADS = NO_S3, tmp_path / "uploads"
    return settings.UPLOADS


@pytest.fixture
def given(monkeypatch):
    """The hints that were given to workers, none of which looks at them: the names of the tasks, and what for."""
    noted: list[tuple[str, tuple]] = []
    monkeypatch.setattr(hints, "give", lambda task, *args, expires=None: noted.append((task.name, args)))
    return noted


@pytest.fixture
def write(given):
    """Let a worker write the export, and give its row as it is then."""

    def write(export: Export) -> Export:
        tasks.write_export(export.workspace_id, export.pk)
        export.refresh_from_db()
        return export

    return write


@pytest.fixture
def change():
    """Set what only time or another worker sets."""

    def change(export: Export, **fields) -> Export:
        export.refresh_from_db()
        for name, value in fields.items():
            setattr(export, name, value)
        people.writing(export.workspace_id, export.save)
        return export

    return change


@pytest.fixture
def files(uploads):
    """The contents of the files that are kept, as far as no sweep of attachments has removed them."""

    def files() -> list[bytes]:
        attachments.sweep_attachments()
        return [path.read_bytes() for path in sorted((uploads / "kept").glob("*/*"))]

    return files
