import pytest

from backend.modules.exchange import industries
from backend.modules.exchange.detection import FileRefused
from backend.modules.exchange.fields import RowRefused
from backend.modules.exchange.mapping import Record, columns_of


def company(**cells):
    """The record of a company's row; underscores in names of columns stand for themselves."""
    columns = columns_of("company", ["name", *cells], {})
    return columns.record(["Acme", *cells.values()])


class TestColumns:
    def test_a_column_with_a_fields_name_maps_by_itself(self):
        columns = columns_of("contact", ["First Name", "E-mail", "JOB_TITLE", "email", "Town"], {})
        assert columns.fields == ["first_name", None, "job_title", "email", None]
        assert columns.without_field == ["E-mail", "Town"]

    def test_what_was_asked_for_comes_first(self):
        columns = columns_of("company", ["name", "account"], {"name": "Account"})
        assert columns.fields == [None, "name"]

    def test_a_name_is_read_in_parts_unless_asked_for_whole(self):
        header = ["full_name", "first_name", "last_name", "email"]
        assert columns_of("contact", header, {}).fields == [None, "first_name", "last_name", "email"]
        whole = columns_of("contact", header, {"full_name": "full_name"})
        assert whole.fields == ["full_name", None, None, "email"]

    @pytest.mark.parametrize(
        ("kind", "header", "wanted", "reason"),
        [
            ("company", ["account"], {"name": "acount"}, "no column 'acount'. Its header is: account"),
            ("company", ["account"], {"nombre": "account"}, "no field 'nombre': it has name, industry"),
            ("company", ["account", "town"], {}, "No column is mapped to name.*account, town"),
            ("company", ["account"], {"name": "account", "notes": "account"}, "two fields"),
            ("contact", ["email"], {}, "mapped to first_name or full_name"),
            ("contact", ["first_name"], {}, "mapped to email or phone"),
            ("contact", ["a", "b", "email"], {"full_name": "a", "last_name": "b"}, "either full_name or"),
        ],
    )
    def test_what_is_refused(self, kind, header, wanted, reason):
        with pytest.raises(FileRefused, match=reason):
            columns_of(kind, header, wanted)


class TestValues:
    @pytest.mark.parametrize(
        ("given", "employees"), [("0", 0), ("2822", 2822), ("95.0", 95), ("1,100", 1100), ("1.234.567", 1234567)]
    )
    def test_employees(self, given, employees):
        assert company(employees=given).values["employees"] == employees

    @pytest.mark.parametrize("given", ["-1", "many", "2.5", "1e3", "99999999999", "10000001", "1,10", "²"])
    def test_employees_is_a_whole_number_of_sane_size(self, given):
        with pytest.raises(RowRefused, match="^employees: .* is not a whole number"):
            company(employees=given)

    @pytest.mark.parametrize(
        ("given", "website"),
        [("acme.com", "https://acme.com"), ("http://acme.com/a?b=c", "http://acme.com/a?b=c"), ("nowhere", None),
         ("javascript:alert(1)", None), ("ftp://acme.com", None)],
    )  # fmt: skip
    def test_website(self, given, website):
        if website:
            assert company(website=given).values["website"] == website
        else:
            with pytest.raises(RowRefused, match="website"):
                company(website=given)

    @pytest.mark.parametrize(("column", "longest"), [("phone", 20), ("address", 1000), ("notes", 20_000)])
    def test_lengths_are_the_apis(self, column, longest):
        assert company(**{column: "9" * longest}).values[column] == "9" * longest
        with pytest.raises(RowRefused, match=f"^{column}: .* {longest} is the most"):
            company(**{column: "9" * (longest + 1)})

    @pytest.mark.parametrize("column", ["address", "town"])
    def test_null_characters_are_refused(self, column):
        with pytest.raises(RowRefused, match=f"^{column}: null characters"):
            company(**{column: "a\0b"})

    def test_an_email_address_is_valid(self):
        columns = columns_of("contact", ["first_name", "mail"], {"email": "mail"})
        assert columns.record(["Ana", " ana@example.com "]).values["email"] == "ana@example.com"
        with pytest.raises(RowRefused, match="^mail: 'ana@' is not an e-mail"):
            columns.record(["Ana", "ana@"])

    @pytest.mark.parametrize("given", ["In progress", "IN_PROGRESS", "in-progress"])
    def test_stage(self, given):
        columns = columns_of("contact", ["first_name", "email", "stage"], {})
        assert columns.record(["Ana", "", given]).values["stage"] == "in_progress"
        with pytest.raises(RowRefused, match="stage: 'won' is none of lead, in_progress, active"):
            columns.record(["Ana", "", "won"])

    def test_empty_cells_are_left_out(self):
        assert company(industry=" ", town="").values == {"name": "Acme"}


class TestIndustry:
    @pytest.mark.parametrize(
        ("word", "industry", "is_ours"),
        [("technology", "technology", True), ("Real Estate", "real_estate", True), ("technolgy", "technology", False),
         ("medical", "health", False), ("retail", "commerce", False), ("Tecnologia", "technology", False),
         ("entertainment", "other", False), ("astrology", "other", False)],
    )  # fmt: skip
    def test_words(self, word, industry, is_ours):
        assert industries.recognise(word) == (industry, is_ours)

    def test_a_word_that_is_not_ours_goes_to_the_notes_too(self):
        assert company(industry="technolgy").rest == {"industry": "technolgy"}
        assert company(industry="technology").rest == {}


class TestNotes:
    def test_what_has_no_field_is_a_line_each(self):
        assert company(year="1996", owner="Wile E.\nCoyote").notes() == "year: 1996\nowner: Wile E. Coyote"

    def test_what_a_person_wrote_stays(self):
        record = Record({}, {"year": "1997", "town": "Lima"})
        assert record.notes("Good payer\nyear: 1996\nLikes tea") == "Good payer\nyear: 1997\nLikes tea\ntown: Lima"

    def test_a_notes_column_replaces_the_notes(self):
        record = company(notes="New\r\nnotes", year="1996")
        assert record.notes("Old notes") == "New\nnotes\nyear: 1996"

    def test_doing_it_again_changes_nothing(self):
        for record in (company(year="1996"), company(year="1996", notes="year: long ago")):
            once = record.notes("Good payer\n")
            assert record.notes(once) == once
