"""An opportunity that is won drafts a contract, where the workspace's settings say so."""

from decimal import Decimal

import pytest
from django.core.management import call_command

from backend.modules.contracts.actions import settings
from backend.modules.contracts.models import Contract
from backend.modules.ledger.models import Entry
from backend.modules.opportunities import actions as opportunities
from backend.modules.opportunities.models import Opportunity
from tests import make, people
from tests.modules.contracts.clock.test_alerts import leave
from tests.test_parallel import at_once

pytestmark = pytest.mark.django_db

WON, LOST = "cerrada_ganada", "cerrada_perdida"
DEALS = "/api/v1/oportunidades/"


@pytest.fixture
def drafting(alice):
    settings.change(alice.actor, drafts_on_win=True)


def contracts(who) -> list[Contract]:
    return list(Contract.objects.of(who.actor).order_by("id"))


@pytest.mark.usefixtures("drafting")
class TestAWin:
    def test_drafts_a_sale_to_the_contact_with_the_value_of_the_opportunity(self, alice, bob):
        contact = make.contact(alice.actor, first_name="Ana", last_name="López", email="ana@x.pe", phone="+51987654321")
        company = make.company(alice.actor)
        deal = make.opportunity(
            alice.actor,
            name="Casa en Barranco",
            value=Decimal("1250.50"),
            currency="USD",
            contact_id=contact.pk,
            company_id=company.pk,
            assigned_to_id=bob.user.pk,
        )
        make.move(alice.actor, deal, WON)
        [contract] = contracts(alice)
        assert (contract.title, contract.kind, contract.status) == ("Casa en Barranco", "sale", "draft")
        assert (contract.value, contract.currency) == (Decimal("1250.50"), "USD")
        assert (contract.client_name, contract.client_email) == ("Ana López", "ana@x.pe")
        assert (contract.client_phone, contract.contact_id) == (contact.phone, contact.pk)
        assert (contract.opportunity_id, contract.agent_id) == (deal.pk, bob.user.pk)

    def test_is_of_the_company_where_there_is_no_contact(self, alice):
        company = make.company(alice.actor, name="Acme Perú SAC")
        make.move(alice.actor, make.opportunity(alice.actor, company_id=company.pk), WON)
        assert contracts(alice)[0].client_name == "Acme Perú SAC"

    def test_of_a_deal_with_nobody_has_its_name_for_a_client(self, alice):
        make.move(alice.actor, make.opportunity(alice.actor, name="Casa en Barranco"), WON)
        assert contracts(alice)[0].client_name == "Casa en Barranco"

    def test_gives_the_contract_to_who_won_it_where_nobody_looks_after_it(self, bob):
        make.move(bob.actor, make.opportunity(bob.actor), WON)
        assert contracts(bob)[0].agent_id == bob.user.pk

    def test_gives_the_contract_to_who_won_it_where_its_owner_has_left(self, alice, bob):
        deal = make.opportunity(alice.actor, assigned_to_id=bob.user.pk)
        leave(bob)
        make.move(alice.actor, deal, WON)
        assert contracts(alice)[0].agent_id == alice.user.pk

    def test_by_a_name_that_is_longer_than_the_client_s_may_be_keeps_its_beginning(self, alice):
        contact = make.contact(alice.actor, first_name="A" * 200, last_name="B" * 200)
        make.move(alice.actor, make.opportunity(alice.actor, contact_id=contact.pk), WON)
        assert contracts(alice)[0].client_name == "A" * 200

    def test_is_drafted_in_every_way_to_win(self, alice):
        deals = [make.opportunity(alice.actor) for _ in range(3)]
        answers = [
            alice.patch(f"{DEALS}{deals[0].pk}/", {"resultado": "ganada"}),
            alice.patch(f"{DEALS}{deals[1].pk}/actualizar-etapa/", {"etapa": WON}),
            alice.put(f"/v1/opportunities/{deals[2].pk}/stage", {"newStage": WON, "reason": "Firmó"}),
        ]
        assert [each.status_code for each in answers] == [200, 200, 200]
        won = make.opportunity(alice.actor, stage=WON)
        assert [each.opportunity_id for each in contracts(alice)] == [*(deal.pk for deal in deals), won.pk]

    def test_needs_no_right_to_create_contracts(self, ours):
        seller = people.person_holding(ours, "opportunities.change", "opportunities.view")
        deal = make.opportunity(seller.actor)
        assert seller.patch(f"{DEALS}{deal.pk}/actualizar-etapa/", {"etapa": WON}).status_code == 200
        [contract] = contracts(seller)
        assert (contract.agent_id, contract.created_by_id) == (seller.user.pk, None)
        assert Entry.objects.of(seller.actor).get(verb="contract.created").username == "system"

    def test_by_a_key_drafts_for_who_looks_after_the_deal(self, alice, bob):
        _, key = make.api_key(alice.actor, permissions=["opportunities.change", "opportunities.view"])
        deals = [make.opportunity(alice.actor, assigned_to_id=owner) for owner in (bob.user.pk, None)]
        for deal in deals:
            answer = alice.client.put(
                f"/v1/opportunities/{deal.pk}/stage",
                {"newStage": WON, "reason": "Firmó"},
                content_type="application/json",
                headers={"X-API-Key": key},
            )
            assert answer.status_code == 200, answer.content
        assert [each.agent_id for each in contracts(alice)] == [bob.user.pk, None]

    def test_drafts_once_however_often_it_is_won(self, alice):
        deal = make.opportunity(alice.actor)
        for stage in (WON, LOST, WON, "prospecto", WON):
            make.move(alice.actor, deal, stage)
        assert len(contracts(alice)) == 1

    def test_drafts_nothing_where_somebody_has_made_the_contract_already(self, alice):
        deal = make.opportunity(alice.actor)
        contract = make.contract(alice.actor, opportunity_id=deal.pk)
        make.move(alice.actor, deal, WON)
        assert contracts(alice) == [contract]

    def test_that_is_undone_leaves_no_draft(self, alice, monkeypatch):
        deal = make.opportunity(alice.actor)

        def fail(*args, **kwargs):
            raise RuntimeError("no contract today")

        monkeypatch.setattr("backend.modules.contracts.actions.create", fail)
        with pytest.raises(RuntimeError):
            make.move(alice.actor, deal, WON)
        deal = Opportunity.objects.of(alice.actor).select_related("stage").get()
        assert (deal.stage.key, contracts(alice)) == ("prospecto", [])


class TestWhatDraftsNothing:
    @pytest.mark.parametrize("stage", [LOST, "negociacion"])
    def test_is_a_move_elsewhere(self, alice, drafting, stage):
        make.move(alice.actor, make.opportunity(alice.actor), stage)
        assert contracts(alice) == []

    def test_is_a_win_that_the_settings_say_nothing_of(self, alice):
        make.move(alice.actor, make.opportunity(alice.actor), WON)
        assert contracts(alice) == []

    def test_is_a_win_in_another_workspace(self, stranger, drafting):
        make.move(stranger.actor, make.opportunity(stranger.actor), WON)
        assert contracts(stranger) == []

    def test_is_an_import_of_history(self, alice, drafting, tmp_path):
        file = tmp_path / "rows.csv"
        file.write_text(
            "external_id,assignee,product,company_name,stage,engaged_on,closed_on,value\n"
            "A1,alice,GTXPro,Acme,Won,2017-01-10,2017-03-01,1054\n"
        )
        place = ["--workspace", str(alice.workspace.pk), "--refused", str(tmp_path / "refused.csv")]
        call_command("import_csv", "opportunity", str(file), *place)
        assert Opportunity.objects.of(alice.actor).get().stage.outcome == "won"
        assert contracts(alice) == []


@pytest.mark.parallel
@pytest.mark.django_db(transaction=True)
class TestSeveralAtOnce:
    def test_win_one_opportunity_and_draft_one_contract(self, alice, drafting):
        deal = make.opportunity(alice.actor)
        stages = [WON, LOST, WON, "prospecto", WON, LOST] * 3
        at_once(len(stages), lambda which: opportunities.move(alice.actor, deal.pk, stage=stages[which]))
        assert len(contracts(alice)) == 1

    def test_win_opportunities_of_which_others_make_contracts_and_none_waits_for_ever(self, alice, drafting):
        deals = [make.opportunity(alice.actor) for _ in range(4)]

        def win_or_write(which: int) -> None:
            deal = deals[which % 4]
            if which % 8 < 4:
                opportunities.move(alice.actor, deal.pk, stage=WON)
            else:
                make.contract(alice.actor, opportunity_id=deal.pk)

        at_once(24, win_or_write)
        assert sorted(each.serial for each in contracts(alice)) == list(range(1, len(contracts(alice)) + 1))
        assert {each.opportunity_id for each in contracts(alice)} == {deal.pk for deal in deals}
