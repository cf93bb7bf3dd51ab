"""A process that answers no requests, as `manage.py createsuperuser`, makes workspaces with every permission too."""

import os
import subprocess
import sys

from tests import source

SHOW = """
import django; django.setup()
from backend.core.permissions import catalogue
known = set(catalogue)
import worker.app, backend.urls
print(sorted(set(catalogue) - known), len(known) > 20)
"""


class TestTheCatalogueOfPermissions:
    def test_is_complete_before_any_operation_is_loaded(self):
        environment = os.environ | {"DJANGO_SETTINGS_MODULE": "backend.settings"}
        command = [sys.executable, "-c", SHOW]
        ran = subprocess.run(command, cwd=source.ROOT, env=environment, capture_output=True, text=True, check=True)
        assert ran.stdout.split("\n")[0] == "[] True"
