import pytest

from backend.core.actor import Actor
from backend.core.tenancy import UnscopedQuery
from backend.modules.contacts.models import Contact
from tests import make


class TestAWorkspacesTable:
    @pytest.mark.parametrize("ask", ["all", "filter", "get", "create", "count", "first", "exists"])
    def test_answers_nothing_when_the_workspace_is_not_named(self, db, ask):
        with pytest.raises(UnscopedQuery):
            getattr(Contact.objects, ask)()

    def test_answers_nothing_to_an_actor_without_a_workspace(self, db):
        with pytest.raises(UnscopedQuery):
            Contact.objects.of(Actor.system(None))

    def test_shows_each_actor_the_rows_of_their_workspace(self, alice, stranger):
        mine = make.contact(alice.actor)
        theirs = make.contact(stranger.actor)
        assert list(Contact.objects.of(alice.actor)) == [mine]
        assert list(Contact.objects.of(stranger.actor)) == [theirs]

    def test_puts_a_new_row_into_the_actors_workspace(self, alice):
        assert Contact.objects.of(alice.actor).new().workspace_id == alice.workspace.pk
        assert Contact.objects.of(alice.actor).filter(stage="lead").new().workspace_id == alice.workspace.pk
