"""The environment of the process, read once into one typed class: a comment per variable.

Every variable may also stand in a file `.env` beside `manage.py`.
"""

from functools import cached_property
from pathlib import Path
from tempfile import gettempdir
from typing import Annotated, Literal

from django.core.exceptions import ImproperlyConfigured
from pydantic import Field
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

BASE_DIR = Path(__file__).resolve().parent.parent
DEVELOPMENT_SECRET_KEY = "development-only-secret-key-that-production-refuses-0123456789"  # noqa: S105
LONGEST_SOCKET_PATH = 100  # a unix socket's path must stay under 108 bytes


class Environment(BaseSettings):
    model_config = SettingsConfigDict(env_file=BASE_DIR / ".env", extra="ignore", frozen=True)

    # `development` allows the demo data, its passwords and the default secret key; `production` refuses them.
    environment: Literal["development", "production"] = "development"
    # Signs tokens and cookies. At least 50 characters in production; changing it ends every session.
    secret_key: str = DEVELOPMENT_SECRET_KEY
    # Host names this server answers to, separated by commas.
    allowed_hosts: Annotated[str, NoDecode] = "localhost,127.0.0.1,[::1]"
    # Where the embedded default keeps its state: database, redis, mail, uploads.
    crisol_var: Path = BASE_DIR / "var"
    # postgres://user:password@host:5432/name; empty: SQLite in `crisol_var`.
    database_url: str = ""
    # redis://host:6379/0; empty: the redis-server that `manage.py serve` starts on a unix socket.
    redis_url: str = ""
    # Origins of browser applications that may call the API, separated by commas, or `*`.
    # Empty: any origin on this machine in development, none in production.
    cors_allowed_origins: Annotated[str, NoDecode] = ""
    # Lifetimes of the tokens.
    access_token_minutes: int = Field(default=60, ge=1)
    refresh_token_days: int = Field(default=7, ge=1)
    # Up to this many rows a filtered list is counted exactly; beyond it the answer says so in a header.
    count_bound: int = Field(default=10_000, ge=100)
    # Whether `manage.py serve` fills an empty database with the demo data.
    demo: bool = True
    # Who may register: `open` lets anybody become a user without administration rights, `invite` only who is let in.
    # Empty: open in development, invite in production.
    registration: Literal["", "open", "invite"] = ""
    # Passwords of the two demo logins. The defaults are published, so production refuses them.
    demo_admin_password: str = "admin123"  # noqa: S105
    demo_user_password: str = "testpass123"  # noqa: S105
    # DEBUG, INFO, WARNING or ERROR.
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @property
    def is_development(self) -> bool:
        return self.environment == "development"

    @cached_property
    def broker_socket(self) -> Path:
        """The unix socket of the embedded redis; in a temporary folder when the checkout lies too deep."""
        socket = self.crisol_var.resolve() / "redis.sock"
        if len(str(socket)) <= LONGEST_SOCKET_PATH:
            return socket
        import hashlib

        digest = hashlib.sha256(str(socket).encode()).hexdigest()[:16]
        return Path(gettempdir()) / f"crisol-{digest}.sock"

    @property
    def redis(self) -> str:
        """The address of redis as redis-py and channels-redis spell it."""
        return self.redis_url or f"unix://{self.broker_socket}"

    @property
    def celery_broker(self) -> str:
        """The same address as kombu spells it."""
        return self.redis_url or f"redis+socket://{self.broker_socket}?virtual_host=0"

    def refuse_unsafe_production(self) -> None:
        """Stop a production start that would run on what everybody knows; the message names the variable to set."""
        if self.is_development:
            return
        if self.secret_key == DEVELOPMENT_SECRET_KEY or len(self.secret_key) < 50:
            raise ImproperlyConfigured("Set SECRET_KEY to at least 50 random characters: ENVIRONMENT is production.")


def split(value: str) -> list[str]:
    return [part.strip() for part in value.split(",") if part.strip()]


env = Environment()
