import pytest

from backend.modules.exchange import reading
from backend.modules.exchange.detection import FileRefused

NAMES = "name,address\nÑandú Café,Bogotá\nPeña & Hijos,Avenida São João\n"


@pytest.fixture
def read(tmp_path):
    def read(content, **how):
        path = tmp_path / "rows.csv"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        with reading.open_table(path, **how) as table:
            return table, list(table.rows())

    return read


class TestEncoding:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "latin-1", "cp850"])
    def test_is_found_out(self, read, encoding):
        table, rows = read(NAMES.encode(encoding))
        assert table.header == ["name", "address"]
        assert [row.cells for row in rows] == [["Ñandú Café", "Bogotá"], ["Peña & Hijos", "Avenida São João"]]

    def test_is_found_out_far_behind_plain_rows(self, read):
        _, rows = read(b"name\n" + b"Acme\n" * 60_000 + "Peña\n".encode("cp1252"))
        assert rows[-1].cells == ["Peña"]

    def test_can_be_forced(self, read):
        _, rows = read("name\nПривет\n".encode("cp1251"), encoding="cp1251")
        assert rows[0].cells == ["Привет"]

    @pytest.mark.parametrize("encoding", ["utf-99", "base64", "rot13"])
    def test_must_be_one_of_text(self, read, encoding):
        with pytest.raises(FileRefused, match="encoding"):
            read(NAMES, encoding=encoding)

    def test_a_row_of_other_bytes_is_broken_and_the_others_are_not(self, read):
        table, rows = read(NAMES.encode() + "Muñoz,Cádiz\n".encode("cp1252") + "Núñez,León\n".encode())
        assert table.encoding == "utf-8"
        assert [row.fault for row in rows] == [None, None, "bytes that are not utf-8", None]
        assert rows[2].cells == ["Mu\ufffdoz", "C\ufffddiz"]


class TestDelimiter:
    @pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
    def test_is_found_out(self, read, delimiter):
        content = f'name{delimiter}notes\nAcme{delimiter}"a, b; c | d"\nBeta{delimiter}one, two, three\n'
        table, _ = read(content.replace("one, two, three", "one" if delimiter == "," else "one, two, three"))
        assert table.delimiter == delimiter

    @pytest.mark.parametrize("given", [";", "semicolon"])
    def test_can_be_forced(self, read, given):
        table, _ = read("a,b;c\n1,2;3\n", delimiter=given)
        assert table.header == ["a,b", "c"]

    def test_is_one_of_four(self, read):
        with pytest.raises(FileRefused, match="comma, semicolon, tab, pipe"):
            read(NAMES, delimiter="x")


class TestRows:
    def test_a_quoted_cell_has_several_lines_and_rows_know_their_line(self, read):
        _, rows = read('name,notes\nAcme,"one\r\ntwo, three"\n\n,\nBeta,"a ""b"""\n')
        assert [(row.line, row.cells) for row in rows] == [(2, ["Acme", "one\r\ntwo, three"]), (6, ["Beta", 'a "b"'])]

    def test_a_quotation_mark_that_is_not_closed_costs_one_row(self, read):
        _, rows = read('name,notes\nAcme,"open\nBeta,fine\n"Gamma" x,bad\nDelta,fine\n')
        assert [(row.line, row.fault is None) for row in rows] == [(2, False), (3, True), (4, False), (5, True)]

    def test_a_row_of_too_many_lines_costs_one_row(self, read, monkeypatch):
        monkeypatch.setattr(reading, "MOST_LINES_OF_A_ROW", 10)
        _, rows = read('name\n"open\n' + "Acme\n" * 50 + '"closed"\n')
        assert [row.line for row in rows if row.fault] == [2]
        assert len(rows) == 52

    @pytest.mark.parametrize(("row", "fault"), [("Acme", "1 cells"), ("Acme,tech,3", "3 cells"), ("Acme,x,", None)])
    def test_a_row_has_as_many_cells_as_the_header(self, read, row, fault):
        _, rows = read(f"name,notes\n{row}\n")
        assert rows[0].fault == (fault and f"{fault} where the header has 2")

    def test_a_line_that_is_too_long_is_broken_and_the_next_is_read(self, read, monkeypatch):
        monkeypatch.setattr(reading, "LONGEST_ROW", 1000)
        _, rows = read("name\n" + "x" * 5000 + "\nBeta\n")
        assert rows[0].fault == "the line is longer than 1000 characters"
        assert rows[1] == reading.Row(3, ["Beta"])


class TestFilesThatAreRefused:
    @pytest.mark.parametrize(
        ("content", "reason"),
        [
            (b"", "empty"),
            (b"\n\n  \n", "empty"),
            (b"name,industry\n", "no rows"),
            (b"PK\x03\x04\x14\x00\x06\x00\x08\x00\x00\x00!\x00workbook", "save a workbook as CSV"),
            (bytes(range(256)) * 20, "binary"),
            ("name\nÑandú\n".encode("utf-16-le"), "binary"),
            (b"name,Name \nAcme,Beta\n", "Two columns have one name: 'name' and 'Name'"),
            (b"first_name,first name\nA,B\n", "Two columns have one name"),
            (b'name,"open\nAcme,Beta\n', "header can't be read"),
            (b"x" * 2_000_000, "header can't be read: the line is longer than"),
            (b"a," * 600 + b"b\n1\n", "601 columns"),
        ],
    )
    def test_reason_is_clear(self, read, content, reason):
        with pytest.raises(FileRefused, match=reason):
            read(content)

    def test_missing_file_and_folder(self, tmp_path):
        for path in (tmp_path / "nothing.csv", tmp_path):
            with pytest.raises(FileRefused, match="no file"), reading.open_table(path):
                raise AssertionError
