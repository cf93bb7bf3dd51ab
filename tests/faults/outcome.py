"""What came of an export, as the database and the mail server have it."""

from tests.faults.installation import Installation
from tests.worker.tree import until


def export_row(installation: Installation, number: int) -> tuple:
    """State, attempts, rows done, last error, and the end of the lease."""
    [found] = installation.rows(
        "SELECT state, attempts, rows_done, last_error, leased_until FROM exports WHERE id = %s", number
    )
    return found


def came_once(installation: Installation, number: int) -> None:
    """One file, and one mail about it, which arrives."""
    files = "SELECT state FROM attachments WHERE subject_kind = 'export' AND subject_id = %s AND state = 'confirmed'"
    assert installation.rows(files, number) == [("confirmed",)]
    written = "SELECT state, message_id FROM outbound_emails WHERE key || '/' LIKE %s"
    until(lambda: [state for state, _ in installation.rows(written, f"export/{number}/%")] == ["sent"])
    [(_, message_id)] = installation.rows(written, f"export/{number}/%")
    assert [mail["Message-ID"] for mail in installation.sink.received].count(message_id) == 1
