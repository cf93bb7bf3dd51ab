import pytest

from backend.core import listing
from backend.core.actor import Actor
from backend.core.compiled import CompiledRows
from backend.core.tenancy import UnscopedQuery
from backend.modules.contacts import queries
from backend.modules.contacts.models import Contact
from tests import make

FIELDS = ("id", "first_name", "email_key", "company__name", "stage", "created_at", "version")


def newest(actor):
    return Contact.objects.of(actor).order_by("-created_at", "-id").values(*FIELDS)


class TestCompiledRows:
    def test_are_those_of_the_query_in_every_workspace(self, alice, stranger):
        kept = CompiledRows(newest)
        for who in (alice, stranger):
            for number in range(3):
                make.contact(who.actor, first_name=f"{who.user.username} 100% {number}", company_name="Acme")
            assert kept.fetch(who.actor, offset=0, size=10) == list(newest(who.actor))
            assert kept.fetch(who.actor, offset=1, size=1) == list(newest(who.actor)[1:2])

    def test_depend_on_nothing_of_the_caller_but_the_workspace(self, db):
        with pytest.raises(AttributeError):
            CompiledRows(lambda actor: newest(actor).filter(assigned_to_id=actor.user_id))

    def test_are_nobodys_without_a_workspace(self, db):
        with pytest.raises(UnscopedQuery):
            CompiledRows(newest).fetch(Actor.system(None), offset=0, size=1)


class TestAPage:
    @pytest.mark.parametrize("filters", [queries.Filters(), queries.Filters(stage="lead")], ids=["all", "of a stage"])
    @pytest.mark.parametrize("ordering", [None, "first_name", "-email,id"])
    def test_is_the_same_whichever_way_it_is_found(self, alice, stranger, monkeypatch, filters, ordering):
        for number in range(7):
            make.contact(alice.actor, first_name=f"Ana {number % 3}")
        make.contact(stranger.actor)
        windows = [listing.Window(size=3, offset=offset, ordering=ordering) for offset in (0, 3, 6, 9)]
        near = [queries.page(alice.actor, filters, each) for each in windows]
        monkeypatch.setattr(listing, "NEAR", -1)
        assert [queries.page(alice.actor, filters, each) for each in windows] == near
        assert [len(each.rows) for each in near] == [3, 3, 1, 0]
        assert [each.has_next for each in near] == [True, True, False, False]
        assert {each.count.rows for each in near} == {7}
