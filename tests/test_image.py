"""compose.yaml and the image, as far as they can be checked without Docker."""

import re
import subprocess

import pytest
import yaml

from backend.env import Environment
from tests import source

COMPOSE = source.ROOT / "compose.yaml"
ENTRYPOINT = source.ROOT / "docker" / "entrypoint.sh"


@pytest.fixture(scope="module")
def services():
    return yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["services"]


@pytest.fixture(scope="module")
def ours(services):
    return {name: service for name, service in services.items() if service["image"] == "crisol"}


def pins(lock):
    text = (source.ROOT / lock).read_text(encoding="utf-8")
    return {line.split(";")[0].strip(" \\") for line in text.splitlines() if re.match(r"[a-z0-9].*==", line)}


class TestCompose:
    def test_starts_every_process_of_an_installation(self, ours):
        assert set(ours) == {"migrate", "web", "realtime", "worker", "beat"}

    def test_asks_the_entry_point_for_what_it_has(self, ours):
        known = set(re.findall(r"^(\w+)\) exec", ENTRYPOINT.read_text(encoding="utf-8"), re.MULTILINE))
        assert {service["command"][0] for service in ours.values()} == known

    def test_sets_variables_that_the_server_reads(self, ours):
        for service in ours.values():
            assert {name.lower() for name in service["environment"]} <= set(Environment.model_fields)

    def test_has_every_variable_in_the_example(self):
        asked = set(re.findall(r"\$\{(\w+)", COMPOSE.read_text(encoding="utf-8")))
        example = (source.ROOT / "docker" / "example.env").read_text(encoding="utf-8")
        assert asked == set(re.findall(r"^(\w+)=", example, re.MULTILINE))

    def test_waits_for_services_and_keeps_volumes_that_exist(self, services):
        volumes = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["volumes"]
        for service in services.values():
            assert set(service.get("depends_on", {})) <= set(services)
            named = {each.split(":")[0] for each in service.get("volumes", [])}
            assert {each for each in named if not each.startswith(".")} <= set(volumes)


class TestTheImage:
    def test_has_what_the_tests_ran_on_and_nothing_of_the_development(self):
        runtime = pins("docker/requirements.lock")
        assert runtime < pins("requirements.lock")
        assert not [pin for pin in runtime if pin.startswith(("pytest", "ruff", "mypy", "seaweedfs"))]

    def test_copies_what_there_is(self):
        text = (source.ROOT / "docker" / "Dockerfile").read_text(encoding="utf-8")
        copied = [path for line in re.findall(r"^COPY (.*) \S+$", text, re.MULTILINE) for path in line.split()]
        assert copied
        assert [path for path in copied if not (source.ROOT / path).exists()] == []

    def test_has_an_entry_point_that_is_a_script_and_passes_other_commands_to_manage_py(self, tmp_path):
        assert ENTRYPOINT.stat().st_mode & 0o111
        (tmp_path / "python").write_text('#!/bin/sh\necho "$@"\n')
        (tmp_path / "python").chmod(0o755)
        run = subprocess.run(
            [ENTRYPOINT, "createsuperuser", "--username", "ana"],
            env={"PATH": f"{tmp_path}:/bin:/usr/bin"}, capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert run.stdout.split() == ["manage.py", "createsuperuser", "--username", "ana"]
