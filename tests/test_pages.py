"""The pages for people: home, documentation, invitations, wrong addresses, the favicon. None asks another host."""

import json
import re

import pytest
from django.conf import settings as project
from django.contrib.staticfiles import finders

from backend.api import DIALECTS
from backend.core.actor import Actor
from backend.invitation_page import WORDS
from backend.modules.identity import actions
from tests import people

ADDRESS = re.compile(r"""(?:https?:)?//[\w.-]+\.[a-z]{2,}[^\s"'<]*""")
LINK = re.compile(r"""(?:href|src|data-openapi)="([^"#]+)\"""")
DOCUMENTS = [f"/docs/{dialect.name}/" for dialect in DIALECTS] + [
    f"/docs/{dialect.name}/redoc/" for dialect in DIALECTS
]
PAGES = ["/", "/nothing-here", "/invitation/", *DOCUMENTS]

pytestmark = pytest.mark.django_db


def policy(response) -> dict[str, str]:
    directives = response["Content-Security-Policy"].split("; ")
    return {name: value for name, _, value in (each.partition(" ") for each in directives)}


def html(client, page: str) -> str:
    return client.get(page).content.decode()


class TestHome:
    def test_names_every_dialect_and_where_it_is(self, client):
        text = html(client, "/")
        for dialect in DIALECTS:
            assert f"<h3>{dialect.name} <code>/{dialect.mount}</code></h3>" in text

    def test_every_link_answers(self, client):
        links = LINK.findall(html(client, "/"))
        pages = [link for link in links if not link.startswith(project.STATIC_URL)]
        assert len(pages) == 3 * len(DIALECTS) + 1
        assert {link: client.get(link, follow=True).status_code for link in pages} == dict.fromkeys(pages, 200)

    def test_shows_the_demo_logins_where_they_exist(self, client, ours):
        assert "admin123" not in html(client, "/")
        demo_user("admin", ours)
        text = html(client, "/")
        assert "admin123" in text
        assert "testpass123" not in text

    def test_shows_no_password_of_ones_own(self, client, ours, settings):
        settings.DEMO_PASSWORDS = {"admin": "a password of our own"}
        demo_user("admin", ours)
        assert "a password of our own" not in html(client, "/")

    def test_shows_no_logins_outside_development(self, client, ours, settings):
        demo_user("admin", ours)
        settings.DEVELOPMENT = False
        text = html(client, "/")
        assert "admin123" not in text
        assert "Demo logins" not in text


class TestDocumentation:
    @pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
    def test_the_document_describes_the_mounted_paths(self, client, dialect):
        document = json.loads(html(client, f"/docs/{dialect.name}/openapi.json"))
        assert document["paths"]
        assert all(path.startswith(f"/{dialect.mount}") for path in document["paths"])

    @pytest.mark.parametrize("page", DOCUMENTS)
    def test_a_page_reads_the_document_of_its_dialect(self, client, page):
        name = page.split("/")[2]
        assert f"/docs/{name}/openapi.json" in html(client, page)


class TestInvitation:
    @pytest.mark.parametrize(
        ("accepted", "language"),
        [
            ("es-PE,es;q=0.9,en;q=0.8", "es"),
            ("en-GB,en;q=0.9", "en"),
            ("fr,en;q=0.5,es;q=0.4", "en"),
            ("de", "es"),
            ("", "es"),
            ("*", "es"),
            ("x" * 5000, "es"),
        ],
    )
    def test_speaks_the_browser_s_language_or_spanish(self, client, accepted, language):
        page = client.get("/invitation/", headers={"Accept-Language": accepted})
        assert f'<html lang="{language}">' in page.content.decode()
        assert {"es": "Aceptar la invitación", "en": "Accept the invitation"}[language] in page.content.decode()
        assert "Accept-Language" in page["Vary"]

    def test_says_everything_in_both_languages(self):
        assert len({tuple(words) for words in WORDS.values()}) == 1
        assert all(sentence for words in WORDS.values() for sentence in words.values())

    def test_tells_nobody_where_one_came_from(self, client):
        assert client.get("/invitation/")["Referrer-Policy"] == "no-referrer"

    def test_asks_the_operation_of_the_accounts_dialect_and_never_by_get(self, client):
        form = re.search(r'<form id="invitation" method="post" action="([^"]+)"', html(client, "/invitation/"))
        answer = client.post(form[1], {"token": "x", "password": "y"}, content_type="application/json")
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND")

    def test_is_where_the_mailed_link_leads(self, client, settings):
        page, _, token = settings.INVITATION_URL.format(token="t0k3n").partition("#")  # noqa: S106
        assert (page, token) == (f"{settings.PUBLIC_URL}/invitation/", "t0k3n")


class TestNothingFromOutside:
    @pytest.mark.parametrize("page", PAGES)
    def test_no_page_names_another_host(self, client, page):
        assert ADDRESS.findall(html(client, page)) == []

    @pytest.mark.parametrize("page", PAGES)
    def test_all_that_a_page_loads_is_among_the_static_files(self, client, page):
        files = [link for link in LINK.findall(html(client, page)) if link.startswith(project.STATIC_URL)]
        assert files
        assert [each for each in files if finders.find(each.removeprefix(project.STATIC_URL)) is None] == []

    @pytest.mark.parametrize("page", PAGES)
    def test_the_browser_is_told_to_load_nothing_else(self, client, page):
        found = policy(client.get(page))
        assert found["default-src"] == "'self'"
        assert found["frame-ancestors"] == found["object-src"] == found["base-uri"] == "'none'"
        assert "script-src" not in found, "scripts come from files, so that none inside a page is ever run"
        assert "http" not in " ".join(found.values())

    @pytest.mark.parametrize("page", PAGES)
    def test_no_script_stands_in_a_page(self, client, page):
        scripts = re.findall(r"<script(?![^>]* src=)([^>]*)>", html(client, page))
        assert all('type="application/json"' in attributes for attributes in scripts)


class TestOtherAddresses:
    def test_a_wrong_one_is_a_page(self, client):
        response = client.get("/nothing-here")
        assert response.status_code == 404
        assert response["Content-Type"].startswith("text/html")
        assert 'href="/"' in response.content.decode()

    def test_a_wrong_one_of_a_dialect_is_answered_in_the_dialect(self, client):
        response = client.get("/api/nothing-here/")
        assert response.status_code == 404
        assert response["Content-Type"] == "application/json"

    def test_the_favicon_has_its_old_address_too(self, client):
        response = client.get("/favicon.ico")
        assert response["Content-Type"] == "image/svg+xml"
        assert response.content.startswith(b"<svg")


def demo_user(username: str, place) -> None:
    actions.create_user(
        Actor.system(place.pk), username=username, email=f"{username}@example.com", password=people.PASSWORD
    )
