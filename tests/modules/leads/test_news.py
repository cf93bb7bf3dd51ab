"""Who is told what happens to their leads."""

import pytest

from backend.core.actor import Actor
from backend.modules.leads import actions as leads
from backend.modules.leads.actions import settings
from backend.modules.notifications.models import Notification, OutboundEmail
from tests import make

pytestmark = pytest.mark.django_db


def titles(who, kind: str) -> list[str]:
    rows = Notification.objects.of(who.actor).filter(user=who.user, kind=kind).order_by("id")
    return list(rows.values_list("title", flat=True))


def mails(who, kind: str) -> list[OutboundEmail]:
    rows = OutboundEmail.objects.of(who.actor).filter(recipient=who.user.email, key__startswith=f"{kind}/")
    return list(rows.order_by("id"))


@pytest.fixture
def juan(alice):
    return make.contact(alice.actor, first_name="Juan", last_name="Pérez")


@pytest.fixture
def lead(alice, bob, juan):
    """One of bob's."""
    return leads.create(alice.actor, contact_id=juan.pk, channel="web", assigned_to_id=bob.user.pk)


def move(who, lead, status: str) -> None:
    assert who.patch(f"/leads/{lead.pk}/status", {"status": status}).status_code == 200


class TestAnAssignment:
    def test_says_that_it_is_a_lead(self, alice, bob, lead):
        assert titles(bob, "assignment") == ["alice te ha asignado el lead Juan Pérez (web)"]
        [mail] = mails(bob, "assignment")
        assert mail.subject == "alice te ha asignado el lead Juan Pérez (web)"
        assert "el lead Juan Pérez (web)" in mail.text
        assert "el lead <strong>Juan Pérez (web)</strong>" in mail.html

    def test_says_so_in_english(self, alice, bob, carla, lead):
        bob.patch("/api/notifications/preferences/", {"language": "en"})
        alice.patch(f"/leads/{lead.pk}/assign", {"user_id": carla.user.pk})
        carla.patch(f"/leads/{lead.pk}/assign", {"user_id": bob.user.pk})
        [_, mail] = mails(bob, "assignment")
        assert mail.subject == titles(bob, "assignment")[1] == "carla assigned the lead Juan Pérez (web) to you"


class TestAChangeOfStatus:
    def test_by_somebody_else_is_told_to_whose_lead_it_is(self, carla, bob, lead):
        move(carla, lead, "quoted")
        [mail] = mails(bob, "lead_status")
        assert mail.subject == titles(bob, "lead_status")[0] == "carla cambió el estado de tu lead Juan Pérez: Cotizado"
        assert "de Nuevo a Cotizado" in mail.text
        assert "de Nuevo a Cotizado" in mail.html
        told = Notification.objects.of(bob.actor).get(kind="lead_status")
        assert (told.subject_kind, told.subject_id) == ("lead", lead.pk)

    def test_is_told_in_the_reader_s_language(self, carla, bob, lead):
        bob.patch("/api/notifications/preferences/", {"language": "en"})
        move(carla, lead, "closed")
        assert titles(bob, "lead_status") == ["carla moved your lead Juan Pérez to Closed"]
        assert "from New to Closed" in mails(bob, "lead_status")[0].text

    def test_by_patch_is_told_as_well_and_each_time(self, carla, bob, lead):
        carla.patch(f"/leads/{lead.pk}", {"status": "contacted", "sales_notes": "Called"})
        carla.patch(f"/leads/{lead.pk}", {"status": "quoted"})
        assert len(titles(bob, "lead_status")) == len(mails(bob, "lead_status")) == 2

    def test_is_told_over_the_channels_that_are_wanted(self, carla, bob, lead):
        choice = {"kinds": [{"kind": "lead_status", "email": False}]}
        assert bob.patch("/api/notifications/preferences/", choice).status_code == 200
        move(carla, lead, "quoted")
        assert (len(titles(bob, "lead_status")), mails(bob, "lead_status")) == (1, [])

    def test_by_whose_lead_it_is_tells_nobody(self, bob, lead):
        move(bob, lead, "quoted")
        assert not Notification.objects.of(bob.actor).filter(kind="lead_status").exists()

    def test_of_nobody_s_lead_tells_nobody(self, carla, juan):
        lead = leads.create(carla.actor, contact_id=juan.pk, channel="web")
        move(carla, lead, "quoted")
        assert not Notification.objects.of(carla.actor).exists()

    def test_to_what_it_is_tells_nobody(self, carla, bob, lead):
        move(carla, lead, "new")
        carla.patch(f"/leads/{lead.pk}", {"sales_notes": "Called"})
        assert titles(bob, "lead_status") == []

    def test_with_another_assignee_tells_that_one_of_the_assignment_alone(self, alice, bob, carla, lead):
        alice.patch(f"/leads/{lead.pk}", {"status": "quoted", "assigned_to": carla.user.pk})
        assert (len(titles(carla, "assignment")), titles(carla, "lead_status")) == (1, [])
        assert titles(bob, "lead_status") == []

    def test_that_is_refused_tells_nobody(self, carla, bob, lead):
        assert carla.patch(f"/leads/{lead.pk}/status", {"status": "won"}).status_code == 422
        assert titles(bob, "lead_status") == []


class TestALeadThatComesIn:
    def test_is_told_to_whose_it_became(self, ours, bob, juan):
        here = Actor.system(ours.pk)
        settings.change(here, round_robin=True)
        lead = leads.receive(here, juan.pk, channel="whatsapp", text="¿Cuánto cuesta?" + "x" * 400)
        [mail] = mails(bob, "lead_received")
        assert mail.subject == titles(bob, "lead_received")[0] == "Lead nuevo: Juan Pérez"
        assert "por WhatsApp" in mail.text
        assert "¿Cuánto cuesta?x" in mail.text
        assert len(mail.text) < 600
        assert Notification.objects.of(bob.actor).get().subject_id == lead.pk
        assert titles(bob, "assignment") == []

    def test_of_a_client_with_an_open_lead_is_told_in_the_application_alone(self, ours, bob, juan, lead):
        leads.receive(Actor.system(ours.pk), juan.pk, channel="web", text="¿Y bien?")
        assert titles(bob, "lead_message") == ["Juan Pérez escribió de nuevo"]
        assert mails(bob, "lead_message") == []

    def test_to_nobody_tells_nobody(self, ours, bob, juan):
        leads.receive(Actor.system(ours.pk), juan.pk, channel="web", text="")
        assert not Notification.objects.of(bob.actor).exists()

    def test_escapes_what_a_stranger_wrote(self, ours, bob, alice):
        here = Actor.system(ours.pk)
        settings.change(here, round_robin=True)
        contact = make.contact(alice.actor, first_name="<b>Juan</b>", last_name="")
        leads.receive(here, contact.pk, channel="web", text="<script>alert(1)</script>")
        [mail] = mails(bob, "lead_received")
        assert "<script>" not in mail.html
        assert "<b>" not in mail.html
