"""The project's settings on databases of the tests' own. DATABASE_URL and REDIS_URL choose the services, as always."""

import os
import tempfile

worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
os.environ["CRISOL_VAR"] = tempfile.mkdtemp(prefix=f"crisol-test-{worker}-")

from backend.settings import *  # noqa: E402, F403

ALLOWED_HOSTS = ["*"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # Argon2 is slow on purpose
CELERY_TASK_ALWAYS_EAGER = True
THROTTLE_PER_ACCOUNT = THROTTLE_PER_ADDRESS = 0  # the tests log in all the time; `throttled` counts
WEB_FORM_PER_FORM = WEB_FORM_PER_ADDRESS = 0
