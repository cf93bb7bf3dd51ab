"""What stands in a file, read back from its bytes."""

import tracemalloc
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO

import pytest
from django.db.models import QuerySet

from backend.core.tabular import Column
from backend.modules.activities.models import Activity
from backend.modules.exchange import files, sources
from backend.modules.exchange.formats import WRITERS
from backend.modules.opportunities.models import Opportunity
from tests import make
from tests.modules.exchange.exports import sheets
from tests.modules.exchange.exports.outcome import about
from tests.modules.exchange.exports.test_ordering import lists, path_of

pytestmark = pytest.mark.django_db

AT = datetime(2026, 3, 11, 3, 30, tzinfo=UTC)
TEXT = (Column("Text", "description"),)
NASTY = [
    "=1+1", "+51 987", "-5", "@SUM(A1)", "\tx", "100", "ñandú", "日本語 🦙", 'a "b", c', "two\nlines", "<b>&amp;</b>",
    " x ",
]  # fmt: skip
# What a spreadsheet's own file has a meaning for, and what XML has no place for.
STRANGE = [
    "_x000D_", "a\rb", "\x01\x1f", "\ufffe\uffff", "]]>", "<r>", "<r></r>", "<r><t>x</t></r>", "<r>&</r>",
    "http://a.example", "{=1}", "0012", "1e5", "TRUE", "#N/A",
]  # fmt: skip


@pytest.fixture
def world(alice):
    """Records of every list, with whatever a text may be."""
    for number, text in enumerate(NASTY):
        company = make.company(
            alice.actor, name=f"{text} {number}", industry="technology", employees=number, notes=text
        )
        contact = make.contact(alice.actor, first_name="Ana", last_name=text.strip(), company_id=company.pk)
        deal = make.opportunity(
            alice.actor, name=f"Oferta {number}", notes=text, contact_id=contact.pk, company_id=company.pk,
            value=Decimal("12525.50"), currency="USD", probability=33, expected_close_on=date(2026, 12, 31), at=AT,
        )  # fmt: skip
        make.activity(alice.actor, kind="call", subject="Llamada", description=text, opportunity_id=deal.pk)


def written(rows, columns, format="xlsx") -> bytes:
    file, told = BytesIO(), []
    WRITERS[format](file, rows, about(columns), told.append)
    assert sum(told) == rows.count()
    return file.getvalue()


def texts(alice, *values: str) -> list[str]:
    """How these texts stand in a sheet."""
    QuerySet(Activity).bulk_create([
        Activity(subject=str(n), kind="note", description=value, workspace_id=alice.workspace.pk)
        for n, value in enumerate(values)
    ])  # fmt: skip
    [sheet] = sheets.read(written(Activity.objects.of(alice.actor).order_by("id"), TEXT))
    assert not any(cell.is_formula for row in sheet.rows for cell in row)
    return [value for [value] in sheet.values]


class TestACsvFile:
    @lists
    def test_is_the_streamed_one_to_the_byte(self, alice, world, source):
        streamed = b"".join(alice.get(path_of(source)).streaming_content)
        listed = sources.named(source)
        assert written(listed.open(alice.actor, {}), listed.columns, "csv") == streamed
        assert streamed.count("ñandú".encode()) >= 1

    @pytest.mark.parametrize(
        ("source", "filters"), [("sales.empresas", "search=ñandú"), ("sales.oportunidades", "etapa=propuesta")]
    )
    def test_of_filters_is_the_streamed_one_as_well(self, alice, world, source, filters):
        streamed = b"".join(alice.get(f"{path_of(source)}?{filters}").streaming_content)
        listed = sources.named(source)
        rows = listed.open(alice.actor, dict([filters.split("=")]))
        assert written(rows, listed.columns, "csv") == streamed


class TestASheet:
    @lists
    def test_has_bold_headers_that_stay_in_sight(self, alice, source):
        listed = sources.named(source)
        [sheet] = sheets.read(written(listed.open(alice.actor, {}), listed.columns))
        assert sheet.headers == [column.header for column in listed.columns]
        assert all(cell.is_bold for cell in sheet.rows[0])
        assert (sheet.frozen_rows, len(sheet.rows)) == (1, 1)

    @lists
    def test_has_a_row_for_each_record_in_the_order_of_the_list(self, alice, world, source):
        listed = sources.named(source)
        rows = listed.open(alice.actor, {})
        [sheet] = sheets.read(written(rows, listed.columns))
        assert [row[0] for row in sheet.values] == list(rows.values_list("pk", flat=True))
        assert not any(cell.is_bold for row in sheet.rows[1:] for cell in row if cell)

    def test_has_numbers_words_and_days_where_the_csv_has_them(self, alice, world):
        listed = sources.named("sales.oportunidades")
        [sheet] = sheets.read(written(listed.open(alice.actor, {}), listed.columns))
        row = dict(zip(sheet.headers, sheet.values[-1], strict=True))
        assert row == {
            "ID": Opportunity.objects.of(alice.actor).earliest("id").pk, "Nombre": "Oferta 0", "Cliente": "Ana =1+1",
            "Empresa": "=1+1 0", "Valor": 12525.5, "Moneda": "USD", "Probabilidad": 33, "Valor ponderado": 4133.42,
            "Etapa": "Prospecto", "Estado": "abierta", "Resultado": None, "Fecha de cierre estimada": "2026-12-31",
            "Fecha de cierre real": None, "Notas": "=1+1", "Fecha de creación": "2026-03-11T03:30:00Z",
        }  # fmt: skip

    @pytest.mark.parametrize("text", NASTY + STRANGE)
    def test_has_texts_as_they_are_and_no_formulas(self, alice, text):
        assert texts(alice, text) == [text]

    def test_has_no_cell_for_an_empty_text(self, alice):
        QuerySet(Activity).bulk_create([Activity(kind="note", subject="x", workspace_id=alice.workspace.pk)])
        columns = (Column("Text", "description"), Column("Subject", "subject"))
        [sheet] = sheets.read(written(Activity.objects.of(alice.actor), columns))
        assert sheet.values == [[None, "x"]]

    @pytest.mark.parametrize("start", ["", "<r>", "=", "🦙"])
    @pytest.mark.parametrize("letter", ["x", "ñ", "🦙"])
    def test_has_as_much_of_a_long_text_as_a_cell_has_place_for(self, alice, letter, start):
        text = start + letter * 40_000
        [found] = texts(alice, text)
        assert text.startswith(found)
        assert 32_766 <= len(found.encode("utf-16-le")) / 2 <= 32_767

    def test_does_not_round_a_number_that_is_longer_than_its_own(self, alice):
        make.opportunity(alice.actor, value=Decimal("999999999999.99"))
        columns = (Column("Value", "value", "plain"), Column("Long", "name", "plain"))
        QuerySet(Opportunity.objects.of(alice.actor).model).update(name="12345678901234567")
        [sheet] = sheets.read(written(Opportunity.objects.of(alice.actor), columns))
        assert sheet.values == [[999999999999.99, "12345678901234567"]]

    def test_goes_on_in_another_when_it_is_full(self, alice, monkeypatch):
        monkeypatch.setattr(files, "SHEET_ROWS", 4)
        for number in range(7):
            make.activity(alice.actor, description=str(number))
        first, second, third = sheets.read(written(Activity.objects.of(alice.actor).order_by("id"), TEXT))
        assert [sheet.values for sheet in (first, second, third)] == [
            [["0"], ["1"], ["2"]], [["3"], ["4"], ["5"]], [["6"]],
        ]  # fmt: skip
        for sheet in (first, second, third):
            assert (sheet.headers, sheet.rows[0][0].is_bold, sheet.frozen_rows) == (["Text"], True, 1)

    def test_that_is_just_full_has_no_other(self, alice, monkeypatch):
        monkeypatch.setattr(files, "SHEET_ROWS", 4)
        for _ in range(3):
            make.activity(alice.actor)
        assert len(sheets.read(written(Activity.objects.of(alice.actor), TEXT))) == 1

    def test_that_was_interrupted_leaves_nothing_on_the_disk(self, alice, monkeypatch, tmp_path):
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
        make.activity(alice.actor)

        def stop(rows: int) -> None:
            assert list(tmp_path.iterdir())
            raise InterruptedError

        with pytest.raises(InterruptedError):
            files.write_xlsx(BytesIO(), Activity.objects.of(alice.actor), about(TEXT), stop)
        assert list(tmp_path.iterdir()) == []
        assert Activity.objects.of(alice.actor).count() == 1  # the connection is free again


class TestManyRows:
    MANY = 20_000

    @pytest.fixture
    def rows(self, alice):
        """Twenty megabytes, written past the ledger."""
        texts = {"kind": "note", "description": "=x" * 500, "workspace_id": alice.workspace.pk}
        QuerySet(Activity).bulk_create([Activity(subject=str(n), **texts) for n in range(self.MANY)], batch_size=500)
        return Activity.objects.of(alice.actor).order_by("id")

    def test_are_told_of_as_they_are_written(self, rows):
        for format in ("csv", "xlsx"):
            told = []
            WRITERS[format](BytesIO(), rows, about(TEXT), told.append)
            assert sum(told) == self.MANY
            assert len(told) >= 10

    def test_stand_in_a_sheet_once_and_are_never_held_in_memory(self, rows, tmp_path):
        path = tmp_path / "book.xlsx"
        tracemalloc.start()
        try:
            with path.open("wb") as file:
                files.write_xlsx(file, rows, about((Column("N", "subject"), *TEXT)), lambda number: None)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        [sheet] = sheets.read(path.read_bytes())
        assert [int(n) for n, _ in sheet.values] == list(range(self.MANY))
        assert peak < 10_000_000
