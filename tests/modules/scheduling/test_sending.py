"""What becomes of a run: its mail, whose figures are the report's, under the rights of that moment."""

import csv
import re
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO, StringIO

import pytest
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.html import escape
from pypdf import PdfReader

from backend.core import pdf
from backend.modules.identity.actions import users
from backend.modules.identity.models import MembershipRole, User, Workspace
from backend.modules.opportunities import actions as opportunities
from backend.modules.opportunities.models import Stage
from backend.modules.scheduling import actions, catalogue, tasks
from backend.modules.scheduling.models import ReportRun, State
from tests import make, people
from tests.modules.scheduling.conftest import files, mails, subscription_of

pytestmark = pytest.mark.django_db

FORMULA = "=cmd|' /C calc'!A0 <b>&"


def order(who, **fields) -> ReportRun:
    """A run of a new subscription, which waits for a worker."""
    return actions.order_run(who.actor, make.report_subscription(who.actor, **fields).pk)


def won(who, value: str, day: date, currency: str = "PEN", **fields) -> None:
    noon = who.actor.start_of(day) + timedelta(hours=12)
    deal = make.opportunity(who.actor, value=Decimal(value), currency=currency, stage="negociacion", at=noon, **fields)
    opportunities.move(who.actor, deal.pk, stage="cerrada_ganada", at=noon)


def table(who) -> list[list[str]]:
    content = files(who)["csv"]
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(StringIO(content.decode("utf-8-sig"))))


def page(who) -> str:
    return " ".join("\n".join(each.extract_text() for each in PdfReader(BytesIO(files(who)["pdf"])).pages).split())


@pytest.fixture
def sold(alice):
    """Two sales in one currency and one in another, in the days before today."""
    today = alice.actor.today
    won(alice, "1200.50", today - timedelta(days=1))
    won(alice, "2000.00", today - timedelta(days=3))
    won(alice, "99.90", today - timedelta(days=3), "USD")
    return today


class TestTheMail:
    def test_is_one_with_a_pdf_and_a_csv(self, alice, send, sold):
        run = send(order(alice))
        assert (run.state, run.attempts, run.last_error, run.leased_until) == (State.DONE, 1, "", None)
        assert send(run).attempts == 1
        mail = mails(alice).get()
        assert (mail.key, mail.recipient) == (f"scheduled-report/{run.pk}", "alice@example.com")
        content = files(alice)
        assert (set(content), content["pdf"][:5]) == ({"pdf", "csv"}, b"%PDF-")

    def test_is_in_the_language_of_its_reader(self, alice, send):
        QuerySet(User).filter(pk=alice.user.pk).update(language="en")
        send(order(alice, report="dashboard", parameters={}))
        assert mails(alice).get().subject == "Dashboard"

    def test_is_in_the_language_of_the_workspace_if_they_chose_none(self, alice, send, sold):
        QuerySet(Workspace).filter(pk=alice.workspace.pk).update(language="en")
        send(order(alice, parameters={"period": "last_7_days"}))
        assert mails(alice).get().subject.startswith("Sales: ")
        assert "every Monday at 08:00 (America/Lima)" in mails(alice).get().text
        assert table(alice)[0] == ["Period", "From", "To", "Sales", "Value PEN", "Value USD"]

    @pytest.mark.parametrize("report", catalogue.REPORTS)
    @pytest.mark.parametrize("language", ["es", "en"])
    def test_is_made_of_every_report_also_where_there_is_nothing_to_report(self, alice, send, report, language):
        QuerySet(Workspace).filter(pk=alice.workspace.pk).update(language=language)
        assert send(order(alice, report=report, parameters={})).state == State.DONE
        title = catalogue.named(report).title.say(language)
        assert title in page(alice)

    def test_says_what_there_is_none_of(self, alice, send):
        send(order(alice))
        assert "No hubo ventas en este periodo." in mails(alice).get().text
        assert "No hubo ventas en este periodo." in page(alice)


class TestTheFigures:
    def test_of_the_sales_are_those_of_the_endpoint(self, alice, send, sold):
        send(order(alice, parameters={"period": "last_7_days", "grouping": "day"}))
        days = f"fecha_inicio={sold - timedelta(days=7)}&fecha_fin={sold - timedelta(days=1)}&agrupar_por=dia"
        answer = alice.get(f"/api/v1/reportes/ventas/?{days}").json()["data"]
        assert table(alice)[1:] == [
            [
                each["periodo"], each["fecha_inicio"], each["fecha_fin"], str(each["num_ventas"]),
                *(f"{each['por_moneda'].get(name, {'valor_total': 0})['valor_total']:.2f}" for name in ("PEN", "USD")),
            ]
            for each in answer["ventas_por_periodo"]
        ]  # fmt: skip
        text = page(alice)
        for name, total in answer["resumen"]["por_moneda"].items():
            assert f"Total {name} {total['valor_total']:,.2f}" in text
            assert f"Valor de las ventas por día, {name}" in text

    def test_of_the_top_companies_are_those_of_the_endpoint(self, alice, send):
        for name, wins in ((FORMULA, 2), ("Ñandú SAC", 1)):
            company = make.company(alice.actor, name=name)
            for _ in range(wins):
                won(alice, "10.10", alice.actor.today - timedelta(days=1), company_id=company.pk)
        send(order(alice, report="top_companies", parameters={"period": "all_time", "limit": 5}))
        answer = alice.get("/v1/reports/top-accounts?limit=5").json()
        assert [row[2:] for row in table(alice)[1:]] == [
            [str(each["wins"]), f"{each['totalAmount']:.2f}"] for each in answer
        ]  # fmt: skip
        assert [row[1] for row in table(alice)[1:]] == [f"'{FORMULA}", "Ñandú SAC"]
        assert FORMULA in page(alice)

    def test_of_the_conversion_are_those_of_the_endpoint(self, alice, send, sold):
        send(order(alice, report="conversion", parameters={}))
        answer = alice.get("/api/v1/reportes/conversion/").json()["data"]
        assert table(alice)[1:] == [
            [each["nombre"], str(each["entraron"]), str(each["avanzaron"]), str(each["tasa"])]
            for each in answer["conversion_por_etapa"]
        ]
        assert f"Ganadas {answer['total_cerradas_ganadas']} " in page(alice)

    def test_of_the_dashboard_are_those_of_the_endpoint(self, alice, send, sold):
        send(order(alice, report="dashboard", parameters={}))
        answer = alice.get("/api/v1/reportes/dashboard/").json()["data"]
        rows = {(row[0], row[1], row[2]): row[3:] for row in table(alice)[1:]}
        assert rows["Totales", "Ganadas", ""] == [str(answer["totales"]["oportunidades_ganadas"]), ""]
        assert rows["Valores", "Ganadas", "USD"] == ["", f"{answer['valores']['por_moneda']['USD']['ganado']:.2f}"]
        assert [row[3] for row in table(alice) if row[0] == "Etapa"] == [
            str(each["count"]) for each in answer["oportunidades_por_etapa"].values()
        ]

    def test_are_of_ones_own_workspace(self, alice, stranger, send, sold):
        send(order(stranger, parameters={"period": "last_7_days"}))
        assert "No hubo ventas" in mails(stranger).get().text

    def test_are_of_the_days_that_the_slot_means_however_late_it_is_made(self, alice, clock, send):
        won(alice, "100.00", date(2026, 11, 20))
        won(alice, "777.00", date(2026, 11, 23))
        make.report_subscription(alice.actor, parameters={"period": "last_week"}, time_zone="UTC")
        clock.set("2026-11-23T08:00")  # 03:00 in Lima, whose days these are
        tasks.send_due()
        clock.set("2026-12-01T08:00")
        run = send(ReportRun.objects.of(alice.actor).get())
        assert run.state == State.DONE
        assert mails(alice).get().subject == "Ventas: 16 nov 2026 – 22 nov 2026"
        assert [row[0] for row in table(alice)[1:]] == [f"2026-11-{day}" for day in range(16, 23)]
        assert "Total PEN: 100.00" in mails(alice).get().text


class TestTheRights:
    def failed(self, who, run: ReportRun, reason: str) -> None:
        assert (run.state, run.last_error, run.attempts) == (State.FAILED, reason, 1)
        subscription = subscription_of(who)
        assert (subscription.is_active, subscription.paused_reason) == (False, reason)
        assert not mails(who).exists()

    def test_that_were_lost_fail_the_run_for_good_and_pause_the_subscription(self, bob, send):
        run = order(bob)
        roles = MembershipRole.objects.of(bob.actor).filter(membership__user=bob.user)
        people.writing(bob.workspace.pk, lambda: roles.delete())
        self.failed(bob, send(run), "permission_denied")
        [shown] = bob.get(f"/api/scheduled-reports/{run.subscription_id}/runs/").json()["results"]
        assert (shown["status"], shown["last_error"]) == ("failed", "permission_denied")

    def test_of_who_was_deactivated_or_let_go_are_none(self, alice, bob, carla, send):
        first, second = order(bob), order(carla)
        users.set_active(alice.actor, bob.user.pk, is_active=False)
        users.delete(alice.actor, carla.user.pk)
        for who, run in ((bob, first), (carla, second)):
            run = send(run)
            subscription = run.subscription
            subscription.refresh_from_db()
            assert (run.state, run.last_error, subscription.is_active) == (State.FAILED, "not_a_member", False)
            assert subscription.paused_reason == "not_a_member"
            assert not mails(who).exists()

    def test_that_came_back_let_it_go_on(self, alice, bob, send):
        run = order(bob)
        users.set_active(alice.actor, bob.user.pk, is_active=False)
        send(run)
        users.set_active(alice.actor, bob.user.pk, is_active=True)
        path = f"/api/scheduled-reports/{run.subscription_id}/"
        assert bob.get(path).json()["paused_reason"] == "not_a_member"
        assert bob.patch(path, {"is_active": True}).json()["paused_reason"] == ""
        assert send(actions.order_run(bob.actor, run.subscription_id)).state == State.DONE

    def test_do_not_bring_back_a_stage_that_is_gone(self, alice, send):
        run = order(alice, report="stage_changes", parameters={"stage": "negociacion"})
        people.writing(alice.workspace.pk, lambda: Stage.objects.of(alice.actor).get(key="negociacion").delete())
        self.failed(alice, send(run), "unknown_stage")


class TestTrouble:
    def test_with_the_pdf_is_tried_again_later_and_later_and_then_fails_without_a_pause(
        self, alice, clock, send, monkeypatch
    ):
        def missing(html: str) -> bytes:
            raise pdf.PdfUnavailable(remedy=pdf.REMEDY)

        monkeypatch.setattr(pdf, "render", missing)
        run, waits = order(alice), []
        for _ in range(actions.MOST_ATTEMPTS - 1):
            run = send(run)
            assert (run.state, run.last_error) == (State.DUE, "pdf_engine_missing")
            waits.append((run.next_at - clock.now).total_seconds())
            assert send(run).attempts == len(waits)  # it is not yet time
            clock.now = run.next_at
        run = send(run)
        assert (waits, run.state, run.last_error) == ([60, 300, 900, 3600], State.FAILED, "pdf_engine_missing")
        assert (subscription_of(alice).is_active, mails(alice).count()) == (True, 0)

    def test_between_the_pdf_and_the_mail_costs_time_and_mails_once(self, alice, send, change, monkeypatch):
        run = order(alice)
        with monkeypatch.context() as killed:
            killed.setattr(actions, "settle_done", lambda *args, **fields: exit())
            with pytest.raises(SystemExit):
                send(run)
        run.refresh_from_db()
        assert (run.state, run.attempts, mails(alice).count()) == (State.DUE, 1, 0)
        assert send(run).attempts == 1  # the lease of the dead one holds
        run = send(change(run, leased_until=timezone.now()))
        assert (run.state, run.attempts, mails(alice).count()) == (State.DONE, 2, 1)

    def test_in_the_mail_leaves_the_run_as_it_was(self, alice, send, monkeypatch):
        def broken(*args, **fields) -> None:
            raise OSError("the disk is full")

        with monkeypatch.context() as meanwhile:
            meanwhile.setattr(actions.mail, "send", broken)
            run = send(order(alice))
        assert (run.state, run.last_error, run.finished_at) == (State.DUE, "server_error", None)

    def test_of_a_worker_that_was_overtaken_mails_nothing(self, alice, send, change, monkeypatch):
        render, run = pdf.render, order(alice)

        def slow(html: str) -> bytes:
            monkeypatch.setattr(pdf, "render", render)
            assert send(change(run, leased_until=timezone.now())).attempts == 2
            return render(html)

        monkeypatch.setattr(pdf, "render", slow)
        run = send(run)
        assert (run.state, run.attempts, mails(alice).count()) == (State.DONE, 2, 1)

    def test_of_a_subscription_that_ended_meanwhile_mails_nothing(self, alice, send, monkeypatch):
        render, run = pdf.render, order(alice)

        def slow(html: str) -> bytes:
            actions.delete(alice.actor, run.subscription_id)
            return render(html)

        monkeypatch.setattr(pdf, "render", slow)
        tasks.send_report(run.workspace_id, run.pk)
        tasks.send_report(run.workspace_id, run.pk)
        assert not mails(alice).exists()

    def test_that_kills_its_workers_again_and_again_ends(self, alice, send, change):
        run = order(alice)
        for _ in range(actions.MOST_ATTEMPTS):
            assert actions.claim(alice.actor, run.pk) is not None
            change(run, leased_until=timezone.now())
        run = send(run)
        assert (run.state, run.last_error) == (State.FAILED, "interrupted")


class TestTheCharts:
    def test_have_a_bar_for_each_value_as_high_as_it_is(self, alice, send, sold, monkeypatch):
        seen = []
        render = pdf.render
        monkeypatch.setattr(pdf, "render", lambda html: seen.append(html) or render(html))
        company = make.company(alice.actor, name=FORMULA)
        won(alice, "10.00", alice.actor.today - timedelta(days=9), company_id=company.pk)
        send(order(alice, parameters={"period": "last_7_days"}))
        pen, usd = re.findall(r"<svg.*?</svg>", seen.pop(), re.DOTALL)
        heights = [float(each) for each in re.findall(r'<rect [^>]*height="([\d.]+)"', pen)]
        assert len(heights) == 7
        assert heights[-1] / heights[-3] == pytest.approx(1200.5 / 2000, rel=0.01)
        assert len([each for each in re.findall(r'<rect [^>]*height="([\d.]+)"', usd) if float(each)]) == 1
        send(order(alice, report="top_companies", parameters={}))
        [chart] = re.findall(r"<svg.*?</svg>", seen[0], re.DOTALL)
        assert escape(FORMULA) in chart
        assert FORMULA not in seen[0]
