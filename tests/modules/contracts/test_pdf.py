"""A contract on paper: what stands there for whom, and what does not."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache

import pytest
from django.utils import timezone

from backend.core import pdf
from backend.core.errors import NotFound, PermissionDenied
from backend.core.pdf import PdfUnavailable
from backend.modules.contracts import actions, printing
from backend.modules.contracts.actions import payments
from tests import make, pdfs, people

pytestmark = [pytest.mark.django_db, pdfs.needs_pango]

RENDERED = cache(pdf.render)
TERMS = "PRIMERA. El <b>plazo</b> & la renta.\n\nSEGUNDA. Se paga:\n  a) por adelantado;\n  b) en Lima."


@pytest.fixture(autouse=True)
def laid_out_once(monkeypatch):
    """What several tests read of the same page takes a second once."""
    monkeypatch.setattr(pdf, "render", RENDERED)


@pytest.fixture
def contract(alice):
    return make.contract(
        alice.actor,
        title="Arrendamiento <Oficina> Centro",
        client_name="Ñandú & Cía S.A.",
        client_email="contacto@example.com",
        client_phone="+51 987 654 321",
        property_address="Torre Corporativa, Piso 15",
        property_kind="Oficina",
        property_size=Decimal("250.5"),
        value=Decimal("50000.00"),
        commission_rate=Decimal("7.25"),
        starts_on=date(2026, 2, 1),
        ends_on=date(2027, 1, 31),
        terms=TERMS,
        priority="urgent",
    )


def printed(who, contract) -> bytes:
    return printing.printed(who.actor, contract.pk).content


def text(who, contract) -> str:
    return pdfs.text(printed(who, contract))


def holding(who, *codenames: str):
    return replace(who.actor, unrestricted=False, permissions=frozenset(codenames))


def setting(place, **fields):
    """Set what the workspace is."""
    for name, value in fields.items():
        setattr(place, name, value)
    people.writing(place.pk, place.save)


def schedule(who, contract, instalments: int, **fields):
    order = {"kind": "Mensualidad", "first_due_on": date(2027, 1, 31)} | fields
    return payments.schedule(who.actor, contract.pk, instalments=instalments, **order)


class TestThePaper:
    def test_begins_with_the_workspace_and_what_it_is(self, alice, contract):
        [page] = pdfs.pages(printed(alice, contract))
        lines = [line for line in page.split("\n") if line != "BORRADOR"]
        assert lines[0] == f"Ours N.º {contract.number}"
        assert lines[1:3] == ["CONTRATO DE ARRENDAMIENTO", "Arrendamiento <Oficina> Centro"]

    def test_names_both_parties_and_how_to_reach_them(self, alice, contract):
        found = text(alice, contract)
        assert "LA EMPRESA Ours Representada por Alice Example alice@example.com" in found
        assert "EL CLIENTE Ñandú & Cía S.A. contacto@example.com +51 987 654 321" in found

    def test_says_what_it_is_about_and_for_how_long(self, alice, contract):
        found = text(alice, contract)
        assert "Dirección Torre Corporativa, Piso 15 Tipo Oficina Superficie 250.50 m²" in found
        assert "Valor PEN 50,000.00 Inicio 1 de febrero de 2026 Fin 31 de enero de 2027" in found

    def test_leaves_out_what_there_is_none_of(self, alice):
        found = text(alice, make.contract(alice.actor, property_address="", terms=""))
        for word in ("Inmueble", "Superficie", "Inicio", "Firmado", "Términos", "Calendario", "None"):
            assert word not in found

    def test_keeps_the_paragraphs_of_the_terms_and_takes_nothing_in_them_for_markup(self, alice, contract):
        [page] = pdfs.pages(printed(alice, contract))
        lines = [line.strip() for line in page.split("\n") if line.strip()]
        start = lines.index("Términos y condiciones")
        assert lines[start + 1 : start + 5] == [
            "PRIMERA. El <b>plazo</b> & la renta.", "SEGUNDA. Se paga:", "a) por adelantado;", "b) en Lima.",
        ]  # fmt: skip

    def test_has_nothing_that_is_the_house_s_own(self, alice, contract):
        make.note(alice.actor, contract, content="Paga tarde")
        make.document(alice.actor, contract, title="Poder")
        found = text(alice, contract)
        for word in ("7.25", "3,625.00", "omisi", "rgent", "Paga tarde", "Poder"):
            assert word not in found

    def test_ends_with_a_line_for_each_to_sign(self, alice, contract):
        found = text(alice, contract)
        signatures = found[found.index("Firmas") :]
        assert "Lugar y fecha: ___" in signatures
        assert signatures.index("Ours Alice Example") < signatures.index("Ñandú & Cía S.A. El cliente")

    def test_says_when_it_was_signed(self, alice, contract):
        actions.update(alice.actor, contract.pk, status="active", terms="")
        actions.update(alice.actor, contract.pk, status="signed", signed_on=date(2026, 1, 15))
        found = text(alice, contract)
        assert "Firmado el 15 de enero de 2026" in found[found.index("Firmas") :]
        assert "Lugar y fecha" not in found

    def test_is_of_one_font_that_is_in_it(self, alice, contract):
        assert pdfs.fonts(printed(alice, contract)) == {"Inter", "Inter-Bold"}

    def test_is_called_as_its_number(self, alice, contract):
        assert printing.printed(alice.actor, contract.pk).name == contract.number

    def test_speaks_the_workspace_s_language(self, alice, ours, contract):
        setting(ours, language="en")
        schedule(alice, contract, 2)
        found = text(alice, contract)
        for words in (
            "LEASE CONTRACT", "From 1 February 2026", "THE CLIENT Ñandú & Cía S.A.", "Page 1 of", "DRAFT",
            "1 Mensualidad 31 Jan 2027 25,000.00", "Place and date",
        ):  # fmt: skip
            assert words in found
        assert "BORRADOR" not in found

    def test_writes_amounts_as_the_workspace_s_country_does(self, alice, ours, contract):
        setting(ours, region="ES")
        actions.update(alice.actor, contract.pk, currency="EUR")
        assert "Valor EUR 50.000,00" in text(alice, contract)

    def test_of_a_contract_without_an_agent_names_the_workspace_alone(self, alice, contract):
        def leave():
            contract.agent = None
            contract.save()

        people.writing(contract.workspace_id, leave)
        assert "LA EMPRESA Ours EL CLIENTE" in text(alice, contract)


class TestTheSchedule:
    def test_is_a_table_with_its_total_in_the_contract_s_currency(self, alice, contract):
        schedule(alice, contract, 3, total=Decimal("100.00"))
        found = text(alice, contract)
        assert "N.º Concepto Vencimiento Monto (PEN) 1 Mensualidad 31 ene 2027 33.33" in found
        assert "3 Mensualidad 31 mar 2027 33.34 Total 100.00" in found

    def test_says_what_is_paid(self, alice, contract):
        first, _ = schedule(alice, contract, 2, total=Decimal("100.00"))
        payments.pay(alice.actor, first.pk, contract_id=contract.pk, paid_on=date(2026, 1, 5))
        found = text(alice, contract)
        assert "Vencimiento Pagado el Monto (PEN)" in found
        assert "31 ene 2027 5 ene 2026 50.00" in found

    def test_has_no_payment_that_was_cancelled_while_the_contract_goes_on(self, alice, contract):
        first, _ = schedule(alice, contract, 2, total=Decimal("100.00"))
        payments.update(alice.actor, first.pk, contract_id=contract.pk, status="cancelled")
        assert "1 Mensualidad 28 feb 2027 50.00 Total 50.00" in text(alice, contract)

    def test_of_a_cancelled_contract_is_what_had_been_agreed(self, alice, contract):
        schedule(alice, contract, 2, total=Decimal("100.00"))
        actions.update(alice.actor, contract.pk, status="cancelled")
        assert "Total 100.00" in text(alice, contract)


class TestTheMark:
    def pages(self, alice, contract) -> list[str]:
        return pdfs.pages(printed(alice, contract))

    def test_is_on_every_page_of_a_draft(self, alice, contract):
        schedule(alice, contract, 60)
        found = self.pages(alice, contract)
        assert len(found) > 2
        assert ["BORRADOR" in page for page in found] == [True] * len(found)

    def test_is_on_a_cancelled_one(self, alice, contract):
        actions.update(alice.actor, contract.pk, status="cancelled")
        assert "CANCELADO" in self.pages(alice, contract)[0]

    def test_is_on_no_other(self, alice, contract):
        actions.update(alice.actor, contract.pk, status="active")
        found = text(alice, contract)
        assert "BORRADOR" not in found
        assert "CANCELADO" not in found


class TestALongContract:
    def test_has_all_its_payments_and_the_header_on_every_page_of_them(self, alice):
        contract = make.contract(alice.actor, status="active", value=Decimal("600000.00"), title="Cincuenta años")
        schedule(alice, contract, payments.MOST)
        found = pdfs.pages(printed(alice, contract))
        for number, page in enumerate(found, 1):
            assert f"Página {number} de {len(found)}" in page
            assert ("Mensualidad" in page) <= ("Vencimiento" in page)
        assert sum(page.count("Mensualidad") for page in found) == payments.MOST
        assert all("Cincuenta años" in page for page in found)
        assert "Total 600,000.00" in " ".join(" ".join(found).split())
        assert sum("Firmas" in page for page in found) == 1

    def test_is_not_signed_on_a_page_of_its_own(self, alice):
        contract = make.contract(alice.actor, status="active")
        schedule(alice, contract, 13)  # which leave no place for the signatures
        *_, last = pdfs.pages(printed(alice, contract))
        assert "Firmas" in last
        assert "Total" in last

    def test_has_all_of_its_terms(self, alice):
        terms = " ".join(f"cláusula{number}" for number in range(1400))
        assert len(terms) < 20_000
        found = text(alice, make.contract(alice.actor, terms=terms, status="active"))
        assert [f"cláusula{number}" in found for number in range(1400)] == [True] * 1400

    def test_flows_on_where_its_terms_have_more_lines_than_anybody_lays_out(self, alice):
        lines = [str(number) for number in range(3000)]
        contract = make.contract(alice.actor, terms="\n".join(lines), status="active")
        found = pdfs.pages(printed(alice, contract))
        words = " ".join(found).split()
        assert set(lines) <= set(words)
        assert len(found) < 35  # 62, a line each

    def test_has_a_word_without_an_end_in_pieces(self, alice):
        contract = make.contract(alice.actor, terms="x" * 20_000, status="active")
        assert "".join(pdfs.pages(printed(alice, contract))).count("x") >= 20_000


class TestReading:
    def test_is_for_who_sees_the_contract(self, alice, bob, contract):
        with pytest.raises(NotFound):
            printing.printed(holding(bob, "contracts.view"), contract.pk)
        with pytest.raises(PermissionDenied):
            printing.printed(holding(alice, "contracts.change", "contracts.export"), contract.pk)
        assert printing.printed(holding(bob, "contracts.view", "contracts.view_all"), contract.pk).content

    def test_without_pango_is_refused_with_what_to_install(self, alice, contract, monkeypatch):
        monkeypatch.setattr(pdf, "_has_pango", lambda: False)
        with pytest.raises(PdfUnavailable) as refused:
            printed(alice, contract)
        assert "apt-get install" in refused.value.facts["remedy"]

    def test_says_the_day_it_was_printed_in_the_workspace_s_time_zone(self, alice, contract, monkeypatch):
        monkeypatch.setattr(
            timezone, "now", lambda: datetime(2026, 12, 1, 3, tzinfo=UTC)
        )  # the evening before, in Lima
        assert "Impreso el 30 de noviembre de 2026" in text(alice, contract)
