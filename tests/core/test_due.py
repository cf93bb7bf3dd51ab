import pytest

from backend.core import due


@pytest.fixture(autouse=True)
def nothing_declared(monkeypatch):
    monkeypatch.setattr(due, "_kinds", {})


class TestCounts:
    def test_are_asked_for_anew_each_time(self):
        rows = []
        due.declare("emails", lambda: len(rows))
        assert due.counts() == {"emails": 0}
        rows.append("a letter")
        assert due.counts() == {"emails": 1}

    def test_are_none_while_no_module_declares_any(self):
        assert due.counts() == {}

    def test_of_a_kind_come_from_who_declared_it_last(self):
        due.declare("emails", lambda: 1)
        due.declare("emails", lambda: 2)
        assert due.counts() == {"emails": 2}


class TestFigures:
    def test_say_what_is_due_stuck_and_failed(self):
        due.declare("emails", lambda: 3, stuck=lambda: 2, failed=lambda: 1)
        due.declare("recoveries", lambda: 4)
        assert due.figures() == {"emails": due.Figures(3, 2, 1), "recoveries": due.Figures(4, 0, 0)}
