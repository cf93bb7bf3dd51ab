"""A company's new name, and the clients that are found by it."""

import pytest

from backend.modules.ledger.models import Entry
from tests import make

pytestmark = pytest.mark.django_db


def found(person, term):
    return [row["nombre_completo"] for row in person.get(f"/api/v1/clientes/?search={term}").json()["data"]]


class TestRenaming:
    def test_lets_its_clients_be_found_by_the_new_name_and_no_longer_by_the_old(self, alice, stranger):
        company = make.company(alice.actor, name="Cerámica Ñandú")
        make.contact(alice.actor, first_name="Ana", last_name="Pérez", company_name="Cerámica Ñandú")
        make.contact(alice.actor, first_name="Luis", last_name="Soto", company_name="Otra")
        make.contact(stranger.actor, first_name="Zoe", last_name="Ruiz", company_name="Cerámica Ñandú")
        assert found(alice, "nandu") == ["Ana Pérez"]
        assert alice.patch(f"/api/v1/empresas/{company.pk}/", {"nombre": "Porcelana Yapú"}).status_code == 200
        assert (found(alice, "yapu"), found(alice, "nandu")) == (["Ana Pérez"], [])
        assert found(stranger, "nandu") == ["Zoe Ruiz"]

    def test_is_one_change_of_the_company_and_none_of_its_clients_in_the_ledger(self, alice):
        company = make.company(alice.actor, name="Antes")
        contact = make.contact(alice.actor, company_name="Antes")
        alice.patch(f"/api/v1/empresas/{company.pk}/", {"nombre": "Después"})
        verbs = list(Entry.objects.of(alice.actor).order_by("id").values_list("verb", "table"))
        assert verbs[-1] == ("company.updated", "companies")
        assert not Entry.objects.of(alice.actor).filter(verb="contact.updated", record_id=contact.pk).exists()

    def test_touches_no_client_when_another_field_changes(self, alice):
        company = make.company(alice.actor, name="Igual")
        path = f"/api/v1/clientes/{make.contact(alice.actor, company_name='Igual').pk}/"
        before = alice.get(path)["ETag"]
        alice.patch(f"/api/v1/empresas/{company.pk}/", {"notas": "Cliente desde 2019"})
        assert alice.get(path)["ETag"] == before
