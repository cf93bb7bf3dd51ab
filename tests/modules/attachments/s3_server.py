"""An S3 that checks signatures: SeaweedFS from its wheel, on free ports, with an empty folder."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from backend.modules.attachments.storages.s3 import S3Storage
from worker import supervise

BUCKET, ACCESS_KEY, SECRET_KEY = "crisol", "crisol-test", "a secret that only the tests know"
PORTS = (
    "master.port",
    "master.port.grpc",
    "volume.port",
    "volume.port.grpc",
    "filer.port",
    "filer.port.grpc",
    "s3.port",
    "s3.port.grpc",
    "admin.port",
    "admin.port.grpc",
)
PATIENCE = 300.0  # seconds; it takes one on an idle machine


@contextmanager
def running() -> Iterator[dict[str, str]]:
    """Start it, hand over the settings that reach it, and stop it."""
    folder = Path(tempfile.mkdtemp(prefix="s3-"))
    ports = dict(zip(PORTS, free_ports(len(PORTS)), strict=True))
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            command(folder, ports),
            cwd=folder,
            env=os.environ | {"AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY},
            stdout=log,
            stderr=log,
            preexec_fn=partial(supervise.die_with, os.getpid()),
        )
    options = {
        "bucket": BUCKET,
        "endpoint_url": f"http://127.0.0.1:{ports['s3.port']}",
        "public_endpoint_url": "",
        "access_key": ACCESS_KEY,
        "secret_key": SECRET_KEY,
        "region": "us-east-1",
    }
    try:
        wait(process, options, folder / "log")
        yield options
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(15)
        process.kill()
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def command(folder: Path, ports: dict[str, int]) -> list[str]:
    return [
        str(Path(sys.executable).parent / "weed"),
        "-logtostderr=true",
        "mini",
        f"-dir={folder}",
        "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1",
        "-admin.ui=false",
        "-webdav=false",
        "-master.telemetry=false",
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
        f"-filer.localSocket={folder}/filer.sock",
        f"-s3.localSocket={folder}/s3.sock",
        *(f"-{name}={port}" for name, port in ports.items()),
    ]


def wait(process: subprocess.Popen, options: dict[str, str], log: Path) -> None:
    """Until a file can be written, which is a while after the port is open."""
    client = S3Storage(**options).client
    until = time.monotonic() + PATIENCE
    while not is_ready(client):
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < until, log.read_text()
        time.sleep(0.2)


def is_ready(client: Any) -> bool:
    with suppress(BotoCoreError, ClientError):
        client.create_bucket(Bucket=BUCKET)
        client.put_object(Bucket=BUCKET, Key="ready", Body=b"yes")
        return True
    return False


def free_ports(number: int) -> list[int]:
    with ExitStack() as held:
        probes = [held.enter_context(socket.socket()) for _ in range(number)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
