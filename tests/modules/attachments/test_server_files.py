"""The addresses of this server that take and give files: whole files, nothing else, to nobody without a signature."""

import asyncio
import dataclasses
from datetime import timedelta

import pytest
from django.core import signing
from django.test import Client

from backend.core.errors import TooLarge, Unavailable
from backend.modules.attachments import actions, queries, storages
from backend.modules.attachments.storages import links
from backend.modules.attachments.storages.links import DownloadLink, UploadLink
from realtime.asgi import application
from tests.modules.attachments.sending import PDF, announce

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("uploads")]

MINUTE = timedelta(minutes=1)
LARGE = b"%PDF" + b"x" * 4_000_000


def put(client, url: str, content: bytes = PDF, **headers: str):
    given = {"content_type": "application/pdf"} | headers
    return client.put(url, content, **given)


def code(answer) -> str:
    assert answer["Content-Type"] == "application/json"
    return answer.json()["error"]["code"]


def files(folder) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


class TestTaking:
    def test_needs_no_login_no_cookie_and_no_token(self, alice, deal):
        assert put(Client(enforce_csrf_checks=True), announce(alice, deal).url).status_code == 200

    def test_leaves_one_whole_file(self, alice, deal, client, uploads):
        to = announce(alice, deal)
        put(client, to.url, LARGE)
        assert files(uploads) == [to.key.partition("/")[2]]
        assert (uploads / "incoming" / to.key).read_bytes() == LARGE

    @pytest.mark.parametrize(
        ("headers", "status", "said"),
        [
            ({"content_type": "text/html"}, 415, "unsupported_media_type"),
            ({"content_type": "application/pdf; charset=utf-8"}, 415, "unsupported_media_type"),
            ({"content_type": ""}, 415, "unsupported_media_type"),
            ({"CONTENT_LENGTH": str(10**9)}, 413, "too_large_body"),
            ({"CONTENT_LENGTH": ""}, 400, "upload_incomplete"),
            ({"CONTENT_LENGTH": "-1"}, 400, "upload_incomplete"),
            ({"CONTENT_LENGTH": "²"}, 400, "upload_incomplete"),
        ],
    )
    def test_refuses_and_leaves_nothing(self, alice, deal, client, uploads, headers, status, said):
        answer = put(client, announce(alice, deal).url, **headers)
        assert (answer.status_code, code(answer)) == (status, said)
        assert files(uploads) == []

    def test_refuses_another_length_than_announced(self, alice, deal, client, uploads):
        answer = put(client, announce(alice, deal, size=len(PDF) + 1).url)
        assert (answer.status_code, answer.json()["error"]) == (
            400,
            {"code": "upload_incomplete", "details": {"expected": len(PDF) + 1}},
        )
        assert files(uploads) == []

    def test_reads_nothing_of_what_is_too_large(self, alice, deal, settings):
        settings.UPLOAD_MAX_BYTES = 10
        link = links.read(UploadLink, announce(alice, deal).url.rpartition("/")[2])

        def read(size: int) -> bytes:
            raise AssertionError("the body was read")

        with pytest.raises(TooLarge):
            storages.local().receive(link, read, content_type="application/pdf", length="11")

    def test_reads_in_small_pieces(self, alice, deal, uploads):
        to, sizes = announce(alice, deal), []
        link = links.read(UploadLink, to.url.rpartition("/")[2])

        def read(size: int) -> bytes:
            sizes.append(size)
            return b"x" * size

        storages.local().receive(link, read, content_type="application/pdf", length="1000000")
        assert max(sizes) <= 64 * 1024
        assert sum(sizes) == (uploads / "incoming" / to.key).stat().st_size == 1_000_000

    def test_of_one_that_breaks_off_leaves_what_was_there(self, alice, deal, client, uploads):
        to = announce(alice, deal)
        put(client, to.url)
        start, *_ = under_asgi("PUT", to.url, [b"half"], length=8)
        assert start["status"] == 400
        assert (uploads / "incoming" / to.key).read_bytes() == PDF
        assert len(files(uploads)) == 1

    def test_refuses_a_confirmed_one(self, alice, deal, client):
        to = announce(alice, deal)
        put(client, to.url)
        actions.confirm(alice.actor, key=to.key)
        answer = put(client, to.url)
        assert (answer.status_code, code(answer)) == (409, "attachment_already_confirmed")

    def test_says_so_when_the_disk_can_not_be_used(self, alice, deal, client, uploads):
        uploads.write_text("a file where the folder should be")
        answer = put(client, announce(alice, deal).url)
        assert (answer.status_code, code(answer)) == (503, "unavailable")
        with pytest.raises(Unavailable):
            storages.current().check()

    @pytest.mark.parametrize("method", ["post", "delete", "patch", "head"])
    def test_and_giving_is_all_there_is(self, alice, deal, client, method):
        assert getattr(client, method)(announce(alice, deal).url).status_code == 405


class TestASignature:
    def test_is_needed(self, client):
        for token in ("x", "a:b", "x" * 3000, "..", "ñ"):
            answer = put(client, f"/files/{token}")
            assert (answer.status_code, code(answer)) == (403, "file_link_invalid")

    def test_covers_all_that_the_address_says(self, alice, deal, client):
        token = announce(alice, deal).url.rpartition("/")[2]
        link = links.read(UploadLink, token)
        payload, _, signature = token.rpartition(":")
        for changed in ({"content_type": "text/html"}, {"limit": 10**12}, {"key": "1/" + "a" * 32}):
            forged = dataclasses.asdict(dataclasses.replace(link, **changed)) | {"until": 9e12}
            other = signing.Signer(key="another", salt="x").sign_object(forged).rpartition(":")[0]
            assert code(put(client, f"/files/{other}:{signature}")) == "file_link_invalid"
        assert put(client, f"/files/{payload}:{signature}").status_code == 200

    def test_ends(self, client):
        link = UploadLink(key="1/" + "a" * 32, content_type="application/pdf", size=None, limit=10)
        answer = put(client, links.address(link, -MINUTE))
        assert (answer.status_code, code(answer)) == (403, "file_link_expired")

    def test_reaches_no_path_but_that_of_a_key(self, client, uploads):
        (uploads / "kept").mkdir(parents=True)
        (uploads / "secret").write_text("secret")
        for key in ("../secret", "1/../../secret", "/etc/passwd", "1/" + "a" * 31 + "\n"):
            link = DownloadLink(key=key, filename="a", content_type="text/plain")
            assert client.get(links.address(link, MINUTE)).status_code == 404


class TestGiving:
    @pytest.fixture
    def url(self, alice, deal, client) -> str:
        to = announce(alice, deal)
        put(client, to.url, LARGE)
        return queries.download(alice.actor, actions.confirm(alice.actor, key=to.key).pk)

    def test_lets_no_browser_run_it_and_no_cache_keep_it(self, url, client):
        answer = client.get(url)
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Cache-Control"] == "private, no-store"
        assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert answer["Content-Disposition"] == 'attachment; filename="oferta.pdf"'
        assert answer["Content-Length"] == str(len(LARGE))

    def test_goes_out_in_pieces(self, url, client):
        pieces = list(client.get(url).streaming_content)
        assert (len(pieces) > 10, b"".join(pieces) == LARGE) == (True, True)

    def test_goes_out_in_pieces_under_asgi_too(self, url):
        start, *pieces = under_asgi("GET", url)
        assert (start["status"], len(pieces) > 10) == (200, True)
        assert b"".join(piece.get("body", b"") for piece in pieces) == LARGE


def test_taking_works_under_asgi_too(alice, deal, uploads):
    to = announce(alice, deal)
    body = [LARGE[start : start + 100_000] for start in range(0, len(LARGE), 100_000)]
    start, *_ = under_asgi("PUT", to.url, body)
    assert start["status"] == 200
    assert (uploads / "incoming" / to.key).read_bytes() == LARGE


def test_a_browser_of_an_allowed_origin_may_send_a_file(alice, deal, client):
    asked = {
        "Origin": "http://localhost:3000",
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": "content-type",
    }
    answer = client.options(announce(alice, deal).url, headers=asked)
    assert answer["Access-Control-Allow-Origin"] == "http://localhost:3000"
    assert "PUT" in answer["Access-Control-Allow-Methods"]
    assert "content-type" in answer["Access-Control-Allow-Headers"]


def under_asgi(method: str, url: str, body: list[bytes] | None = None, *, length: int | None = None) -> list[dict]:
    sent: list[dict] = []
    pieces = body or [b""]

    async def run() -> None:
        inbox: asyncio.Queue = asyncio.Queue()
        for number, piece in enumerate(pieces, start=1):
            inbox.put_nowait({"type": "http.request", "body": piece, "more_body": number < len(pieces)})

        async def send(message: dict) -> None:
            sent.append(message)

        said = str(sum(map(len, pieces)) if length is None else length).encode()
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "path": url,
            "query_string": b"",
            "headers": [(b"host", b"testserver"), (b"content-type", b"application/pdf"), (b"content-length", said)],
        }
        await asyncio.wait_for(application(scope, inbox.get, send), 60)

    asyncio.run(run())
    return sent
