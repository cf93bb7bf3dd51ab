"""The environment of the process, read once into one typed class: a comment per variable.

Every variable may also stand in a file `.env` beside `manage.py`.
"""

from functools import cached_property
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from tempfile import gettempdir
from typing import Annotated, Literal

from django.core.exceptions import ImproperlyConfigured
from pydantic import Field
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

BASE_DIR = Path(__file__).resolve().parent.parent
DEVELOPMENT_SECRET_KEY = "development-only-secret-key-that-production-refuses-0123456789"  # noqa: S105
LONGEST_SOCKET_PATH = 100  # a unix socket's path must stay under 108 bytes

UPLOAD_TYPES = ",".join([
    "application/pdf",
    "image/png",
    "image/jpeg",
    "image/webp",
    "image/gif",
    "text/plain",
    "text/csv",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "application/vnd.oasis.opendocument.text",
    "application/vnd.oasis.opendocument.spreadsheet",
    "application/zip",
])  # fmt: skip


class Environment(BaseSettings):
    model_config = SettingsConfigDict(env_file=BASE_DIR / ".env", extra="ignore", frozen=True)

    # `development` allows the demo data, its passwords and the default secret key; `production` refuses them.
    environment: Literal["development", "production"] = "development"
    # Signs tokens and cookies. At least 50 characters in production; changing it ends every session.
    secret_key: str = DEVELOPMENT_SECRET_KEY
    # Its predecessors, separated by commas: what they sealed (second factors) and signed (links) holds on.
    secret_key_fallbacks: Annotated[str, NoDecode] = ""
    # Host names this server answers to, separated by commas.
    allowed_hosts: Annotated[str, NoDecode] = "localhost,127.0.0.1,[::1]"
    # Where the embedded default keeps its state: database, redis, mail, uploads.
    crisol_var: Path = BASE_DIR / "var"
    # postgres://user:password@host:5432/name; empty: SQLite in `crisol_var`.
    database_url: str = ""
    # Whether the threads of a process share a pool of connections to PostgreSQL. Under ASGI they have to, because each
    # request has a thread of its own; those of `backend.wsgi` stay, and each keeps a connection, which costs less.
    database_pool: bool = True
    # Whether the statements that run with nearly every request are prepared on PostgreSQL. Behind a PgBouncer that does
    # not keep prepared statements (before 1.21, or with max_prepared_statements = 0): false.
    database_prepare: bool = True
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
    # How many failed attempts there may be within `throttle_seconds` with one user name or e-mail address, whether or
    # not somebody has it: logins, wrong current passwords, registrations. 0: any number.
    throttle_per_account: int = Field(default=10, ge=0)
    # The same from one address (of IPv6, one /64): every registration and accepted invitation counts. 0: any number.
    throttle_per_address: int = Field(default=100, ge=0)
    throttle_seconds: int = Field(default=900, ge=1, le=86_400)
    # How often a web form may be sent within `throttle_seconds`, from all pages that have it together, and from one
    # address. 0: any number.
    web_form_per_form: int = Field(default=600, ge=0)
    web_form_per_address: int = Field(default=20, ge=0)
    # The networks of the proxies whose `X-Forwarded-For` is believed, separated by commas. Empty: nobody's, and behind
    # a proxy everybody has the proxy's address.
    trusted_proxies: Annotated[str, NoDecode] = ""
    # Passwords of the two demo logins. The defaults are published, so production refuses them.
    demo_admin_password: str = "admin123"  # noqa: S105
    demo_user_password: str = "testpass123"  # noqa: S105
    # Who may read the metrics: whoever sends this as `Authorization: Bearer <token>`, ...
    metrics_token: str = Field(default="", repr=False)
    # ... and whoever calls from one of these networks, separated by commas.
    # Empty: this machine alone; nobody where `metrics_token` is set.
    metrics_allow: Annotated[str, NoDecode] = ""
    # Where the server processes of one machine add up what they count: not shared between machines or containers.
    # Empty: a folder in `crisol_var`.
    metrics_dir: Path | None = None
    # The SMTP server that takes outgoing mail. Empty: in development the sink of `manage.py serve`, which keeps mail
    # in `crisol_var`; in production mail stays due until there is one.
    smtp_host: str = ""
    smtp_port: int = Field(default=587, ge=1, le=65535)
    # Empty: no log-in.
    smtp_user: str = ""
    smtp_password: str = Field(default="", repr=False)
    # `starttls` (usually port 587), `tls` from the first byte (465), or `none`, for a server on this machine.
    smtp_security: Literal["none", "starttls", "tls"] = "starttls"
    # Seconds that one step of the dialogue with the SMTP server may take. A mail whose worker was killed is sent again
    # after ten times as long.
    smtp_timeout: int = Field(default=20, ge=1, le=300)
    # Seconds that a task of the worker may run; then its process ends. An export fails a little before.
    task_time_limit: int = Field(default=900, ge=60)
    # The sender of all mail, `Name <address>`.
    mail_from: str = "Crisol <crisol@localhost>"
    # The port of the embedded sink: `manage.py serve` sets it for its children.
    mail_sink_port: int = Field(default=0, ge=0, le=65535)
    # Where people reach this server, the beginning of the links in mails. Empty: port 8000 of this machine; of what
    # `manage.py serve` starts, its own address.
    public_url: str = ""
    # The page on which an invitation is accepted, with `{token}` in it; empty: this server's own.
    invitation_url: str = ""
    # The page on which who forgot their password chooses a new one, with `{token}` in it; empty: this server's own.
    password_reset_url: str = ""
    # Days that mails which were sent or failed, and notifications in the application, are kept.
    mail_kept_days: int = Field(default=180, ge=1)
    # The largest file that can be attached, in MB of 1024 * 1024 bytes.
    upload_max_mb: int = Field(default=50, ge=1, le=5000)
    # Media types of files that can be attached, separated by commas. Never let in what a browser runs: HTML, SVG.
    upload_types: Annotated[str, NoDecode] = UPLOAD_TYPES
    # The bucket on S3 (or what speaks its protocol) that has the files. Empty: `uploads` in `crisol_var`.
    s3_bucket: str = ""
    # Where this server reaches S3. Empty: Amazon's own address; any other is spoken to with the bucket in the path.
    s3_endpoint_url: str = ""
    # Where clients reach it, if that is another address.
    s3_public_endpoint_url: str = ""
    # Its keys. Empty: what boto3 finds by itself, as the role of the machine.
    s3_access_key: str = ""
    s3_secret_key: str = ""
    s3_region: str = "us-east-1"
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

    @property
    def metrics_folder(self) -> Path:
        return (self.metrics_dir or self.crisol_var / "metrics").resolve()

    @property
    def metrics_networks(self) -> list[IPv4Network | IPv6Network]:
        named = self.metrics_allow or ("" if self.metrics_token else "127.0.0.0/8,::1")
        return networks("METRICS_ALLOW", named)

    @property
    def trusted_networks(self) -> list[IPv4Network | IPv6Network]:
        return networks("TRUSTED_PROXIES", self.trusted_proxies)

    def refuse_unsafe_production(self) -> None:
        """Stop a production start that would run on what everybody knows; the message names the variable to set."""
        if self.is_development:
            return
        if self.secret_key == DEVELOPMENT_SECRET_KEY or len(self.secret_key) < 50:
            raise ImproperlyConfigured("Set SECRET_KEY to at least 50 random characters: ENVIRONMENT is production.")


def split(value: str) -> list[str]:
    return [part.strip() for part in value.split(",") if part.strip()]


def networks(variable: str, value: str) -> list[IPv4Network | IPv6Network]:
    try:
        return [ip_network(each) for each in split(value)]
    except ValueError as problem:
        raise ImproperlyConfigured(f"{variable} takes networks as 10.0.0.0/8: {problem}") from None


env = Environment()
