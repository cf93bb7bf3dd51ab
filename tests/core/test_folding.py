from hypothesis import given
from hypothesis import strategies as st

from backend.core import folding


class TestFold:
    def test_case_and_accents_do_not_count(self):
        assert folding.fold("Ñandú  PÉREZ") == "nandu perez"

    @given(st.text())
    def test_folding_twice_is_folding_once(self, text):
        assert folding.fold(folding.fold(text)) == folding.fold(text)


class TestKey:
    def test_case_and_white_space_do_not_count_but_accents_do(self):
        assert folding.key("  Perú   SA ") == folding.key("perú sa")
        assert folding.key("Perú SA") != folding.key("Peru SA")

    def test_two_ways_to_write_an_accent_are_one(self):
        assert folding.key("Peru\u0301") == folding.key("Per\u00fa")


class TestNames:
    @given(st.text())
    def test_splitting_and_joining_gives_the_same_name_with_its_white_space_folded(self, text):
        assert folding.join_name(*folding.split_name(text)) == folding.squash(text)
