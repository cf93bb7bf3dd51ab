"""Who is told that a record is theirs now."""

import pytest

from backend.core.action import action
from backend.core.actor import Actor
from backend.modules.contacts import actions as contacts
from backend.modules.contacts.models import Contact
from backend.modules.identity import authentication
from backend.modules.identity import queries as identity
from backend.modules.notifications.models import Notification, OutboundEmail
from tests import make

pytestmark = pytest.mark.django_db


def titles(who) -> list[str]:
    return list(Notification.objects.of(who.actor).filter(user=who.user).order_by("id").values_list("title", flat=True))


def subjects(who) -> list[str]:
    rows = OutboundEmail.objects.of(who.actor).filter(recipient=who.user.email).order_by("id")
    return list(rows.values_list("subject", flat=True))


def assign(actor: Actor, records, user_id: int) -> None:
    """Give many contacts to one person, in one action."""

    @action("test.assign")
    def write(actor: Actor) -> None:
        for each in records:
            each.assigned_to_id = user_id
        Contact.objects.of(actor).bulk_update(records, ["assigned_to_id"])

    write(actor)


class TestSomebodyElse:
    def test_who_assigns_a_new_contact_has_its_member_told(self, alice, bob):
        contact = make.contact(alice.actor, first_name="Lucía", last_name="Quispe", assigned_to_id=bob.user.pk)
        assert titles(bob) == subjects(bob) == ["alice te ha asignado el contacto Lucía Quispe"]
        told = Notification.objects.of(bob.actor).get()
        assert (told.subject_kind, told.subject_id) == ("contact", contact.pk)

    def test_who_assigns_an_opportunity_has_its_member_told(self, alice, bob):
        deal = make.opportunity(alice.actor, name="Techo nuevo", assigned_to_id=bob.user.pk)
        assert titles(bob) == ["alice te ha asignado la oportunidad Techo nuevo"]
        assert Notification.objects.of(bob.actor).get().subject_id == deal.pk

    def test_who_hands_a_record_on_tells_the_new_one_each_time(self, alice, bob, carla):
        contact = make.contact(alice.actor, assigned_to_id=bob.user.pk)
        for who in (carla, bob):
            contacts.update(alice.actor, contact.pk, assigned_to_id=who.user.pk)
        assert (len(titles(bob)), len(titles(carla))) == (2, 1)

    def test_who_changes_anything_else_tells_nobody(self, alice, bob):
        contact = make.contact(alice.actor, assigned_to_id=bob.user.pk)
        contacts.update(alice.actor, contact.pk, notes="Called", assigned_to_id=bob.user.pk)
        contacts.update(alice.actor, contact.pk, assigned_to_id=None)
        contacts.delete(alice.actor, contact.pk)
        assert len(titles(bob)) == 1

    def test_may_be_a_program(self, alice, bob):
        _, text = make.api_key(alice.actor, name="Web form")
        contacts.create(authentication.bearer(text), first_name="Lucía", assigned_to_id=bob.user.pk)
        assert len(titles(bob)) == 1


class TestMany:
    def test_of_one_action_make_one_notification_and_one_mail(self, alice, bob, carla):
        people = [make.contact(alice.actor, first_name=f"Lucía {number}", last_name="") for number in range(3)]
        assign(alice.actor, people, bob.user.pk)
        assert titles(bob) == subjects(bob) == ["alice te ha asignado 3 registros"]
        told = Notification.objects.of(bob.actor).get()
        assert (told.subject_kind, told.subject_id, "Lucía 0" in told.text) == ("", None, True)
        assert titles(carla) == []


class TestNobody:
    def test_is_told_of_what_they_take_themselves(self, alice):
        contact = make.contact(alice.actor, assigned_to_id=alice.user.pk)
        make.opportunity(alice.actor, contact_id=contact.pk, assigned_to_id=alice.user.pk)
        assert titles(alice) == subjects(alice) == []

    def test_is_told_of_what_the_server_assigns_as_an_import_does(self, ours, bob):
        contacts.create(identity.system_actor(ours.pk), first_name="Lucía", assigned_to_id=bob.user.pk)
        assert titles(bob) == []

    def test_is_told_of_what_was_refused(self, alice, bob, stranger):
        with pytest.raises(identity.UnknownUser):
            make.contact(alice.actor, assigned_to_id=stranger.user.pk)
        assert Notification.across_workspaces.count() == 0
