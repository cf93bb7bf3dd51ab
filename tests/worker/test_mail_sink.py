"""The server that keeps mail as files, as a process of its own."""

import os
import signal
import smtplib
import subprocess
import sys
import time
from pathlib import Path

import pytest

from backend.env import BASE_DIR
from tests.mail_server import free_port
from worker import mail_sink


@pytest.fixture
def sink(tmp_path):
    """Its port and its folder, which is not there before the first mail."""
    port, folder = free_port(), tmp_path / "mail"
    command = [sys.executable, "-m", "worker.mail_sink", "--port", str(port), "--folder", str(folder)]
    process = subprocess.Popen(command, cwd=BASE_DIR)
    deadline = time.monotonic() + 120
    while not answers(port):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    yield port, folder
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0


def answers(port: int) -> bool:
    try:
        smtplib.SMTP("127.0.0.1", port, timeout=60).quit()
    except OSError:
        return False
    return True


def send(port: int, text: str) -> None:
    with smtplib.SMTP("127.0.0.1", port, timeout=60) as server:
        server.sendmail("a@example.com", ["b@example.com"], text)


class TestTheSink:
    def test_keeps_each_mail_as_it_came_for_its_owner_alone(self, sink):
        port, folder = sink
        send(port, "Subject: One\r\n\r\n.dots\r\n")
        send(port, "Subject: Two\r\n\r\ntext\r\n")
        first, second = sorted(folder.iterdir())
        assert first.read_bytes() == b"Subject: One\r\n\r\n.dots\r\n"
        assert second.read_bytes() == b"Subject: Two\r\n\r\ntext\r\n"
        assert first.stat().st_mode & 0o077 == 0

    def test_takes_no_mail_that_it_can_not_keep(self, sink):
        port, folder = sink
        folder.write_text("a file where the folder should be")
        with pytest.raises(smtplib.SMTPDataError) as refused:
            send(port, "Subject: One\r\n\r\ntext\r\n")
        assert refused.value.smtp_code == 452


class TestKeeping:
    def test_lets_the_oldest_give_way(self, tmp_path: Path, monkeypatch):
        monkeypatch.setattr(mail_sink, "KEPT", 3)
        names = [mail_sink.keep(tmp_path, b"text").name for _ in range(5)]
        assert names == sorted(names)
        assert sorted(os.listdir(tmp_path)) == names[2:]
