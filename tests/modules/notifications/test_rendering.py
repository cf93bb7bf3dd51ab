from datetime import date

import pytest

from backend.modules.notifications import rendering

FACTS = {
    "company": "Ñandú & Co",
    "inviter": "Alice <b>",
    "link": "http://127.0.0.1:8000/i?a=1&b=2",
    "expires_on": date(2026, 11, 28),
}
CONTRACT = {
    "number": "CON-2026-005",
    "title": "Renta Departamento",
    "client": "Ana López",
    "day": date(2026, 11, 28),
    "days": "7",
}
PAYMENT = CONTRACT | {"payment": "Enganche", "amount": "PEN 500.00"}
# The facts that each template needs; a new template gets a line here.
TEMPLATES = {
    "assignment": {"by": "alice", "subject": "contact", "name": "Lucía", "count": ""},
    "contract_ending": CONTRACT,
    "contract_payment_due": PAYMENT,
    "contract_payment_late": PAYMENT,
    "export_failed": {"title": "Clientes", "reason": "interrupted"},
    "export_ready": {"title": "Clientes", "rows": "12", "link": FACTS["link"]},
    "invitation": FACTS,
    "lead_message": {"name": "Lucía", "text": "¿Cuánto cuesta?"},
    "lead_received": {"name": "Lucía", "channel": "whatsapp", "text": "Hola"},
    "lead_status": {"by": "alice", "name": "Lucía", "before": "new", "after": "quoted"},
    "password_recovery": {"link": FACTS["link"]},
    "scheduled_report": {
        "title": "Ventas",
        "period": "1 nov 2026 – 7 nov 2026",
        "name": "Ana",
        "note": "",
        "timing": "cada lunes a las 08:00 (America/Lima)",
        "figures": [{"name": "Ventas", "value": "12"}],
    },
}
BOTH = pytest.mark.parametrize("language", rendering.LANGUAGES)


class TestEveryTemplate:
    def test_is_known_to_this_test(self):
        assert {path.name for path in rendering.FOLDER.iterdir() if path.is_dir()} == set(TEMPLATES)

    @BOTH
    @pytest.mark.parametrize("template", TEMPLATES)
    def test_says_something_in_every_language_and_form(self, template, language):
        content = rendering.render(template, language=language, facts=TEMPLATES[template])
        assert all(part.strip() for part in content)
        assert f'<html lang="{language}">' in content.html

    @pytest.mark.parametrize("template", TEMPLATES)
    def test_names_no_other_host(self, template):
        html = rendering.render(template, language="es", facts=TEMPLATES[template]).html
        assert html.replace(FACTS["link"].replace("&", "&amp;"), "").count("://") == 0


class TestAnInvitation:
    def test_is_in_the_language_asked_for(self):
        spanish = rendering.render("invitation", language="es", facts=FACTS)
        english = rendering.render("invitation", language="en", facts=FACTS)
        assert spanish.subject == "Invitación a Ñandú & Co"
        assert "caduca el 28 de noviembre de 2026" in spanish.text
        assert english.subject == "Invitation to Ñandú & Co"
        assert "expires on 28 November 2026" in english.text

    @BOTH
    def test_needs_no_inviter(self, language):
        named, anonymous = (
            rendering.render("invitation", language=language, facts=FACTS | {"inviter": name}) for name in ("Eva", "")
        )
        assert "Eva" in named.text
        assert "Te han invitado" in anonymous.text or "You are invited" in anonymous.text

    @BOTH
    def test_is_escaped_in_html_and_plain_in_text(self, language):
        content = rendering.render("invitation", language=language, facts=FACTS)
        assert "Alice <b>" in content.text
        assert FACTS["link"] in content.text
        assert "Alice &lt;b&gt;" in content.html
        assert "Alice <b>" not in content.html
        assert 'href="http://127.0.0.1:8000/i?a=1&amp;b=2"' in content.html


class TestTheSubject:
    def test_stays_one_line_whatever_a_fact_carries(self):
        facts = FACTS | {"company": "Acme\r\nBcc: all@example.com"}
        assert rendering.render("invitation", language="en", facts=facts).subject == (
            "Invitation to Acme Bcc: all@example.com"
        )

    def test_is_cut_where_the_column_ends(self):
        facts = FACTS | {"company": "x" * 1000}
        assert len(rendering.render("invitation", language="en", facts=facts).subject) == rendering.LONGEST_SUBJECT


class TestAMissingFact:
    @pytest.mark.parametrize("name", ["company", "link", "expires_on"])
    def test_is_a_mistake_that_shows_at_once(self, name):
        facts = {key: value for key, value in FACTS.items() if key != name}
        with pytest.raises(rendering.MissingFact):
            rendering.render("invitation", language="es", facts=facts)


class TestTheLanguage:
    @pytest.mark.parametrize(
        ("wanted", "used"), [("es", "es"), ("en", "en"), ("en-GB", "en"), ("ES_pe", "es"), ("pt", "es"), ("", "es")]
    )
    def test_is_one_that_we_speak(self, wanted, used):
        assert rendering.language_of(wanted) == used
