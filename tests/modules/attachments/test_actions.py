"""Who may attach, see and remove files, and what is left in the database."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from backend.core.errors import NotFound, PermissionDenied
from backend.modules.attachments import actions, filenames, queries
from backend.modules.attachments.models import Attachment, State
from backend.modules.ledger.models import Entry
from backend.modules.opportunities import actions as opportunities
from tests import make, people, stored
from tests.modules.attachments.sending import PDF, announce

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("uploads")]


@pytest.fixture
def attached(alice, deal, client) -> Attachment:
    return attach(alice, deal, client)


def attach(who, deal, client, **more) -> Attachment:
    to = announce(who, deal, **more)
    assert client.put(to.url, PDF, content_type=to.headers["Content-Type"]).status_code == 200
    return actions.confirm(who.actor, key=to.key)


def holding(place, *codenames: str):
    """The actor of a member who holds exactly these permissions."""
    who = people.person_holding(place, *codenames)
    return replace(who.actor, unrestricted=False, permissions=frozenset(codenames))


class TestAnnouncing:
    def test_stores_what_was_said_and_until_when_it_holds(self, alice, deal):
        before = timezone.now()
        to = announce(alice, deal, filename="C:\\mis cosas\\ñandú.pdf", size=12)
        row = Attachment.objects.of(alice.actor).get()
        assert (row.key, row.filename, row.content_type, row.size) == (to.key, "ñandú.pdf", "application/pdf", 12)
        assert (row.subject_kind, row.subject_id, row.state) == ("opportunity", deal.pk, State.PENDING)
        assert (row.created_by, row.confirmed_at) == (alice.user, None)
        assert timedelta(0) <= row.expires_at - before - timedelta(days=1) < timedelta(minutes=1)
        assert timedelta(0) <= to.expires_at - before - timedelta(hours=1) < timedelta(minutes=1)

    def test_gives_a_key_that_nobody_guesses_and_that_says_whose_it_is(self, alice, deal):
        found = {announce(alice, deal).key for _ in range(20)}
        assert len(found) == 20
        assert all(key.startswith(f"{alice.workspace.pk}/") and len(key.partition("/")[2]) == 32 for key in found)

    @pytest.mark.parametrize("content_type", ["text/html", "image/svg+xml", "application/x-msdownload", ""])
    def test_a_type_that_is_not_allowed_is_refused(self, alice, deal, content_type):
        with stored.nothing_written(), pytest.raises(filenames.FileTypeNotAllowed) as refused:
            announce(alice, deal, content_type=content_type)
        assert refused.value.facts["content_type"] == content_type
        assert "application/pdf" in refused.value.facts["allowed"]

    def test_a_file_beyond_the_limit_is_refused(self, alice, deal, settings):
        limit = settings.UPLOAD_MAX_MB * 1024 * 1024
        assert announce(alice, deal, size=limit).key
        with stored.nothing_written(), pytest.raises(actions.FileTooLarge) as refused:
            announce(alice, deal, size=limit + 1)
        assert refused.value.facts == {"limit": settings.UPLOAD_MAX_MB}

    def test_a_name_that_is_none_is_refused(self, alice, deal):
        with stored.nothing_written(), pytest.raises(filenames.NoFilename):
            announce(alice, deal, filename="../..")

    def test_to_another_workspace_s_record_or_to_none_finds_nothing(self, stranger, deal):
        with stored.nothing_written(), pytest.raises(NotFound):
            announce(stranger, deal)
        deal.pk = 999_999_999
        with stored.nothing_written(), pytest.raises(NotFound):
            announce(stranger, deal)

    def test_masks_the_key_in_the_ledger(self, alice, deal):
        announce(alice, deal)
        entry = Entry.objects.of(alice.actor).get(action="attachment.presign")
        assert (entry.verb, entry.new["filename"]) == ("attachment.created", "oferta.pdf")
        assert set(entry.new["key"]) == {"*"}


class TestAnAttachment:
    def test_is_seen_once_it_is_confirmed(self, alice, deal, client):
        announce(alice, deal)
        assert queries.rows_of(alice.actor, "opportunity", deal.pk) == []
        first, second = attach(alice, deal, client), attach(alice, deal, client, filename="b.pdf")
        rows = queries.rows_of(alice.actor, "opportunity", deal.pk)
        assert [row["id"] for row in rows] == [second.pk, first.pk]
        assert rows[0] == queries.get(alice.actor, second.pk)
        assert (rows[0]["filename"], rows[0]["size"], rows[0]["created_by_name"]) == ("b.pdf", len(PDF), "alice")

    def test_that_is_pending_is_not_found(self, alice, deal):
        announce(alice, deal)
        pending = Attachment.objects.of(alice.actor).get()
        for read in (queries.get, queries.download, actions.delete):
            with pytest.raises(NotFound):
                read(alice.actor, pending.pk)

    def test_of_another_workspace_is_not_found(self, stranger, deal, attached):
        for read in (queries.get, queries.download, actions.delete):
            with pytest.raises(NotFound):
                read(stranger.actor, attached.pk)
        with pytest.raises(NotFound):
            queries.rows_of(stranger.actor, "opportunity", deal.pk)

    def test_is_gone_for_everybody_at_once_when_it_is_deleted(self, alice, deal, attached, client):
        url = queries.download(alice.actor, attached.pk)
        actions.delete(alice.actor, attached.pk)
        assert client.get(url).status_code == 404
        assert queries.rows_of(alice.actor, "opportunity", deal.pk) == []
        for read in (queries.get, queries.download, actions.delete):
            with pytest.raises(NotFound):
                read(alice.actor, attached.pk)
        with pytest.raises(NotFound):
            actions.confirm(alice.actor, key=attached.key)

    def test_goes_with_its_opportunity_and_leaves_others(self, alice, deal, attached, client):
        other = attach(alice, make.opportunity(alice.actor), client)
        pending = announce(alice, deal)
        opportunities.delete(alice.actor, deal.pk)
        assert queries.get(alice.actor, other.pk)["id"] == other.pk
        with pytest.raises(NotFound):
            queries.get(alice.actor, attached.pk)
        with pytest.raises(NotFound):
            actions.confirm(alice.actor, key=pending.key)
        assert client.put(pending.url, PDF, content_type="application/pdf").status_code == 404


class TestThePermissions:
    def test_are_asked_for_each(self, alice, deal, attached):
        place = alice.workspace
        adder, viewer, remover = (holding(place, f"attachments.{verb}") for verb in ("add", "view", "delete"))
        said = {"subject_kind": "opportunity", "subject_id": deal.pk, "filename": "a.pdf"}
        said["content_type"] = "application/pdf"
        for other in (viewer, remover):
            with pytest.raises(PermissionDenied):
                actions.presign(other, **said)
            with pytest.raises(PermissionDenied):
                actions.confirm(other, key=attached.key)
        for other in (adder, remover):
            for read in (
                lambda actor: queries.get(actor, attached.pk),
                lambda actor: queries.download(actor, attached.pk),
                lambda actor: queries.rows_of(actor, "opportunity", deal.pk),
            ):
                with pytest.raises(PermissionDenied):
                    read(other)
        for other in (adder, viewer):
            with pytest.raises(PermissionDenied):
                actions.delete(other, attached.pk)
            with pytest.raises(PermissionDenied):
                actions.sweep(other)

    def test_are_enough(self, alice, deal, attached, client):
        place = alice.workspace
        adder, viewer, remover = (holding(place, f"attachments.{verb}") for verb in ("add", "view", "delete"))
        to = actions.presign(
            adder, subject_kind="opportunity", subject_id=deal.pk, filename="a.pdf", content_type="application/pdf"
        )
        client.put(to.url, PDF, content_type="application/pdf")
        assert actions.confirm(adder, key=to.key).filename == "a.pdf"
        assert len(queries.rows_of(viewer, "opportunity", deal.pk)) == 2
        assert client.get(queries.download(viewer, attached.pk)).status_code == 200
        actions.delete(remover, attached.pk)
        assert len(queries.rows_of(viewer, "opportunity", deal.pk)) == 1
