"""An export as PDF, read back: what stands on paper, and how much may."""

import re
from decimal import Decimal
from io import BytesIO

import pytest
from django.db.models import QuerySet

from backend.core import long_pdf, pdf
from backend.core.long_pdf import LongPdf
from backend.core.tabular import Column
from backend.modules.activities.models import Activity
from backend.modules.companies.models import Company
from backend.modules.exchange import documents, sources
from backend.modules.exchange.actions import Overtaken
from backend.modules.exchange.documents import TooManyRowsForPdf
from backend.modules.exchange.models import State
from tests import make, pdfs
from tests.modules.exchange.exports.outcome import about, attached, content, mails
from tests.modules.exchange.exports.test_ordering import PATH, details, exports, lists, order, path_of

pytestmark = [pytest.mark.django_db, pdfs.needs_pango]

# Where a worker writes it: its progress is noted on another connection.
committed = pytest.mark.django_db(transaction=True)
TEXT = (Column("Texto", "description"),)


def document(rows, columns, *, tell=lambda rows: None, **facts) -> bytes:
    file, told = BytesIO(), []
    documents.write_pdf(file, rows, about(columns, **facts), lambda rows: (told.append(rows), tell(rows)))
    assert sum(told) == rows.count()
    return file.getvalue()


def of(alice, source: str, filters=None, **facts) -> bytes:
    """The document of one of the lists."""
    listed = sources.named(source)
    facts = {"title": listed.title, "amounts": listed.amounts, "filters": filters or {}} | facts
    return document(listed.open(alice.actor, filters or {}), listed.columns, **facts)


def with_texts(alice, *texts: str, **options) -> bytes:
    """A document of a column in which these stand, written past the ledger."""
    place = {"kind": "note", "workspace_id": alice.workspace.pk}
    QuerySet(Activity).bulk_create([Activity(subject="x", description=text, **place) for text in texts])
    return document(Activity.objects.of(alice.actor).order_by("id"), TEXT, **options)


class TestItsHead:
    def test_says_what_it_is_of_whom_and_when(self, alice):
        found = pdfs.text(of(alice, "sales.oportunidades", {"estado": "abierta", "valor_min": "10.50"}))
        assert found.startswith("Ours Oportunidades Hecho el 2026-03-11 09:30 (America/Lima) por alice")
        assert "estado: abierta" in found
        assert "valor_min: 10.50" in found
        assert "Filas: 0" in found

    def test_says_it_in_the_language_of_the_workspace(self, alice):
        found = pdfs.text(of(alice, "onboarding.clients", language="en"))
        assert "Made on 2026-03-11 09:30 (America/Lima) by alice" in found
        assert "No filters" in found
        assert "Rows: 0" in found
        assert "page 1 of 1" in found

    def test_leaves_out_filters_that_narrow_nothing(self, alice):
        found = pdfs.text(of(alice, "accounts.accounts", {"query": ""}))
        assert "Sin filtros" in found
        assert "query" not in found

    def test_adds_up_money_by_currency_as_the_list_does(self, alice):
        for value, currency in (("12500.50", "USD"), ("0.25", "USD"), ("1000000.00", "PEN")):
            make.opportunity(alice.actor, value=Decimal(value), currency=currency)
        spanish = pdfs.text(of(alice, "sales.oportunidades"))
        listed = alice.get("/api/v1/oportunidades/").json()["por_moneda"]
        assert {code: sums["total_valor"] for code, sums in listed.items()} == {"PEN": 1000000.0, "USD": 12500.75}
        assert "Filas: 3 Valor PEN: 1000000.00 Valor USD: 12500.75" in spanish
        assert "amount PEN: 1000000.00 amount USD: 12500.75" in pdfs.text(of(alice, "accounts.opportunities"))


class TestItsTable:
    def test_has_the_headers_on_every_page_and_each_row_once(self, alice):
        for number in range(70):
            make.company(alice.actor, name=f"Empresa <{number:02}> & hijos")
        made = of(alice, "accounts.accounts")
        found = pdfs.pages(made)
        assert len(found) >= 2
        assert all(name in page for page in found for name in ("website", "createdAt"))
        assert all(f"página {number} de {len(found)}" in page for number, page in enumerate(found, 1))
        assert [int(number) for number in re.findall(r"<(\d\d)>", pdfs.text(made))] == list(range(70))
        assert pdfs.fonts(made) == {"Inter", "Inter-Bold"}

    def test_has_moments_in_the_time_of_the_workspace_and_numbers_as_they_are(self, alice):
        make.opportunity(alice.actor, name="Oferta", value=Decimal("12525.50"), probability=33)
        QuerySet(type(make.opportunity(alice.actor))).update(created_at="2026-03-11T03:30:59Z")
        found = pdfs.text(of(alice, "sales.oportunidades"))
        assert "2026-03-10 22:30" in found
        assert "12525.50" in found
        assert "4133.42" in found

    def test_is_empty_for_an_empty_list(self, alice):
        assert "Nombre completo" in pdfs.text(of(alice, "sales.clientes"))

    def test_of_every_list_can_be_made(self, alice):
        deal = make.opportunity(alice.actor)
        for source in sources.names():
            filters = {"opportunityId": deal.pk} if source == "accounts.attachments" else {}
            assert sources.named(source).title in pdfs.text(of(alice, source, filters)), source


class TestALongOne:
    """It is laid out in parts of a few rows, which nobody sees on paper."""

    @pytest.fixture(autouse=True)
    def in_parts(self, monkeypatch):
        monkeypatch.setattr(documents, "PART", 40)
        monkeypatch.setattr(long_pdf, "AT_ONCE", 3)

    def test_is_one_document_whose_pages_are_full(self, alice):
        made = with_texts(alice, *(f"<{number:03}>" for number in range(150)))
        found = pdfs.pages(made)
        rows = [[int(number) for number in re.findall(r"<(\d\d\d)>", page)] for page in found]
        assert sum(rows, []) == list(range(150))
        assert len({len(page) for page in rows[1:-1]}) == 1  # the first has the head, the last what is left
        assert len(rows) >= 5
        assert all(f"página {number} de {len(found)}" in page for number, page in enumerate(found, 1))
        assert all("Texto" in page and "por alice" in page for page in found)
        assert ["Filas: 150" in page for page in found] == [True] + [False] * (len(found) - 1)
        assert ["Listado" in page and "Ours" in page for page in found] == [True] * len(found)
        assert pdfs.properties(made) == ("Listado", "Ours", "es")

    @pytest.mark.parametrize("place", [5, 38, 39])
    def test_may_have_a_row_that_is_longer_than_a_page(self, alice, monkeypatch, place):
        monkeypatch.setattr(documents, "LONGEST_CELL", 20_000)
        texts = [f"<{number:03}>" for number in range(100)]
        texts[place] = "palabra " * 2000
        found = pdfs.text(with_texts(alice, *texts))
        assert found.count("palabra") == 2000
        assert [f"<{number}>" for number in re.findall(r"<(\d\d\d)>", found)] == texts[:place] + texts[place + 1 :]

    def test_says_after_each_part_how_far_it_is(self, alice):
        told = []
        with_texts(alice, *("x" for _ in range(100)), tell=told.append)
        assert told[0] == 0
        assert len([rows for rows in told if rows]) >= 3

    def test_that_is_cancelled_lays_out_no_other_part(self, alice, monkeypatch):
        laid_out, add = [], LongPdf.add
        monkeypatch.setattr(LongPdf, "add", lambda book, html: laid_out.append(html) or add(book, html))

        def stop(rows: int) -> None:
            if rows:
                raise Overtaken

        with pytest.raises(Overtaken):
            with_texts(alice, *("x" for _ in range(100)), tell=stop)
        assert len(laid_out) == 1


class TestATextOfAUser:
    def test_is_text(self, alice):
        texts = ["<b>&amp;</b>", "<script>x</script>", "=1+1", "{{ title }}", "]]>", "ñandú ł ő ß €", "a\nb", "</td>"]
        found = pdfs.text(with_texts(alice, *texts))
        assert [text for text in texts if " ".join(text.split()) not in found] == []

    def test_may_be_in_any_script(self, alice):
        made = with_texts(
            alice, "مرحبا بالعالم", "שלום", "日本語", "🦙👩🏽‍🌾", "\u202e\u0000x\x01\x1f\ufffe\uffff".replace("\0", "")
        )
        assert len(pdfs.pages(made)) == 1

    def test_is_cut_where_it_would_fill_pages(self, alice):
        found = pdfs.text(with_texts(alice, "x" * 20_000, "palabra " * 2000, "corto")).replace(" ", "")
        assert len(found) < 3 * documents.LONGEST_CELL
        assert found.count("…") == 2
        assert "corto" in found

    def test_reads_nothing(self, alice, tmp_path):
        secret = tmp_path / "secret"
        secret.write_text("SECRET")
        link = f'<img src="{secret.as_uri()}"><link rel="attachment" href="{secret.as_uri()}">'
        made = with_texts(alice, link)
        assert b"EmbeddedFile" not in made
        assert "SECRET" not in pdfs.text(made)


class TestTheBound:
    @pytest.fixture(autouse=True)
    def three(self, monkeypatch):
        monkeypatch.setattr(documents, "MOST_ROWS", 3)

    @pytest.fixture
    def companies(self, alice):
        def companies(number: int) -> None:
            for _ in range(number):
                make.company(alice.actor, industry="health")

        return companies

    def test_refuses_an_order_that_is_too_long_and_says_what_to_do(self, alice, companies):
        companies(4)
        answer = order(alice, format="pdf")
        assert details(answer) == ["format"]
        assert answer.json()["error"]["code"] == "too_many_rows_for_pdf"
        assert answer.json()["error"]["message"] == ("A PDF has 3 rows at most: narrow the list, or order csv or xlsx.")
        assert details(alice.post(path_of("sales.empresas"), {"formato": "pdf"})) == ["formato"]
        assert not exports(alice).exists()
        assert [order(alice, format=format).status_code for format in ("csv", "xlsx")] == [202, 202]

    def test_takes_what_just_fits_and_what_the_filters_leave(self, alice, companies, given):
        companies(3)
        assert order(alice, format="pdf").status_code == 202
        make.company(alice.actor, name="Otra", industry="finance")
        assert order(alice, format="pdf").status_code == 400
        assert order(alice, format="pdf", filters={"industria": "salud"}).status_code == 202

    @committed
    def test_holds_when_it_is_written_and_ends_it_for_good(self, alice, companies, write):
        companies(3)
        export = make.export(alice.actor, format="pdf")
        companies(1)
        write(export)
        assert (export.state, export.last_error, export.attempts) == (State.FAILED, "too_many_rows_for_pdf", 1)
        assert not attached(alice).exists()

    def test_is_of_the_writer_as_well(self, alice, companies):
        companies(4)
        with pytest.raises(TooManyRowsForPdf):
            document(Company.objects.of(alice.actor), (Column("Nombre", "name"),))


class TestAnExport:
    @committed
    @lists
    def test_is_ordered_written_and_fetched_like_any_other(self, alice, write, source):
        make.activity(alice.actor, opportunity_id=make.opportunity(alice.actor).pk)
        assert alice.post(path_of(source), {"formato": "pdf"}).status_code == 202
        [export] = exports(alice)
        write(export)
        assert (export.state, export.last_error, export.rows_done) == (State.DONE, "", export.rows_total)
        file = content(alice.get(f"{PATH}{export.pk}/").json()["download_url"])
        assert file.startswith(b"%PDF-")
        assert f"Ours {sources.named(source).title} Hecho el" in pdfs.text(file)
        attachment = attached(alice).get()
        assert (attachment.content_type, attachment.filename[-4:]) == ("application/pdf", ".pdf")
        assert mails(alice).count() == 1

    def test_that_was_cancelled_is_not_laid_out(self, alice, monkeypatch):
        make.company(alice.actor)
        laid_out = []
        monkeypatch.setattr(pdf, "render", lambda html: laid_out.append(html) or b"%PDF-")

        def stop(rows: int) -> None:
            raise Overtaken

        with pytest.raises(Overtaken):
            documents.write_pdf(BytesIO(), Company.objects.of(alice.actor), about((Column("ID", "id", "plain"),)), stop)
        assert laid_out == []


class TestAServerWithoutPango:
    @pytest.fixture(autouse=True)
    def without_pango(self, monkeypatch):
        monkeypatch.setattr(pdf, "_has_pango", lambda: False)

    def test_refuses_the_order_and_says_what_to_install(self, alice):
        answer = order(alice, format="pdf")
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "pdf_engine_missing")
        assert pdf.REMEDY in answer.json()["error"]["message"]
        assert not exports(alice).exists()
        assert order(alice, format="xlsx").status_code == 202

    @committed
    def test_tries_again_where_only_the_worker_lacks_it(self, alice, write, monkeypatch):
        monkeypatch.setattr(pdf, "_has_pango", lambda: True)
        export = make.export(alice.actor, format="pdf")

        def missing():
            raise pdf.PdfUnavailable(remedy=pdf.REMEDY)

        monkeypatch.setattr(pdf, "_engine", missing)
        write(export)
        assert (export.state, export.last_error, export.attempts) == (State.DUE, "pdf_engine_missing", 1)
