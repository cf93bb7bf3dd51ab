"""/v1/users/invitations: inviting, listing, sending again, revoking."""

import re
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from backend.core.actor import Actor
from backend.core.models import IdempotentRequest
from backend.modules.identity.actions import invitations
from backend.modules.identity.models import Invitation
from backend.modules.ledger.models import Entry
from backend.modules.notifications import tasks
from backend.modules.notifications.models import OutboundEmail
from tests import make, people, stored
from tests.dialects.accounts.access import accept, details, error

pytestmark = pytest.mark.django_db

LIST = "/v1/users/invitations"
INVITATION = ["id", "email", "roles", "status", "invitedBy", "sent", "expiresAt", "createdAt"]
MARIA = "maria@example.com"


def invite(person, email=MARIA, **fields):
    return person.post(LIST, {"email": email} | fields)


def mails(place):
    return list(OutboundEmail.objects.of(Actor.system(place.pk)).order_by("id"))


def token_in(mail):
    return re.findall(r"/invitation/#(\S+)", mail.text)[0]


def expire(invitation):
    invitation.refresh_from_db()
    invitation.expires_at = timezone.now() - timedelta(seconds=1)
    people.writing(invitation.workspace_id, invitation.save)


class TestInvite:
    def test_answers_201_with_the_invitation(self, alice):
        answer = invite(alice)
        assert (answer.status_code, list(answer.json())) == (201, INVITATION)
        shown = answer.json()
        assert (shown["email"], shown["status"], shown["invitedBy"], shown["sent"]) == (MARIA, "pending", "alice", 1)
        assert shown["roles"] == ["Sales"]

    def test_holds_for_seven_days(self, alice):
        before = timezone.now()
        invite(alice)
        held = Invitation.objects.of(alice.actor).get().expires_at - before
        assert timedelta(days=7) <= held < timedelta(days=7, minutes=1)

    def test_writes_one_mail_whose_link_has_the_token(self, alice, ours, settings):
        invite(alice)
        [mail] = mails(ours)
        assert (mail.recipient, mail.template, mail.is_secret, mail.state) == (MARIA, "invitation", True, "due")
        for text in (mail.text, mail.html):
            assert f"{settings.PUBLIC_URL}/invitation/#{token_in(mail)}" in text
        assert len(token_in(mail)) >= 40

    def test_leads_to_a_page_of_one_s_own_where_one_is_set(self, alice, ours, settings):
        settings.INVITATION_URL = "https://app.example/join?invitation={token}"
        invite(alice)
        assert re.search(r"https://app\.example/join\?invitation=[\w-]{40,}", mails(ours)[0].text)

    def test_that_is_rolled_back_mails_nobody(self, alice, ours):
        with transaction.atomic():
            invitations.create(alice.actor, email=MARIA)
            assert len(mails(ours)) == 1
            transaction.set_rollback(True)
        assert (mails(ours), Invitation.objects.of(alice.actor).count()) == ([], 0)

    @pytest.mark.parametrize(("language", "subject"), [("es", "Invitación a Ours"), ("en", "Invitation to Ours")])
    def test_speaks_the_company_s_language(self, alice, ours, language, subject):
        ours.language = language
        people.writing(ours.pk, ours.save)
        invite(alice)
        assert mails(ours)[0].subject == subject

    def test_names_the_last_day_in_the_company_s_time_zone(self, alice, ours):
        invite(alice)
        last = Invitation.objects.of(alice.actor).get().expires_at.astimezone(alice.actor.time_zone)
        assert f"{last.day} de " in mails(ours)[0].text

    def test_of_a_company_whose_name_has_line_breaks_has_one_subject(self, alice, ours):
        ours.name = "Acme\r\nBcc: eve@example.com"
        people.writing(ours.pk, ours.save)
        assert invite(alice).status_code == 201
        assert mails(ours)[0].subject == "Invitación a Acme Bcc: eve@example.com"

    def test_keeps_the_token_nowhere_but_in_the_mail(self, alice, ours):
        alice.post(LIST, {"email": MARIA}, Idempotency_Key="one")
        token = token_in(mails(ours)[0])
        rows = stored.of_workspace(ours.pk)
        assert [table for table, found in rows.items() if token in str(found)] == ["outbound_emails"]
        assert token not in str(list(IdempotentRequest.objects.values()))
        invitation = Invitation.objects.of(alice.actor).get()
        assert invitation.token_hash == invitations.hash_of(token) != token
        assert invitation.token_hash not in str(list(Entry.objects.of(alice.actor).values()))
        assert token not in alice.get(LIST).content.decode()

    def test_keeps_it_nowhere_at_all_once_the_mail_is_sent(self, alice, ours, mail_server):
        invite(alice)
        token = token_in(mails(ours)[0])
        tasks.deliver(ours.pk, mails(ours)[0].pk)
        [sent] = mail_server.received
        assert token in sent.get_body(("plain",)).get_content()
        rows = stored.of_workspace(ours.pk)
        assert [table for table, found in rows.items() if token in str(found)] == []

    @pytest.mark.parametrize("roles", [["manager", "sales"], ["Manager", "SALES"], ["MANAGER", "sales", "Sales"]])
    def test_gives_roles_by_key_or_name(self, alice, roles):
        assert invite(alice, roles=roles).json()["roles"] == ["Manager", "Sales"]

    def test_gives_a_role_of_the_company_s_own(self, alice):
        make.role(alice.actor, name="Asesores de campo")
        assert invite(alice, roles=["asesores de campo"]).json()["roles"] == ["Asesores de campo"]

    @pytest.mark.parametrize("roles", [["boss"], ["sales", ""], ["x" * 100]])
    def test_refuses_a_role_that_is_none(self, alice, roles):
        with stored.nothing_written():
            assert list(details(invite(alice, roles=roles))) == ["roles"]

    def test_refuses_a_role_of_another_company(self, alice, stranger):
        make.role(stranger.actor, name="Ajenos")
        assert details(invite(alice, roles=["Ajenos"])) == {"roles": ['No existe el rol "Ajenos".']}

    @pytest.mark.parametrize("roles", [[], None, ["x" * 101], ["sales"] * 21, "sales", [1]])
    def test_refuses_what_is_no_list_of_roles(self, alice, roles):
        with stored.nothing_written():
            assert list(details(invite(alice, roles=roles)))[0].startswith("roles")

    @pytest.mark.parametrize(
        "email", ["", "maria", "maria@", "a b@example.com", None, f"{'x' * 250}@example.com", "a\0@b.pe"]
    )
    def test_refuses_what_is_no_address(self, alice, email):
        with stored.nothing_written():
            assert list(details(invite(alice, email))) == ["email"]

    def test_gives_no_role_beyond_what_the_inviter_may(self, ours):
        inviter = people.person_holding(ours, "users.invite", "contacts.view")
        with stored.nothing_written():
            for role in ("admin", "sales"):
                assert error(invite(inviter, roles=[role])) == (403, "PERMISSION_DENIED")
        make.role(inviter.actor, name="Nothing yet")
        assert invite(inviter, roles=["Nothing yet"]).status_code == 201

    @pytest.mark.parametrize("name", ["bob", "carla", "dario"])
    def test_is_refused_without_the_permission(self, request, name):
        person = request.getfixturevalue(name)
        with stored.nothing_written():
            assert error(invite(person)) == (403, "PERMISSION_DENIED")

    @pytest.mark.parametrize("email", ["bob@example.com", "BOB@example.com"])
    def test_refuses_the_address_of_a_member(self, alice, bob, email):
        with stored.nothing_written():
            assert error(invite(alice, email)) == (409, "ALREADY_MEMBER")

    def test_takes_the_address_of_a_former_member(self, alice, bob, ours):
        from backend.modules.identity import actions

        actions.set_active(alice.actor, bob.user.pk, is_active=False)
        assert invite(alice, "bob@example.com").status_code == 201

    @pytest.mark.parametrize("email", [MARIA, "Maria@Example.com"])
    def test_refuses_an_address_whose_invitation_is_open(self, alice, email):
        invite(alice)
        with stored.nothing_written():
            answer = invite(alice, email)
        assert error(answer) == (409, "INVITATION_PENDING")
        assert list(answer.json()["error"]["details"]) == ["email"]

    def test_is_not_hindered_by_an_invitation_that_expired(self, alice, ours):
        invite(alice)
        expire(Invitation.objects.of(alice.actor).get())
        assert invite(alice).status_code == 201
        first, second = mails(ours)
        assert error(accept(token_in(first)))[0] == 422
        assert accept(token_in(second)).status_code == 201

    def test_is_not_hindered_by_another_company_s(self, alice, stranger):
        assert [invite(alice).status_code, invite(stranger).status_code] == [201, 201]

    def test_is_done_once_with_an_idempotency_key(self, alice, ours):
        answers = [alice.post(LIST, {"email": MARIA}, Idempotency_Key="one") for _ in range(2)]
        assert answers[0].content == answers[1].content
        assert len(mails(ours)) == 1


class TestTheList:
    def test_has_the_company_s_invitations_newest_first(self, alice, stranger):
        for number in range(3):
            invite(alice, f"guest{number}@example.com")
        invite(stranger, "other@example.com")
        page = alice.get(LIST).json()
        assert list(page) == ["items", "total", "page", "size"]
        assert (page["total"], page["page"], page["size"]) == (3, 1, 20)
        assert [row["email"] for row in page["items"]] == [f"guest{number}@example.com" for number in (2, 1, 0)]
        assert list(page["items"][0]) == INVITATION

    def test_comes_in_pages_and_is_empty_past_the_end(self, alice):
        for number in range(3):
            invite(alice, f"guest{number}@example.com")
        pages = [alice.get(f"{LIST}?size=2&page={number}").json() for number in (1, 2, 3)]
        assert [len(page["items"]) for page in pages] == [2, 1, 0]
        assert {page["total"] for page in pages} == {3}

    def test_says_what_became_of_each(self, alice):
        made = {name: make.invitation(alice.actor) for name in ("pending", "accepted", "expired", "revoked")}
        accept(made["accepted"][1])
        expire(made["expired"][0])
        invitations.revoke(alice.actor, made["revoked"][0].pk)
        shown = {row["id"]: row["status"] for row in alice.get(LIST).json()["items"]}
        assert {name: shown[invitation.pk] for name, (invitation, _) in made.items()} == {name: name for name in made}

    def test_costs_the_same_queries_however_many_there_are(self, alice, counted):
        for _ in range(5):
            make.invitation(alice.actor, role_names=["sales", "user"])
        counted(LIST, queries=4)

    def test_is_shown_to_who_may_invite_alone(self, carla):
        assert error(carla.get(LIST)) == (403, "PERMISSION_DENIED")
