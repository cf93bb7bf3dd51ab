"""`python -m realtime > docs/asyncapi.json`: the AsyncAPI document of the socket."""

import json
import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings")
django.setup()

from realtime import asyncapi  # noqa: E402 - after Django is set up

sys.stdout.write(json.dumps(asyncapi.document(), indent=2, ensure_ascii=False) + "\n")
