"""The SMTP server of the embedded default: it delivers nothing and keeps each mail as a file.

python -m worker.mail_sink --port 2525 --folder var/mail
"""

import asyncio
import os
import signal
from argparse import ArgumentParser
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from aiosmtpd.smtp import SMTP, Envelope, Session

KEPT = 500  # mails; the oldest give way


class Keeper:
    """What aiosmtpd asks at the end of each mail."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        try:
            keep(self.folder, envelope.original_content or b"")
        except OSError as problem:
            return f"452 {problem.strerror}"
        return "250 Kept"


def keep(folder: Path, content: bytes) -> Path:
    """Write a mail under a name that sorts by time. Nobody ever sees a part of it."""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}-{uuid4().hex[:8]}.eml"
    part = folder / f".{name}.part"
    try:
        part.write_bytes(content)
        part.replace(folder / name)
    finally:
        part.unlink(missing_ok=True)
    for old in sorted(folder.glob("*.eml"))[:-KEPT]:
        old.unlink(missing_ok=True)
    return folder / name


async def serve(port: int, folder: Path) -> None:
    """Take mail on this machine's own address until SIGTERM or SIGINT."""
    loop, end = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end.set)
    keeper = Keeper(folder)

    def conversation() -> SMTP:
        return SMTP(keeper, enable_SMTPUTF8=True, hostname="localhost", loop=loop)

    server = await loop.create_server(conversation, "127.0.0.1", port)
    async with server:
        await end.wait()


def main() -> None:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    given = parser.parse_args()
    os.umask(0o077)  # mails carry links that open something
    asyncio.run(serve(given.port, given.folder))


if __name__ == "__main__":
    main()
