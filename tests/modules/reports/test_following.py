"""Every write moves the figures of the reports at once: asked through the endpoints, and compared with the rows."""

from collections import Counter

import pytest

from backend.modules.opportunities import actions
from tests import calls, make, operations
from tests.modules.exchange.conftest import Importer

pytestmark = pytest.mark.django_db

DEALS, ACTIVITIES, PEOPLE = "/api/v1/oportunidades/", "/api/v1/actividades/", "/api/v1/clientes/"

COUNTED = {"opportunities", "activities", "companies", "contacts"}


@pytest.fixture
def report(alice, off):
    """A report of alice's, after the figures were compared with the rows."""

    def get(name: str) -> dict:
        assert off() == []
        answer = alice.get(f"/api/v1/reportes/{name}/")
        assert answer.status_code == 200, answer.content
        return answer.json()["data"]

    return get


@pytest.fixture
def done():
    """The data of an answer, which has to be a success."""

    def check(answer):
        assert answer.status_code in (200, 201, 204), answer.content
        return answer.json().get("data") if answer.content else None

    return check


def passages(report) -> dict[str, tuple[int, int]]:
    """By stage how many entered and how many advanced, where any did."""
    found = report("conversion")["conversion_por_etapa"]
    return {each["etapa"]: (each["entraron"], each["avanzaron"]) for each in found if each["entraron"]}


class TestAnOpportunity:
    def test_counts_from_its_creation_to_its_end(self, alice, report, done):
        records = {"cliente_id": make.contact(alice.actor).pk, "empresa_id": make.company(alice.actor).pk}
        body = records | {
            "nombre": "Licencias",
            "valor": "12500.10",
            "moneda": "USD",
            "probabilidad": 30,
            "etapa": "propuesta",
        }
        deal = done(alice.post(DEALS, body))["id"]
        found = report("dashboard")
        assert found["oportunidades_por_etapa"]["propuesta"] == {"count": 1, "valor_total": 12500.1}
        assert found["valores"]["por_moneda"]["USD"]["ponderado"] == 3750.03
        done(alice.delete(f"{DEALS}{deal}/"))
        found = report("dashboard")
        assert (found["totales"]["oportunidades"], found["valores"]["total"], found["valores"]["por_moneda"]) == (
            0,
            0,
            {},
        )
        assert passages(report) == {}

    @pytest.mark.parametrize(
        ("change", "total", "weighted", "currency"),
        [
            ({"valor": "0.05"}, 0.05, 0.01, "PEN"),
            ({"moneda": "EUR"}, 1000.0, 100.0, "EUR"),
            ({"probabilidad": 100}, 1000.0, 1000.0, "PEN"),
            ({"probabilidad": 0, "valor": "999999999999.99"}, 999999999999.99, 0.0, "PEN"),
        ],
    )
    def test_moves_with_each_of_its_fields(self, alice, report, done, change, total, weighted, currency):
        deal = make.opportunity(alice.actor)
        done(alice.patch(f"{DEALS}{deal.pk}/", change))
        values = report("dashboard")["valores"]
        assert (values["total"], values["ponderado"], list(values["por_moneda"])) == (total, weighted, [currency])

    def test_passes_a_stage_once_however_often_it_comes_back(self, alice, report, done):
        deal = make.opportunity(alice.actor)
        course = [
            ("calificacion", {"prospecto": (1, 1), "calificacion": (1, 0)}),
            ("prospecto", {"prospecto": (1, 1), "calificacion": (1, 0)}),
            ("negociacion", {"prospecto": (1, 1), "calificacion": (1, 1), "negociacion": (1, 0)}),
            ("cerrada_perdida", {"prospecto": (1, 1), "calificacion": (1, 1), "negociacion": (1, 0)}),
            ("negociacion", {"prospecto": (1, 1), "calificacion": (1, 1), "negociacion": (1, 0)}),
            ("cerrada_ganada", {"prospecto": (1, 1), "calificacion": (1, 1), "negociacion": (1, 1)}),
        ]
        for stage, expected in course:
            done(alice.patch(f"{DEALS}{deal.pk}/actualizar-etapa/", {"etapa": stage}))
            assert passages(report) == expected
        done(alice.delete(f"{DEALS}{deal.pk}/"))
        assert passages(report) == {}

    def test_is_sold_while_it_is_won(self, alice, report, done):
        deal = make.opportunity(alice.actor, stage="negociacion")
        sold = []
        for stage in ("cerrada_ganada", "negociacion", "cerrada_ganada", "cerrada_perdida"):
            done(alice.patch(f"{DEALS}{deal.pk}/actualizar-etapa/", {"etapa": stage}))
            sold.append(report("ventas")["resumen"]["num_ventas"])
        assert sold == [1, 0, 1, 0]

    def test_counts_the_same_without_its_contact(self, alice, report, done):
        contact = make.contact(alice.actor)
        make.opportunity(alice.actor, stage="cerrada_ganada", contact_id=contact.pk)
        make.activity(alice.actor, contact_id=contact.pk)
        before = report("dashboard")
        done(alice.delete(f"{PEOPLE}{contact.pk}/"))
        after = report("dashboard")
        assert after["valores"] == before["valores"]
        assert after["actividades_por_tipo"] == before["actividades_por_tipo"]
        assert (before["totales"]["clientes"], after["totales"]["clientes"]) == (1, 0)


class TestAnActivity:
    def test_moves_from_kind_to_kind_and_from_pending_to_done(self, alice, report, done):
        body = {"tipo": "llamada", "asunto": "Seguimiento", "fecha_hora": "2026-12-01T15:00:00Z", "estado": "pendiente"}
        activity = done(alice.post(ACTIVITIES, body))["id"]
        done(alice.patch(f"{ACTIVITIES}{activity}/", {"tipo": "reunion"}))
        found = report("dashboard")
        assert (found["actividades_por_tipo"]["llamada"], found["actividades_por_tipo"]["reunion"]) == (0, 1)
        assert found["totales"]["actividades_pendientes"] == 1
        done(alice.patch(f"{ACTIVITIES}{activity}/completar/", {"resultado": "Firmó"}))
        assert report("dashboard")["totales"]["actividades_pendientes"] == 0
        done(alice.delete(f"{ACTIVITIES}{activity}/"))
        assert report("dashboard")["totales"]["actividades"] == 0


class TestAnImport:
    def test_is_in_the_figures_row_by_row(self, alice, report, tmp_path):
        rows = (
            "external_id,assignee,product,company_name,stage,engaged_on,closed_on,value\n"
            "A1,alice,GTXPro,Acme,Won,2017-01-10,2017-03-01,1054\n"
            "A2,alice,MG Special,Acme,Lost,2017-01-11,2017-02-01,0\n"
            "A3,alice,GTX Pro,,Engaging,2017-05-05,,\n"
        )
        importer = Importer(alice, tmp_path)
        assert importer.run("opportunity", rows) == (3, 0, 0, 0)
        found = report("dashboard")["totales"]
        assert (found["empresas"], found["oportunidades"], found["oportunidades_ganadas"]) == (1, 3, 1)
        assert report("conversion")["tiempo_promedio_cierre_dias"] == 35.5
        importer.run("opportunity", rows.replace("Engaging,2017-05-05,", "Won,2017-05-05,2017-05-06"))
        assert passages(report)["calificacion"] == (3, 2)


class TestAnyWrite:
    def test_that_is_rolled_back_moves_nothing(self, alice, report, monkeypatch):
        def fail(*args, **kwargs):
            raise RuntimeError

        before = report("dashboard")
        monkeypatch.setattr(actions, "_change", fail)
        with pytest.raises(RuntimeError):
            make.opportunity(alice.actor)
        assert report("dashboard") == before

    def test_of_any_operation_leaves_the_figures_right(self, alice, off):
        """The deletions last, so that the others have something to change. One may have nothing left to do."""
        here, known = calls.world(alice, "zarzamora"), operations.built()
        writing = [row for row in known if row.method != "GET" and row.permission.partition(".")[0] in COUNTED]
        answers = Counter()
        for row in sorted(writing, key=lambda row: row.method == "DELETE"):
            answers[calls.send(row, calls.of(row, here), alice.token).status_code // 100] += 1
        assert off() == []
        assert answers[2] > 2 * answers[4]
        assert set(answers) == {2, 4}
