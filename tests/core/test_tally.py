import pytest

from backend.core import tally
from backend.core.models import Tally
from backend.modules.contacts import actions as contacts
from backend.modules.contacts.models import Contact, Stage
from tests import make


def total(who, *values) -> int:
    return tally.total(who.workspace.pk, Contact, values or Stage.values)


class TestARunningTotal:
    def test_follows_every_write_at_once(self, alice, stranger):
        first = make.contact(alice.actor)
        make.contact(alice.actor)
        make.contact(stranger.actor)
        assert total(alice) == 2
        contacts.update(alice.actor, first.pk, stage=Stage.ACTIVE)
        assert (total(alice, "lead"), total(alice, "active")) == (1, 1)
        contacts.delete(alice.actor, first.pk)
        assert (total(alice), total(alice, "active"), total(stranger)) == (1, 0, 1)

    def test_falls_with_the_change_it_counts(self, alice):
        make.contact(alice.actor, email="a@example.com")
        with pytest.raises(contacts.EmailTaken):
            make.contact(alice.actor, email="A@example.com", must_be_free=["email"])
        assert total(alice) == 1

    def test_is_the_same_after_its_addends_were_compacted(self, alice, stranger):
        for _ in range(tally.KEPT_APART + 3):
            make.contact(alice.actor)
        make.contact(stranger.actor)
        assert tally.compact() == 1
        assert (total(alice), total(stranger)) == (tally.KEPT_APART + 3, 1)
        assert Tally.objects.filter(workspace_id=alice.workspace.pk).count() == 1
        assert tally.compact() == 0

    def test_is_the_same_after_all_of_a_workspace_were_compacted(self, alice, stranger, monkeypatch):
        monkeypatch.setattr(tally, "AT_ONCE", 2)
        for who in (alice, stranger):
            for stage in (*Stage.values, *Stage.values, *Stage.values):
                make.contact(who.actor, stage=stage)
        assert tally.compact_workspace(alice.workspace.pk) == 3
        assert [total(who, stage) for who in (alice, stranger) for stage in Stage.values] == [3] * 6
        here = Tally.objects.filter(workspace_id=alice.workspace.pk)
        assert sorted(here.values_list("key", "amount")) == sorted((stage, 3) for stage in Stage.values)
        assert Tally.objects.filter(workspace_id=stranger.workspace.pk).count() == 9
        assert tally.compact_workspace(alice.workspace.pk) == 0

    def test_of_which_there_are_many_is_appended_in_several_statements(self, alice, monkeypatch):
        monkeypatch.setattr(tally, "AT_ONCE", 2)
        tally.count({(alice.workspace.pk, "contacts", stage): 7 for stage in (*Stage.values, "four", "five")})
        assert total(alice, *Stage.values, "four", "five") == 35
