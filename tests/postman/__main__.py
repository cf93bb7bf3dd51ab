"""`make postman`: newman runs the collections against a server of their own, started as `make run` starts one."""

import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.postman import DIALECTS, FOLDER
from tests.worker.tree import Server

NEWMAN = FOLDER / "node_modules" / ".bin" / "newman"
SECONDS = 300  # that a collection may take; each takes a few


def main() -> int:
    wanted = sys.argv[1:] or DIALECTS
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that the server is stopped then, too
    with tempfile.TemporaryDirectory(prefix="crisol-postman-") as folder:
        server = Server(Path(folder) / "var", DEMO="1")
        try:
            server.wait()
            failed = [dialect for dialect in wanted if not passes(dialect, f"http://127.0.0.1:{server.port}")]
        finally:
            server.interrupt(signal.SIGINT)
    print(f"Failed: {', '.join(failed)}" if failed else f"Passed: {', '.join(wanted)}")
    return bool(failed)


def passes(dialect: str, address: str) -> bool:
    """Run the dialect's collection, saying what fails, and in the end how much there was."""
    files = [f"{dialect}.postman_collection.json", "--environment", f"{dialect}.postman_environment.json"]
    options = ["--env-var", f"base_url={address}", "--reporter-cli-no-success-assertions", "--reporter-cli-no-banner"]
    return subprocess.run([NEWMAN, "run", *files, *options], cwd=FOLDER, timeout=SECONDS).returncode == 0


if __name__ == "__main__":
    raise SystemExit(main())
