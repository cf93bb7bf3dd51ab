"""Refuse `make test-services` in one line where PostgreSQL or Redis does not answer."""

import os
import sys
from urllib.parse import urlsplit

import psycopg
import redis


def check(variable: str) -> None:
    url = os.environ[variable]
    try:
        if variable == "REDIS_URL":
            redis.Redis.from_url(url, socket_connect_timeout=5).ping()
        else:
            psycopg.connect(url, connect_timeout=5).close()
    except (OSError, ValueError, redis.RedisError, psycopg.Error):
        place = urlsplit(url)
        where = f"{place.hostname}:{place.port}"
        sys.exit(f"Nothing usable answers on {where}: start it, or say where it is with {variable}=")


check("DATABASE_URL")
check("REDIS_URL")
