"""Rows as CSV: what a cell says, how it is quoted, and that a long file is never held in memory."""

import csv
import io
import tracemalloc
from datetime import UTC, datetime

import pytest
from django.db.models import F, QuerySet

from backend.core.tabular import Column, csv_pieces
from backend.modules.activities.models import Activity
from backend.modules.opportunities.models import Opportunity
from tests import make

pytestmark = pytest.mark.django_db

SUBJECT = (Column("Id", "id", "plain"), Column("Subject", "subject"))
MANY = 20_000


def file(rows, *columns: Column) -> str:
    """The file without its byte order mark."""
    content = b"".join(csv_pieces(rows, columns)).decode()
    assert content.startswith("\ufeff")
    return content[1:]


def subject(alice, text: str) -> str:
    """How a text stands in the file."""
    activity = make.activity(alice.actor, subject=text)
    head, _, line = file(Activity.objects.of(alice.actor), *SUBJECT).partition("\n")
    assert (head, line[-1]) == ("Id,Subject", "\n")
    return line[:-1].removeprefix(f"{activity.pk},")


class TestATextCell:
    @pytest.mark.parametrize(
        "text",
        ["=1+1", '=cmd|" /C calc"!A0', "+51 987", "-5", "@SUM(A1)", "\tx", "\rx", "=", "-"],
    )
    def test_that_a_spreadsheet_would_run_gets_an_apostrophe(self, alice, text):
        [cell] = next(csv.reader(io.StringIO(subject(alice, text), newline="")))
        assert cell == f"'{text}"

    @pytest.mark.parametrize("text", ["a=1+1", "1-5", "x@y.z", "'=1", " =1", "100", "Ñandú", "日本語", "\n=1", "😀"])
    def test_that_it_would_not_run_stays_as_it_is(self, alice, text):
        [cell] = next(csv.reader(io.StringIO(subject(alice, text), newline="")))
        assert cell == text

    @pytest.mark.parametrize(
        ("text", "line"),
        [
            ("a, b", '"a, b"'),
            ('the "big" one', '"the ""big"" one"'),
            ("two\nlines", '"two\nlines"'),
            ("two\r\nlines", '"two\r\nlines"'),
            ("two\rlines", '"two\rlines"'),
            (" spaces ", " spaces "),
            ("a;b'c", "a;b'c"),
            ("\\.", "\\."),
            ("\\N", "\\N"),
            ("", ""),
        ],
    )
    def test_is_quoted_where_it_has_to_be_and_nowhere_else(self, alice, text, line):
        assert subject(alice, text) == line

    def test_of_a_missing_record_is_empty(self, alice):
        make.activity(alice.actor)
        columns = (
            Column("Contact", "contact__last_name"),
            Column("Kind", "kind"),
            Column("Deal", "opportunity_id", "plain"),
        )
        assert file(Activity.objects.of(alice.actor), *columns) == "Contact,Kind,Deal\n,call,\n"


class TestOtherCells:
    def test_numbers_are_no_formulas(self, alice):
        make.opportunity(alice.actor, value=5, probability=40)
        rows = Opportunity.objects.of(alice.actor).annotate(less=0 - F("probability"))
        assert (
            file(rows, Column("Value", "value", "plain"), Column("Less", "less", "plain")) == "Value,Less\n5.00,-40\n"
        )

    def test_moments_are_in_utc(self, alice):
        make.activity(alice.actor, occurs_at=datetime(2026, 3, 10, 4, 59, 59, 999_999, tzinfo=UTC))
        rows = Activity.objects.of(alice.actor)
        assert file(rows, Column("At", "occurs_at", "moment")) == "At\n2026-03-10T04:59:59Z\n"

    def test_choices_say_their_words(self, alice):
        for kind in ("call", "task", "note"):
            make.activity(alice.actor, kind=kind)
        words = Column("Tipo", "kind", words={"call": "llamada", "task": "tarea, hoy"})
        rows = Activity.objects.of(alice.actor).order_by("id")
        assert (
            file(rows, Column("X", "status"), words)
            == 'X,Tipo\ncompleted,llamada\ncompleted,"tarea, hoy"\ncompleted,\n'
        )

    def test_of_no_rows_there_are_the_headers(self, alice):
        assert file(Activity.objects.of(alice.actor), *SUBJECT) == "Id,Subject\n"

    def test_headers_are_quoted_as_well(self, alice):
        assert file(Activity.objects.of(alice.actor), Column('a "b", c', "id", "plain")) == '"a ""b"", c"\n'


class TestALongFile:
    @pytest.fixture
    def rows(self, alice):
        """Twenty megabytes, written past the ledger."""
        texts = {"kind": "note", "description": "x" * 1000, "workspace_id": alice.workspace.pk}
        QuerySet(Activity).bulk_create([Activity(subject=str(n), **texts) for n in range(MANY)], batch_size=500)
        return Activity.objects.of(alice.actor).order_by("id")

    def test_has_every_row_once(self, rows):
        lines = csv.reader(io.StringIO(file(rows, Column("N", "subject"), Column("Text", "description")), newline=""))
        assert [line[0] for line in lines] == ["N", *map(str, range(MANY))]

    def test_begins_before_the_last_row_is_read(self, rows, django_assert_num_queries):
        pieces = csv_pieces(rows, [Column("N", "subject"), Column("Text", "description")])
        with django_assert_num_queries(0):
            assert next(pieces) == b"\xef\xbb\xbfN,Text\n"
        assert next(pieces).count(b"\n") <= MANY // 10
        pieces.close()

    def test_is_never_held_in_memory(self, rows):
        tracemalloc.start()
        try:
            size = sum(map(len, csv_pieces(rows, [Column("N", "subject"), Column("Text", "description")])))
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert size > MANY * 1000
        assert peak < size / 2
