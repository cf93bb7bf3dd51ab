"""/api/contratos/{id}/pdf/: the contract as a file."""

import pytest

from backend.core import pdf
from tests import make, operations, pdfs, people

pytestmark = pytest.mark.django_db


@pytest.fixture
def contract(bob):
    return make.contract(bob.actor, title="Oficina Centro")


@pytest.fixture
def path(contract):
    return f"/api/contratos/{contract.pk}/pdf/"


class TestPdf:
    @pdfs.needs_pango
    def test_answers_a_file_called_as_the_contract_s_number(self, bob, contract, path):
        answer = bob.get(path)
        assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
        assert answer["Content-Disposition"] == f'attachment; filename="{contract.number}.pdf"'
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "Oficina Centro" in pdfs.text(answer.content)

    @pdfs.needs_pango
    def test_is_for_its_agent_and_who_sees_all(self, alice, carla, ours, path):
        another = people.person("another", ours, "sales")
        assert [who.get(path).status_code for who in (alice, carla, another)] == [200, 200, 404]

    def test_needs_the_permission_to_read_contracts(self, ours, path):
        holder = people.person_holding(ours, "contracts.change", "contracts.view_all", "contracts.export")
        assert holder.get(path).status_code == 403

    def test_of_none_is_404(self, bob):
        assert bob.get("/api/contratos/999999/pdf/").status_code == 404

    def test_where_pango_is_missing_is_503_with_the_remedy(self, bob, path, monkeypatch):
        monkeypatch.setattr(pdf, "_has_pango", lambda: False)
        answer = bob.get(path)
        assert answer.status_code == 503
        assert "apt-get install libpango-1.0-0" in answer.json()["error"]

    def test_is_documented_as_a_pdf(self):
        described = operations.published()["urbany GET /api/contratos/{id}/pdf/"]
        content = described["responses"][200]["content"]
        assert content == {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}
