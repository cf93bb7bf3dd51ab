"""What a client does: send the file to where it was told to, fetch it from where it was told to."""

import http.client
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from backend.modules.attachments import actions
from backend.modules.attachments.actions import Presigned
from tests.people import Person

PDF = b"%PDF-1.7\n" + bytes(range(256)) * 4 + b"\n%%EOF\n"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    content: bytes


@dataclass(frozen=True)
class Client:
    server: str  # what an address that begins with `/` is of

    def put(self, to: Presigned, content: bytes = PDF, **changed: str) -> Answer:
        """Send the file as was said, but for what is `changed` in the headers, with `_` for `-`."""
        return self.call("PUT", to.url, content, to.headers | {k.replace("_", "-"): v for k, v in changed.items()})

    def get(self, url: str) -> Answer:
        return self.call("GET", url)

    def call(self, method: str, url: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> Answer:
        where = urlsplit(urljoin(self.server, url))
        connection = http.client.HTTPConnection(where.netloc, timeout=30)
        try:
            connection.request(
                method, f"{where.path}?{where.query}" if where.query else where.path, body, headers or {}
            )
            answer = connection.getresponse()
            return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        finally:
            connection.close()


def announce(who: Person, deal, *, filename: str = "oferta.pdf", content_type: str = "application/pdf", **more):
    return actions.presign(
        who.actor, subject_kind="opportunity", subject_id=deal.pk, filename=filename, content_type=content_type, **more
    )
