"""/v1/users/invitations/{id}: sending again, revoking."""

import pytest

from backend.modules.identity.actions import invitations
from backend.modules.ledger.models import Entry
from tests import make, stored
from tests.dialects.accounts.access import accept, error
from tests.dialects.accounts.test_invitations import INVITATION, LIST, MARIA, expire, invite, mails, token_in

pytestmark = pytest.mark.django_db


class TestSendAgain:
    def again(self, person, invitation):
        return person.post(f"{LIST}/{invitation.pk}/resend")

    def test_mails_a_new_link_and_ends_the_old_one(self, alice, ours):
        invitation, old = make.invitation(alice.actor, email=MARIA)
        answer = self.again(alice, invitation)
        assert (answer.status_code, list(answer.json()), answer.json()["sent"]) == (200, INVITATION, 2)
        new = token_in(mails(ours)[1])
        assert new != old
        assert error(accept(old)) == (404, "NOT_FOUND")
        assert accept(new).status_code == 201

    def test_lets_an_expired_one_live_again(self, alice, ours):
        invitation, old = make.invitation(alice.actor)
        expire(invitation)
        assert error(accept(old)) == (422, "INVITATION_EXPIRED")
        assert self.again(alice, invitation).json()["status"] == "pending"
        assert accept(token_in(mails(ours)[1])).status_code == 201

    def test_of_what_is_settled_is_a_broken_rule(self, alice):
        accepted, token = make.invitation(alice.actor)
        revoked, _ = make.invitation(alice.actor)
        accept(token)
        invitations.revoke(alice.actor, revoked.pk)
        with stored.nothing_written():
            assert error(self.again(alice, accepted)) == (422, "INVITATION_USED")
            assert error(self.again(alice, revoked)) == (422, "INVITATION_REVOKED")

    def test_finds_none_of_another_company(self, alice, stranger):
        theirs, _ = make.invitation(stranger.actor)
        with stored.nothing_written():
            assert error(self.again(alice, theirs)) == (404, "NOT_FOUND")

    def test_is_refused_without_the_permission(self, alice, carla):
        invitation, _ = make.invitation(alice.actor)
        assert error(self.again(carla, invitation)) == (403, "PERMISSION_DENIED")


class TestRevoke:
    def revoke(self, person, invitation):
        return person.delete(f"{LIST}/{invitation.pk}")

    def test_ends_the_link(self, alice):
        invitation, token = make.invitation(alice.actor)
        answer = self.revoke(alice, invitation)
        assert (answer.status_code, answer.content) == (204, b"")
        with stored.nothing_written():
            assert error(accept(token)) == (422, "INVITATION_REVOKED")

    def test_twice_is_once(self, alice):
        invitation, _ = make.invitation(alice.actor)
        assert [self.revoke(alice, invitation).status_code for _ in range(2)] == [204, 204]
        entries = Entry.objects.of(alice.actor).filter(action="invitation.revoke")
        assert [list(entry.new) for entry in entries] == [["revoked_at"]]

    def test_makes_room_for_another(self, alice):
        invitation, _ = make.invitation(alice.actor, email=MARIA)
        self.revoke(alice, invitation)
        assert invite(alice).status_code == 201

    def test_of_an_accepted_one_is_a_broken_rule(self, alice):
        invitation, token = make.invitation(alice.actor)
        accept(token)
        assert error(self.revoke(alice, invitation)) == (422, "INVITATION_USED")

    def test_finds_none_of_another_company(self, alice, stranger):
        theirs, token = make.invitation(stranger.actor)
        assert error(self.revoke(alice, theirs)) == (404, "NOT_FOUND")
        assert accept(token).status_code == 201

    def test_is_refused_without_the_permission(self, alice, carla):
        invitation, _ = make.invitation(alice.actor)
        assert error(self.revoke(carla, invitation)) == (403, "PERMISSION_DENIED")
