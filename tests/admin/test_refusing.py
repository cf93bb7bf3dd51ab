"""What a rule refuses is not saved by the admin either: the same page says why."""

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry

from backend.modules.identity.models import Membership, User
from backend.modules.ledger.models import Entry
from tests import people
from tests.admin.pages import OF_EACH, address

REASON = "The workspace would be left without an active administrator."


@pytest.fixture
def pages(alice):
    """Where our only administrator is made inactive: their membership's page and their own."""
    membership = Membership.across_workspaces.get(user=alice.user)
    return {
        Membership: (address(Membership, membership.pk, "change"), {}),
        User: (address(User, alice.user.pk, "change"), {"first_name": "Alicia", "last_name": "Example"}),
    }


def is_active(who: people.Person, model: type) -> bool:
    rows = (
        Membership.across_workspaces.filter(user=who.user)
        if model is Membership
        else User.objects.filter(pk=who.user.pk)
    )
    return rows.get().is_active


def messages(answer) -> list[str]:
    return [str(each) for each in answer.context["messages"]]


@pytest.mark.parametrize("model", [Membership, User])
class TestTheLastAdministrator:
    def test_stays_active_and_the_page_says_why(self, root, alice, pages, model):
        page, form = pages[model]
        answer = root.post(page, form, follow=True)
        assert answer.redirect_chain == [(page, 302)]
        assert (messages(answer), REASON in answer.content.decode()) == ([REASON], True)
        assert is_active(alice, model)

    def test_leaves_no_trace(self, root, alice, pages, model):
        page, form = pages[model]
        entries = Entry.across_workspaces.count()
        root.post(page, form)
        assert (Entry.across_workspaces.count(), LogEntry.objects.count()) == (entries, 0)
        alice.user.refresh_from_db()
        assert alice.user.first_name == "Alice", "nothing else of the form is saved"
        assert alice.get("/api/me/").status_code == 200

    def test_goes_where_there_is_a_second_one(self, root, alice, pages, ours, model):
        people.person("eva", ours, "admin")
        page, form = pages[model]
        answer = root.post(page, form, follow=True)
        assert REASON not in messages(answer)
        assert not is_active(alice, model)
        entry = Entry.across_workspaces.latest("pk")
        assert (entry.action, entry.username, entry.new["is_active"]) == ("admin.save", "root", False)

    def test_of_another_workspace_is_no_second_one(self, root, alice, pages, stranger, model):
        page, form = pages[model]
        root.post(page, form)
        assert is_active(alice, model)


class TestEveryPage:
    @OF_EACH
    def test_that_saves_has_words_for_what_is_refused(self, root, model):
        page = admin.site.get_model_admin(model)
        assert bool(page.editable) == ("last_administrator" in page.words)
