"""HTML as PDF: alike on every machine, and deaf to what its content asks for."""

import socket
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core import checks
from django.template import engines
from django.template.loader import render_to_string

from backend.core import pdf
from backend.core.pdf import PdfUnavailable
from backend.dialects.crisol import crisol
from tests import pdfs

FACTS = {"language": "es", "title": "Ventas <b>2026</b>", "workspace": "Ñandú & Cía", "made": "Hecho por ana"}


def document(content: str = "", **facts: str) -> str:
    """A document of the project whose content is this HTML."""
    base = "{% extends 'pdf/base.html' %}{% block content %}" + content + "{% endblock %}"
    return engines["django"].from_string(base).render(FACTS | facts)


@pdfs.needs_pango
class TestADocument:
    def test_says_what_it_is_on_its_first_page(self):
        [page] = pdfs.pages(pdf.render(render_to_string("pdf/base.html", FACTS)))
        assert page.split("\n")[:3] == ["Ñandú & Cía", "Ventas <b>2026</b>", "Hecho por ana"]

    @pytest.mark.parametrize(("language", "number"), [("es", "página {} de 3"), ("en", "page {} of 3")])
    def test_says_it_again_on_the_others_and_counts_them(self, language, number):
        three = "<p style='break-after: page'>one</p><p style='break-after: page'>two</p><p>three</p>"
        found = pdfs.pages(pdf.render(document(three, language=language)))
        assert [number.format(n) in page for n, page in enumerate(found, 1)] == [True, True, True]
        for page in found[1:]:
            assert "Ñandú & Cía" in page
            assert "Ventas <b>2026</b>" in page
        assert "Ñandú & Cía" not in found[0].replace("Ñandú & Cía", "", 1)

    def test_has_its_own_fonts_in_it(self):
        assert pdfs.fonts(pdf.render(document("<p>ñ á € ß ł ő — <b>“x”</b></p>"))) == {"Inter", "Inter-Bold"}

    def test_has_pictures_that_stand_in_it_as_svg(self):
        drawn = pdf.render(document("<svg width='40' height='40'><rect width='40' height='40'/></svg>"))
        assert len(drawn) > len(pdf.render(document()))

    def test_is_made_by_several_threads_at_once(self):
        with ThreadPoolExecutor(4) as threads:
            made = list(threads.map(lambda n: pdf.render(document(f"<p>number {n}</p>")), range(8)))
        assert [f"number {n}" in pdfs.text(content) for n, content in enumerate(made)] == [True] * 8


@pdfs.needs_pango
class TestItsContent:
    WAYS = (
        '<img src="{0}">', '<link rel="stylesheet" href="{0}">', '<link rel="attachment" href="{0}">',
        '<style>@import url("{0}");</style>', '<style>body {{ background: url("{0}") }}</style>',
        '<style>@font-face {{ font-family: X; src: url("{0}") }} p {{ font-family: X }}</style><p>x</p>',
        '<object data="{0}"></object>', '<embed src="{0}">', '<p style="content: url({0})">x</p>',
        '<svg width="9" height="9"><image href="{0}" width="9" height="9"/><use href="{0}#a"/></svg>',
        '<a rel="attachment" href="{0}">x</a>', '<ul style="list-style-image: url({0})"><li>x</li></ul>',
    )  # fmt: skip

    @pytest.mark.parametrize("way", WAYS)
    def test_reads_no_files(self, way, tmp_path, monkeypatch):
        secret = tmp_path / "secret.css"
        secret.write_text("p::after { content: 'SECRET' }")
        asked = reads(monkeypatch)
        paths = (secret, pdf.FOLDER / "base.html", pdf.FOLDER / "fonts" / ".." / "base.html")
        made = pdf.render(document("".join(way.format(path.as_uri()) for path in paths)))
        assert b"SECRET" not in made
        assert "SECRET" not in pdfs.text(made)
        assert b"EmbeddedFile" not in made
        assert asked == {"Inter-Bold.ttf", "Inter-Regular.ttf"}

    def test_calls_nobody(self):
        with socket.create_server(("127.0.0.1", 0)) as server:
            address = f"http://127.0.0.1:{server.getsockname()[1]}/x.svg"
            pdf.render(document("".join(way.format(address) for way in self.WAYS)))
            server.settimeout(0)
            with pytest.raises(BlockingIOError):
                server.accept()


def reads(monkeypatch) -> set[str]:
    """The names of the files that a document is given, as they are."""
    asked = set()

    class Noted(dict):
        def __getitem__(self, url):
            asked.add(url.rpartition("/")[2])
            return super().__getitem__(url)

    monkeypatch.setattr(pdf, "FONTS", Noted(pdf.FONTS))
    return asked


class TestAMachineWithoutPango:
    @pytest.fixture(autouse=True)
    def without_pango(self, monkeypatch, tmp_path):
        """What importing WeasyPrint does there."""
        package = tmp_path / "weasyprint"
        package.mkdir()
        (package / "__init__.py").write_text("raise OSError('cannot load library libpango-1.0-0')")
        for name in [name for name in sys.modules if name.partition(".")[0] == "weasyprint"]:
            monkeypatch.delitem(sys.modules, name)
        monkeypatch.syspath_prepend(tmp_path)
        monkeypatch.setattr(pdf, "PANGO", ("libof-another-world.so.7",))
        pdf._has_pango.cache_clear()
        yield
        pdf._has_pango.cache_clear()

    @pytest.mark.parametrize("ask", [lambda: pdf.render("<p>x</p>"), pdf.check_available])
    def test_is_told_what_to_install(self, ask):
        with pytest.raises(PdfUnavailable) as refused:
            ask()
        assert "libpango" in refused.value.facts["remedy"]
        said = crisol.problem(refused.value, crisol.status(refused.value))["error"]
        assert (crisol.status(refused.value), said["code"]) == (503, "pdf_engine_missing")
        assert "apt-get install libpango-1.0-0" in said["message"]

    def test_is_warned_when_it_starts(self):
        [warning] = [each for each in checks.run_checks() if each.id == "pdf.pango"]
        assert warning.level == checks.WARNING
        assert pdf.REMEDY in warning.hint


@pdfs.needs_pango
def test_where_pango_is_nobody_is_warned():
    pdf.check_available()
    assert [each for each in checks.run_checks() if each.id == "pdf.pango"] == []
