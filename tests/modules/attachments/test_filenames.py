"""What is kept of a file's name, and which types are taken."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.modules.attachments import filenames
from backend.modules.attachments.filenames import FileTypeNotAllowed, NoFilename

PDF = "application/pdf"


class TestAName:
    @pytest.mark.parametrize(
        ("given", "kept"),
        [
            ("oferta.pdf", "oferta.pdf"),
            ("ñandú.pdf", "ñandú.pdf"),
            ("n\u0303andu\u0301.pdf", "ñandú.pdf"),
            ("提案🦙.pdf", "提案🦙.pdf"),
            ("../../etc/passwd", "passwd"),
            ("C:\\x\\y.pdf", "y.pdf"),
            ("a/b", "b"),
            ("a/b\\c.pdf", "c.pdf"),
            ("a\x00b\r\n\t.pdf", "ab.pdf"),
            ("oferta\u202efdp.exe", "ofertafdp.exe.pdf"),
            ("  .oferta.pdf. ", "oferta.pdf"),
            ("OFERTA.PDF", "OFERTA.PDF"),
            ("setup.exe", "setup.exe.pdf"),
            ("page.html", "page.html.pdf"),
            ("v1.2", "v1.2.pdf"),
            ("informe", "informe"),
        ],
    )
    def test_is_the_last_part_without_what_does_not_print_and_ends_as_its_type(self, given, kept):
        assert filenames.clean(given, PDF) == kept

    def test_of_a_picture_may_end_in_either_way(self):
        assert [filenames.clean(f"a.{end}", "image/jpeg") for end in ("jpg", "jpeg", "JPG")] == [
            "a.jpg",
            "a.jpeg",
            "a.JPG",
        ]

    def test_is_cut_before_its_ending(self):
        assert filenames.clean("ñ" * 300 + ".pdf", PDF) == "ñ" * 196 + ".pdf"
        assert filenames.clean("x" * 300, PDF) == "x" * 200
        assert filenames.clean("a." + "x" * 300, PDF) == ("a." + "x" * 300)[:196] + ".pdf"

    @pytest.mark.parametrize("given", ["", " ", "/", "..", "../..", "a/", "\x00", "\u202e", "...", "C:\\"])
    def test_of_which_nothing_is_left_is_refused(self, given):
        with pytest.raises(NoFilename):
            filenames.clean(given, PDF)

    @given(st.text(max_size=400), st.sampled_from(sorted(filenames.ENDINGS)))
    def test_is_never_a_path_whatever_is_given(self, given, content_type):
        try:
            kept = filenames.clean(given, content_type)
        except NoFilename:
            return
        assert 1 <= len(kept) <= 200
        assert not set(kept) & set("/\\\x00\r\n\u202e")
        assert kept.strip(" ") == kept
        assert "." not in kept or kept.lower().endswith(filenames.ENDINGS[content_type])


class TestAType:
    @pytest.mark.parametrize("given", [PDF, "Application/PDF", "text/csv; charset=utf-8", "text/plain;charset=UTF-8"])
    def test_that_is_listed_is_taken(self, given):
        assert filenames.allowed_type(given) == given.partition(";")[0].lower()

    @pytest.mark.parametrize(
        "given",
        [
            "",
            "pdf",
            "text/html",
            "image/svg+xml",
            "application/x-msdownload",
            "application/javascript",
            "application/octet-stream",
            "application/pdf, text/html",
            "application/pdf\r\nX-Evil: 1",
            "application/pdf\n",
            "application/pdf; charset=utf-8; x=y",
            "text/csv; charset=" + "x" * 100,
            "applicatıon/pdf",
        ],
    )
    def test_that_is_not_is_refused(self, given):
        with pytest.raises(FileTypeNotAllowed):
            filenames.allowed_type(given)

    def test_can_be_chosen(self, settings):
        settings.UPLOAD_TYPES = frozenset({"application/x-dwg"})
        assert filenames.allowed_type("application/x-dwg") == "application/x-dwg"
        with pytest.raises(FileTypeNotAllowed):
            filenames.allowed_type(PDF)

    def test_that_is_listed_from_the_start_has_an_ending(self, settings):
        assert set(filenames.ENDINGS) == settings.UPLOAD_TYPES
