"""The demo data: what a newcomer finds."""

from datetime import timedelta
from io import StringIO

import phonenumbers
import pytest
from django.contrib.auth.hashers import identify_hasher
from django.core.management import call_command
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone

from backend.core.actor import Actor
from backend.core.listing import Window
from backend.modules.activities.models import Activity
from backend.modules.companies.models import Company, Industry
from backend.modules.contacts import queries as contacts
from backend.modules.contacts.models import Contact, Stage
from backend.modules.contracts import queries as contracts
from backend.modules.contracts.models import Contract, Note, Payment
from backend.modules.identity import authentication
from backend.modules.identity.models import Membership, User, Workspace
from backend.modules.leads import queries as leads
from backend.modules.leads.models import Channel, Lead, Status
from backend.modules.ledger.models import Entry
from backend.modules.messaging import queries as conversations
from backend.modules.messaging.models import Conversation, Message
from backend.modules.opportunities import models as opportunity_models
from backend.modules.opportunities.models import Opportunity, StageChange
from backend.modules.reports.queries import conversion
from backend.modules.reports.queries import onboarding as reports


@pytest.fixture(scope="module")
def written(django_db_setup, django_db_blocker):
    """The demo data, written once for all tests here; each of them runs in a savepoint within this transaction."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("demo", stdout=StringIO())
        yield
        transaction.set_rollback(True)


@pytest.fixture
def filled(written, db):
    return Actor.system(1)


class TestWhatIsThere:
    def test_one_workspace_called_one_with_its_people(self, filled):
        assert list(Workspace.objects.values_list("id", "time_zone", "region")) == [(1, "America/Lima", "PE")]
        assert User.objects.count() == Membership.across_workspaces.count() == 6

    def test_the_published_logins_open_it(self, filled, settings):
        for name, other_name in (("admin", "admin@urbany.com"), ("test", "test@example.com")):
            assert authentication.log_in(username=name, password=settings.DEMO_PASSWORDS[name])
            assert User.objects.get(username=name).email == other_name

    def test_nobody_else_can_log_in(self, filled):
        others = User.objects.exclude(username__in=["admin", "test"])
        assert not any(user.has_usable_password() for user in others)
        assert all(identify_hasher(user.password) for user in User.objects.filter(username__in=["admin", "test"]))

    def test_only_the_administrator_may_open_the_admin(self, filled):
        assert list(User.objects.filter(is_staff=True).values_list("username", "is_superuser")) == [("admin", True)]

    def test_a_few_hundred_linked_rows(self, filled):
        assert Company.objects.of(filled).count() == 40
        assert Contact.objects.of(filled).exclude(company=None).count() == 160
        assert 300 <= Activity.objects.of(filled).exclude(contact=None).count() <= 500

    def test_addresses_and_numbers_are_valid_and_nobodys_mail(self, filled):
        for contact in Contact.objects.of(filled):
            validate_email(contact.email)
            assert contact.email.endswith(".example")
            assert contact.email_key, "each address is held by one contact"
            if contact.phone:
                assert phonenumbers.is_valid_number(phonenumbers.parse(contact.phone))
                assert contact.phone_key == contact.phone

    def test_every_value_is_of_its_vocabulary(self, filled):
        assert set(Company.objects.of(filled).values_list("industry", flat=True)) <= set(Industry.values)
        assert set(Contact.objects.of(filled).values_list("stage", flat=True)) == set(Stage.values)

    def test_statistics_look_alive(self, filled):
        figures = reports.onboarding_statistics(filled)
        assert 10 <= figures.contacts.recent < figures.contacts.total == 160
        assert figures.interactions.recent >= 20
        assert 5 <= figures.conversion_rate <= 60
        assert len(figures.contacts.by_assignee) >= 4

    def test_deals_in_every_stage_with_their_whole_way_there(self, filled):
        deals = Opportunity.objects.of(filled).select_related("stage", "contact")
        assert 50 <= deals.count() <= 120
        assert set(deals.values_list("stage__key", flat=True)) == set(
            opportunity_models.Stage.objects.of(filled).values_list("key", flat=True)
        )
        for deal in deals:
            moves = list(StageChange.objects.of(filled).filter(opportunity=deal).order_by("changed_at", "id"))
            assert deal.contact.created_at < moves[0].changed_at == deal.created_at
            assert moves[-1].to_stage == deal.stage
            assert moves[-1].changed_at == deal.updated_at < timezone.now()
        assert Activity.objects.of(filled).filter(status="pending", occurs_at__gt=timezone.now()).exists()

    def test_contracts_of_the_deals_that_were_won(self, filled):
        made = Contract.objects.of(filled).select_related("opportunity__stage", "contact")
        assert 10 <= made.count() <= 15
        assert {each.status for each in made} == {"draft", "active", "signed", "completed", "cancelled"}
        for each in made:
            assert each.opportunity.stage.outcome == "won"
            assert (each.agent, each.contact) == (each.opportunity.assigned_to, each.opportunity.contact)
            assert (each.value, each.currency) == (each.opportunity.value, each.opportunity.currency)
            assert each.opportunity.updated_at <= each.created_at
            assert Note.objects.of(filled).filter(contract=each).count() == 1

    def test_contracts_that_end_soon_and_payments_of_every_status(self, filled):
        assert len(contracts.expiring(filled, days=30)) == 4
        assert set(Payment.objects.of(filled).values_list("status", flat=True)) == {
            "pending", "paid", "late", "cancelled",
        }  # fmt: skip
        for contract in Contract.objects.of(filled).filter(payments__isnull=False).exclude(status="cancelled"):
            assert contracts.schedule(contract.value, contracts.payments(filled, contract.pk)).unscheduled == 0

    def test_leads_of_every_status_and_channel(self, filled):
        made = Lead.objects.of(filled)
        assert set(made.values_list("status", flat=True)) == set(Status.values)
        assert set(made.values_list("channel", flat=True)) == set(Channel.values)
        for lead in made:
            assert lead.contacted_at is None or lead.created_at <= lead.contacted_at <= timezone.now()
        found = leads.statistics(filled)
        assert found.total == len(made) == 24
        assert timedelta(hours=1) <= found.to_first_contact <= timedelta(hours=12)

    def test_people_talk_to_each_other(self, filled):
        made = Conversation.objects.of(filled)
        assert set(made.values_list("kind", flat=True)) == {"direct", "group", "support", "announcement"}
        assert made.get(subject_kind="contract").subject_id in Contract.objects.of(filled).values_list("pk", flat=True)
        for message in Message.objects.of(filled).select_related("conversation"):
            began, ended = message.conversation.created_at, message.conversation.active_at
            assert began <= message.created_at <= ended < timezone.now()
        admin = authentication.member(1, User.objects.get(username="admin").pk)
        assert conversations.page(admin, conversations.Filters(), Window()).rows[0]["unread"] == 2

    def test_reports_look_alive(self, filled):
        found = conversion.conversion(filled)
        assert found.won >= 10
        assert found.lost >= 5
        assert 20 <= found.rate <= 90
        assert found.days_to_close > 5


class TestTimes:
    def test_nothing_happens_before_its_contact_or_in_the_future(self, filled):
        for activity in Activity.objects.of(filled).select_related("contact__company"):
            assert activity.contact.company.created_at <= activity.contact.created_at < activity.created_at
            assert activity.created_at < timezone.now()

    def test_a_contact_changed_last_when_it_was_moved(self, filled):
        moved = Activity.objects.of(filled).filter(subject="Stage changed").order_by("id").last()
        assert moved.contact.updated_at == moved.created_at

    def test_lists_by_number_and_by_time_agree(self, filled):
        for model in (Company, Contact, Activity, Opportunity, Contract, Conversation, Message):
            times = list(model.objects.of(filled).order_by("id").values_list("created_at", flat=True))
            assert times == sorted(times)


class TestLedger:
    def test_every_row_has_its_entry_by_who_made_it(self, filled):
        made = Entry.objects.of(filled).filter(verb="contact.created")
        assert made.count() == 160
        assert set(made.values_list("username", flat=True)) <= set(
            User.objects.exclude(username="admin").values_list("username", flat=True)
        )

    def test_it_says_that_the_times_were_set_and_when_that_was(self, filled):
        contact = Contact.objects.of(filled).order_by("id").first()
        entry = Entry.objects.of(filled).get(table="contacts", record_id=contact.pk, action="demo.backdate")
        assert set(entry.new) == {"created_at"}
        assert timezone.now() - entry.created_at < timedelta(minutes=5)

    def test_the_totals_count_every_row(self, filled):
        page = contacts.page(filled, contacts.Filters(), Window())
        assert page.count.rows == 160
