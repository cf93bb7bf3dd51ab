"""The pages on which the mail of the embedded sink is read."""

from email.message import EmailMessage
from email.policy import SMTP

import pytest
from django.urls import reverse

from backend.env import Environment
from tests.test_pages import ADDRESS, policy
from worker import mail_sink

pytestmark = pytest.mark.django_db
HTML = '<h1>Hola</h1><script>alert(1)</script><img src="https://tracker.example/pixel.png">'


@pytest.fixture
def folder(settings, tmp_path):
    settings.MAIL_SINK, settings.MAIL_FOLDER = True, tmp_path / "mail"
    return settings.MAIL_FOLDER


@pytest.fixture
def keep(folder):
    def keep(subject: str, *, text: str = "Hola <b>", html: str = HTML) -> str:
        message = EmailMessage(policy=SMTP)
        message["Subject"], message["To"], message["From"] = subject, "maria@example.com", "Crisol <crm@example.com>"
        message.set_content(text)
        if html:
            message.add_alternative(html, subtype="html")
        return mail_sink.keep(folder, bytes(message)).name

    return keep


def text_of(client, page: str) -> str:
    answer = client.get(page)
    assert answer.status_code == 200
    return answer.content.decode()


class TestTheList:
    def test_has_the_newest_first(self, client, keep):
        older, newer = keep("Invitación <1>"), keep("Ñandú")
        text = text_of(client, "/mail/")
        assert text.index(f"/mail/{newer}/") < text.index(f"/mail/{older}/")
        assert "Invitación &lt;1&gt;" in text
        assert "maria@example.com" in text

    def test_is_there_before_the_first_mail(self, client, folder):
        assert "Nothing has been sent yet" in text_of(client, "/mail/")

    def test_is_linked_from_the_home_page(self, client, folder):
        assert 'href="/mail/"' in text_of(client, "/")


class TestAMail:
    def test_shows_its_headers_and_its_text(self, client, keep):
        text = text_of(client, f"/mail/{keep('Ñandú')}/")
        for shown in ("Ñandú", "maria@example.com", "crm@example.com", "Hola &lt;b&gt;"):
            assert shown in text

    def test_shows_its_html_in_a_frame_that_may_do_nothing(self, client, keep):
        name = keep("Ñandú")
        text = text_of(client, f"/mail/{name}/")
        assert (
            f'<iframe class="mail" sandbox="allow-popups" referrerpolicy="no-referrer" src="/mail/{name}/html/"' in text
        )
        assert "<script>" not in text
        answer = client.get(f"/mail/{name}/html/")
        assert answer.content.decode().strip() == HTML
        assert answer["X-Frame-Options"] == "SAMEORIGIN"
        found = policy(answer)
        assert (found["default-src"], found["img-src"], found["sandbox"]) == ("'none'", "data:", "allow-popups")
        assert "script-src" not in found
        assert found["frame-ancestors"] == "'self'"

    def test_without_html_has_no_frame(self, client, keep):
        assert "<iframe" not in text_of(client, f"/mail/{keep('Ñandú', html='')}/")

    def test_asks_no_other_host(self, client, keep):
        name = keep("Ñandú", text="Hola")
        for page in ("/mail/", f"/mail/{name}/"):
            assert ADDRESS.findall(text_of(client, page)) == []
            assert policy(client.get(page))["default-src"] == "'self'"

    @pytest.mark.parametrize(
        "name", ["nothing.eml", "..", "../crisol.sqlite3", "..%2Fsecret.eml", "%2Fetc%2Fpasswd", "*"]
    )
    def test_is_one_of_the_folder(self, client, keep, folder, name):
        keep("Ñandú")
        (folder.parent / "secret.eml").write_text("Subject: secret\n\n")
        for page in (f"/mail/{name}/", f"/mail/{name}/html/"):
            assert client.get(page).status_code == 404


class TestWithoutTheSink:
    def test_there_is_no_page_and_no_link(self, client, keep, settings):
        name = keep("Ñandú")
        settings.MAIL_SINK = False
        for page in ("/mail/", f"/mail/{name}/", f"/mail/{name}/html/"):
            assert client.get(page).status_code == 404
        assert reverse("mailbox") not in text_of(client, "/")


class TestTheSettings:
    def test_do_not_show_the_password(self):
        assert "geheim" not in repr(Environment(smtp_password="geheim"))
