from pathlib import Path

import pytest

from tests.worker.tree import Server


@pytest.fixture(scope="module")
def start(tmp_path_factory):
    servers = []

    def start_one(var: Path | None = None, **environment: str) -> Server:
        servers.append(Server(var or tmp_path_factory.mktemp("var"), **environment))
        return servers[-1].wait()

    yield start_one
    for server in servers:
        server.process.kill()  # its children die with it
        server.process.wait()


@pytest.fixture(scope="module")
def server(start):
    return start(DEMO="1")
