import os
import subprocess
import sys

from django.conf import settings
from ninja_jwt.settings import NinjaJWTSettings

SHOW = """
import django; django.setup()
from ninja_jwt.settings import api_settings
print(sorted((name, str(value)) for name, value in api_settings.model_dump().items()))
"""


def token_settings(**hostile: str) -> str:
    """The settings of the tokens as a process of its own sees them."""
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "backend.settings"} | hostile
    ran = subprocess.run([sys.executable, "-c", SHOW], env=environment, capture_output=True, text=True, check=True)
    return ran.stdout


class TestTheTokenSettings:
    def test_name_every_field(self):
        assert set(NinjaJWTSettings.model_fields) == set(settings.NINJA_JWT)

    def test_do_not_change_in_a_hostile_environment(self):
        hostile = dict.fromkeys(NinjaJWTSettings.model_fields, "3")
        hostile |= {"ALGORITHM": "HS512", "ISSUER": "evil", "AUDIENCE": '"evil"', "JWK_URL": "http://evil.example",
                    "SIGNING_KEY": "evil", "ROTATE_REFRESH_TOKENS": "1"}  # fmt: skip
        assert token_settings(**hostile) == token_settings()
