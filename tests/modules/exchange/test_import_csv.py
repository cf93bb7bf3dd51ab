import csv
import threading
import time

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from backend.modules.companies.models import Company
from backend.modules.contacts.models import Contact
from backend.modules.exchange import imports
from backend.modules.ledger.models import Entry
from tests import make


def companies(person):
    return Company.objects.of(person.actor)


def contacts(person):
    return Contact.objects.of(person.actor)


class TestCompanies:
    def test_a_second_run_changes_nothing(self, importer, alice):
        rows = "name,industry,employees,town\nAcme,technolgy,12,Lima\nBeta,retail,,\n"
        assert importer.run("company", rows) == (2, 0, 0, 0)
        assert importer.run("company", rows) == (0, 0, 2, 0)
        acme = companies(alice).get(name="Acme")
        assert (acme.industry, acme.employees, acme.notes) == ("technology", 12, "industry: technolgy\ntown: Lima")
        assert acme.created_by_id is None

    def test_only_what_the_file_says_is_changed(self, importer, alice):
        make.company(alice.actor, name="Acme", phone="411", employees=5, notes="Good payer")
        assert importer.run("company", "name,employees,phone,town\nACME ,7,,Lima\n") == (0, 1, 0, 0)
        acme = companies(alice).get()
        assert (acme.name, acme.employees, acme.phone) == ("Acme", 7, "411")
        assert acme.notes == "Good payer\ntown: Lima"

    def test_names_that_differ_by_an_accent_are_two_companies(self, importer):
        rows = "name\nPeña\nPena\nPEÑA\n"
        assert importer.run("company", rows) == (2, 0, 1, 0)
        assert importer.run("company", rows) == (0, 0, 3, 0)

    def test_another_workspace_is_not_touched(self, importer, alice, stranger):
        make.company(stranger.actor, name="Acme")
        assert importer.run("company", "name\nAcme\n") == (1, 0, 0, 0)

    def test_the_ledger_has_the_import_under_one_request(self, importer, alice):
        importer.run("company", "name\nAcme\nBeta\n")
        entries = Entry.objects.of(alice.actor).filter(verb="company.created")
        assert {(entry.action, entry.username) for entry in entries} == {("company.create", "system")}
        (request,) = {entry.request_id for entry in entries}
        assert request.startswith("import-")


class TestContacts:
    def test_an_email_address_recognises(self, importer, alice):
        known = make.contact(alice.actor, first_name="Ana", last_name="Luna", email="ana@example.com", phone="12345")
        rows = "full_name,email,company_name,job_title\nAna Luna,ANA@example.com,Acme,Gerente\n"
        assert importer.run("contact", rows) == (0, 1, 0, 0)
        assert importer.run("contact", rows) == (0, 0, 1, 0)
        known = contacts(alice).get()
        assert (known.email, known.phone, known.company.name) == ("ana@example.com", "12345", "Acme")

    def test_a_full_name_keeps_the_better_cut_that_is_stored(self, importer, alice):
        make.contact(alice.actor, first_name="María José", last_name="Peña", email="mj@example.com")
        assert importer.run("contact", "full_name,email\nMaria José Peña,mj@example.com\n") == (0, 0, 1, 0)

    def test_a_phone_number_recognises_together_with_the_name(self, importer, alice):
        rows = "full_name,email,phone,job_title\nAna Luna,,987 654 321,Jefa\n"
        assert importer.run("contact", rows) == (1, 0, 0, 0)
        assert importer.run("contact", rows.replace("987 654 321", "+51987654321")) == (0, 0, 1, 0)
        with_email = rows.replace(",,", ",ana@example.com,")
        assert importer.run("contact", with_email) == (0, 1, 0, 0)
        assert importer.run("contact", with_email) == (0, 0, 1, 0)
        assert contacts(alice).get().email == "ana@example.com"

    def test_two_people_may_share_a_switchboard(self, importer, alice):
        rows = "full_name,email,phone\nAna Luna,ana@example.com,987 654 321\nLuis Ríos,luis@example.com,987 654 321\n"
        assert importer.run("contact", rows) == (2, 0, 0, 0)
        assert importer.run("contact", rows) == (0, 0, 2, 0)

    @pytest.mark.parametrize(
        ("row", "reason"),
        [
            ("Luis Ríos,,987 654 321", "no e-mail address, and 987 654 321 is the number of Ana Luna"),
            ("Luis Ríos,,12", "neither an e-mail address nor a valid phone number"),
            (",luis@example.com,", "first_name: is empty"),
        ],
    )
    def test_who_could_not_be_recognised_again_is_refused(self, importer, alice, row, reason):
        make.contact(alice.actor, first_name="Ana", last_name="Luna", phone="987654321")
        assert importer.run("contact", f"full_name,email,phone\n{row}\n") == (0, 0, 0, 1)
        assert reason in importer.refusals()

    def test_a_refused_contact_leaves_no_company(self, importer, alice):
        importer.run("contact", f"first_name,email,company_name,address\nAna,ana@example.com,Acme,{'x' * 1001}\n")
        assert not companies(alice).exists()

    def test_the_file_of_the_documentation(self, importer, alice, contacts_file):
        assert importer.run("contact", contacts_file) == (35, 0, 1, 9)
        assert importer.run("contact", contacts_file) == (0, 0, 36, 9)
        kenji = contacts(alice).get(email="kenji.watanabe@ganjaflex.example")
        assert kenji.notes == "Wrote his number without the country\nCity: Tokyo"
        assert contacts(alice).get(first_name="Rosa").company.name.casefold() == "kan-code"


class TestRefusedRows:
    def test_have_line_reason_and_cells_and_stop_no_other(self, importer):
        rows = "name,employees,town\nAcme,many,Lima\nBeta,3,Cusco\n,4,\nGamma,5\n"
        assert importer.run("company", rows) == (1, 0, 0, 3)
        with importer.refused.open(encoding="utf-8-sig", newline="") as file:
            header, *refused = csv.reader(file)
        assert header == ["refused_line", "refused_reason", "name", "employees", "town"]
        assert refused[0] == ["2", "employees: 'many' is not a whole number from 0 to 10000000", "Acme", "many", "Lima"]
        assert [row[:2] for row in refused[1:]] == [["4", "name: is empty"], ["5", "2 cells where the header has 3"]]
        assert "Line 2 refused: employees: 'many'" in importer.output

    def test_corrected_they_can_be_imported(self, importer, alice):
        importer.run("company", "name,phone,town\nAcme,+51 987 654 321 ext. 12,=cmd\n")
        assert "'=cmd" in importer.refusals()
        corrected = importer.file(importer.refusals().replace(" ext. 12", ""), "corrected.csv")
        assert importer.run("company", corrected) == (1, 0, 0, 0)
        acme = companies(alice).get()
        assert (acme.phone, acme.notes) == ("+51 987 654 321", "town: =cmd")

    @pytest.mark.parametrize("cell", ["=1+1", "+cmd|' /C calc'!A0", "-2+3*A1", "@SUM(A1)", " =1", "\t=1"])
    def test_formulas_are_neutralised(self, importer, cell):
        importer.run("company", f'name,employees,"{cell}"\n"{cell}",x,\n')
        header, row = csv.reader(importer.refusals().splitlines())
        assert header[4].startswith("'")
        assert row[2] == f"'{cell}"

    def test_phone_numbers_stay_as_they_are(self, importer):
        importer.run("company", "name,employees,phone\nAcme,x,+51 (1) 415-2300\n")
        assert ",+51 (1) 415-2300" in importer.refusals()

    def test_no_file_without_them(self, importer):
        importer.run("company", "name\nAcme\n")
        assert not importer.refused.exists()

    def test_go_to_var_unless_told_where(self, importer, settings, tmp_path):
        settings.VAR = tmp_path / "var"
        place = ["--workspace", str(importer.person.workspace.pk)]
        call_command("import_csv", "company", str(importer.file("name,employees\nAcme,x\n")), *place)
        (made,) = (tmp_path / "var" / "refused").iterdir()
        assert made.name.startswith("rows-")

    def test_never_overwrite_the_file_that_is_read(self, importer):
        path = importer.file("name\nAcme\n", "refused.csv")
        place = ["--workspace", str(importer.person.workspace.pk), "--refused", str(path)]
        with pytest.raises(CommandError, match="can't go into the file that is read"):
            call_command("import_csv", "company", str(path), *place)


class TestDryRun:
    def test_has_the_same_counts_and_changes_nothing(self, importer, alice, monkeypatch):
        monkeypatch.setattr(imports, "BATCH", 2)
        make.company(alice.actor, name="Acme")
        entries = Entry.objects.of(alice.actor).count()
        rows = "name,employees\nBeta,1\nGamma,2\nBeta,1\nAcme,3\nGamma,x\nGamma,9\n"
        assert importer.run("company", rows, "--dry-run") == (2, 2, 1, 1)
        assert companies(alice).count() == 1
        assert Entry.objects.of(alice.actor).count() == entries
        assert importer.run("company", rows) == (2, 2, 1, 1)

    @pytest.mark.django_db(transaction=True)
    def test_publishes_nothing(self, importer, monkeypatch):
        published = []
        monkeypatch.setattr("backend.core.action._subscribers", [lambda *change: published.append(change)])
        importer.run("company", "name\nAcme\n", "--dry-run")
        assert not published
        importer.run("company", "name\nAcme\n")
        assert len(published) == 1


class TestFilesThatAreRefused:
    @pytest.mark.parametrize(
        ("content", "options", "reason"),
        [
            ("account\nAcme\n", ["--map", "name=acount"], "no column 'acount'. Its header is: account"),
            ("account\nAcme\n", [], "No column is mapped to name"),
            ("name\nAcme\n", ["--map", "name"], "FIELD=COLUMN"),
            ("name\nAcme\n", ["--map", "name=name", "--map", "name=name"], "two columns"),
            ("name\nAcme\n", ["--workspace", "424242"], "no workspace 424242"),
            ("name\nAcme\n", ["--encoding", "klingon"], "no encoding called 'klingon'"),
            ("name\nAcme\n", ["--refused", "/nowhere/at/all.csv"], "can't be written"),
            ("", [], "empty"),
        ],
    )
    def test_one_clear_line(self, importer, content, options, reason):
        with pytest.raises(CommandError, match=reason) as refused:
            importer.run("company", content, *options)
        assert "\n" not in str(refused.value)


class TestInterruption:
    @pytest.mark.django_db(transaction=True)
    def test_what_was_committed_stays_and_is_counted(self, importer, alice, monkeypatch):
        monkeypatch.setattr(imports, "BATCH", 2)
        real = imports._import_batch

        def interrupted(importer, columns, rows):
            if rows[0].line > 3:
                raise KeyboardInterrupt
            return real(importer, columns, rows)

        monkeypatch.setattr(imports, "_import_batch", interrupted)
        with pytest.raises(CommandError, match="Stopped after line 3: interrupted. What was done stays"):
            importer.run("company", "name\nAcme\nBeta\nGamma\n")
        assert companies(alice).count() == 2


@pytest.mark.parallel
@pytest.mark.django_db(transaction=True)
class TestOthersMeanwhile:
    def test_wait_for_one_batch_at_most(self, importer, alice):
        """A writer beside a long import gets its turn; SQLite has no queue for its lock."""
        waits: list[float] = []
        done = threading.Event()

        def write() -> None:
            while not done.wait(0.1):
                started = time.monotonic()
                make.company(alice.actor)
                waits.append(time.monotonic() - started)
            connection.close()

        writer = threading.Thread(target=write)
        writer.start()
        try:
            importer.run("company", "name\n" + "".join(f"Compañía {n}\n" for n in range(2000)))
        finally:
            done.set()
            writer.join()
        assert len(waits) > 3
        assert max(waits) < 6


@pytest.mark.real_data
class TestRealData:
    MAP = ["--map", "name=account", "--map", "industry=sector", "--map", "address=office_location"]

    def test_the_85_companies_come_in_once(self, importer, alice, accounts):
        assert importer.run("company", accounts, *self.MAP) == (85, 0, 0, 0)
        assert importer.run("company", accounts, *self.MAP) == (0, 0, 85, 0)
        bluth = companies(alice).get(name="Bluth Company")
        assert (bluth.industry, bluth.employees, bluth.address) == ("technology", 3027, "United States")
        assert bluth.notes.splitlines() == [
            "sector: technolgy",
            "year_established: 1993",
            "revenue: 1242.32",
            "subsidiary_of: Acme Corporation",
        ]

    def test_the_contacts_of_the_documentation_work_there(self, importer, alice, accounts, contacts_file):
        importer.run("company", accounts, *self.MAP)
        importer.run("contact", contacts_file)
        assert companies(alice).count() == 85
