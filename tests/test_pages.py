"""The pages for people: home, documentation, links of mails, wrong addresses, the favicon. None asks another host."""

import re

import pytest
from django.conf import settings as project
from django.contrib.staticfiles import finders

from backend import invitation_page, link_pages, password_reset_page
from backend.api import DIALECTS
from backend.core.actor import Actor
from backend.modules.identity import actions, authentication
from backend.modules.identity.actions import passwords
from backend.modules.notifications.models import OutboundEmail
from tests import operations, people

ADDRESS = re.compile(r"""(?:https?:)?//[\w.-]+\.[a-z]{2,}[^\s"'<]*""")
LINK = re.compile(r"""(?:href|src|data-openapi)="([^"#]+)\"""")
DOCUMENTS = [
    *(f"/docs/{dialect.name}/{kind}" for dialect in DIALECTS for kind in ("", "redoc/")),
    *(row.path for row in operations.pages() if row.note != "OpenAPI JSON"),
]
BEHIND_LINKS = ["/invitation/", "/password-reset/"]
PAGES = ["/", "/chat", "/nothing-here", *BEHIND_LINKS, *DOCUMENTS]

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
        assert len(pages) == 3 * len(DIALECTS) + 2
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


class TestChat:
    @pytest.mark.parametrize("address", ["/chat", "/chat/"])
    def test_is_there_in_development_alone(self, client, settings, address):
        assert client.get(address).status_code == 200
        settings.DEVELOPMENT = False
        assert client.get(address).status_code == 404
        assert "chat" not in html(client, "/")

    def test_offers_the_demo_logins_where_they_exist(self, client, ours):
        assert "admin123" not in html(client, "/chat")
        demo_user("admin", ours)
        assert 'data-email="admin@example.com" data-password="admin123"' in html(client, "/chat")


class TestBehindALink:
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
        for page, words in zip(BEHIND_LINKS, (invitation_page.WORDS, password_reset_page.WORDS), strict=True):
            answer = client.get(page, headers={"Accept-Language": accepted})
            assert f'<html lang="{language}">' in answer.content.decode()
            for sentence in {**link_pages.OF_ALL[language], **words[language]}.values():
                assert sentence in answer.content.decode()
            assert "Accept-Language" in answer["Vary"]

    @pytest.mark.parametrize("words", [link_pages.OF_ALL, invitation_page.WORDS, password_reset_page.WORDS])
    def test_says_everything_in_both_languages(self, words):
        assert set(words) == set(link_pages.OF_ALL)
        assert len({tuple(each) for each in words.values()}) == 1
        assert all(sentence for each in words.values() for sentence in each.values())

    @pytest.mark.parametrize("page", BEHIND_LINKS)
    def test_tells_nobody_where_one_came_from(self, client, page):
        assert client.get(page)["Referrer-Policy"] == "no-referrer"

    @pytest.mark.parametrize("page", BEHIND_LINKS)
    def test_sends_nothing_by_itself(self, client, page):
        """No password reaches the address bar: the form never asks by GET, and waits for the script."""
        assert '<form method="post" ' in html(client, page)
        assert "<button disabled>" in html(client, page)

    @pytest.mark.parametrize(
        ("setting", "page"), [("INVITATION_URL", "/invitation/"), ("PASSWORD_RESET_URL", "/password-reset/")]
    )
    def test_is_where_the_mailed_link_leads(self, settings, setting, page):
        link, _, token = getattr(settings, setting).format(token="t0k3n").partition("#")  # noqa: S106
        assert (link, token) == (f"{settings.PUBLIC_URL}{page}", "t0k3n")


class TestInvitation:
    def test_asks_the_operation_of_the_accounts_dialect(self, client):
        form = Form(client, "/invitation/")
        assert form.fields == ["firstName", "lastName", "password"]
        answer = form.send(token="x", password="y")
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND")


class TestPasswordReset:
    NEW = "Cerro de la Sal 7"

    def test_sends_what_the_operation_of_the_urbany_dialect_takes(self, client, alice):
        form = Form(client, "/password-reset/")
        assert form.fields == ["new_password", "new_password_confirm"]
        answer = form.send(token=mailed_token(alice), **dict.fromkeys(form.fields, self.NEW))
        assert answer.status_code == 200, answer.content
        assert authentication.log_in(username="alice", password=self.NEW)

    def test_opens_no_session(self, client, alice):
        form = Form(client, "/password-reset/")
        answer = form.send(token=mailed_token(alice), **dict.fromkeys(form.fields, self.NEW))
        assert set(answer.json()) == {"message"}
        assert not answer.cookies

    def test_hears_what_is_wrong_by_field_as_its_script_reads_it(self, client, alice):
        form = Form(client, "/password-reset/")
        for token, password, field in [("x", self.NEW, "token"), (mailed_token(alice), "short", "new_password")]:
            answer = form.send(token=token, **dict.fromkeys(form.fields, password))
            body = answer.json()
            assert (answer.status_code, list(body["details"])) == (400, [field])
            assert isinstance(body["error"], str)
            assert all(isinstance(sentence, str) for sentence in body["details"][field])


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


class Form:
    """The form of a page, as its script sends it: with the token, as JSON."""

    def __init__(self, client, page: str) -> None:
        text = html(client, page)
        self.client = client
        self.operation = re.search(r'<form method="post" action="([^"]+)"', text)[1]
        self.fields = re.findall(r'<input name="([^"]+)"', text)

    def send(self, **body: str):
        return self.client.post(self.operation, body, content_type="application/json")


def mailed_token(who: people.Person) -> str:
    """What follows the `#` in the link that was mailed to them."""
    passwords.answer_recovery(passwords.request_recovery(who.user.email))
    mail = OutboundEmail.objects.of(Actor.system(who.workspace.pk)).latest("pk")
    return re.search(r"/password-reset/#(\S+)", mail.text)[1]
