import pytest
from django.apps import apps
from django.db import connection

from backend.core import search
from backend.modules.contacts import actions as contacts
from backend.modules.contacts.models import Contact
from tests import make


def found(who, term: str) -> list[str]:
    rows = search.narrow(Contact.objects.of(who.actor), term)
    return sorted(rows.values_list("last_name", flat=True))


@pytest.fixture
def people(alice, stranger):
    make.contact(alice.actor, first_name="Íñigo", last_name="Pérez", phone="+51 987-654-321", company_name="Ñandú SAC")
    make.contact(alice.actor, first_name="Ana", last_name="Ruiz", phone="(01) 2345678", notes="prefiere 100% WhatsApp_")
    make.contact(stranger.actor, first_name="Ana", last_name="Pérez")
    return alice


class TestSearch:
    @pytest.mark.parametrize(
        ("term", "names"),
        [
            ("nandu", ["Pérez"]),  # neither case nor accents count
            ("PEREZ", ["Pérez"]),
            ("ñigo", ["Pérez"]),  # part of a word
            ("inigo perez", ["Pérez"]),  # every word, in any field and order
            ("perez inigo", ["Pérez"]),
            ("ana perez", []),  # not one of this and one of that record
            ("987654321", ["Pérez"]),  # a phone by its digits in any spelling
            ("987 65 43 21", ["Pérez"]),
            ("+51 987 654", ["Pérez"]),
            ("(01) 234-5678", ["Ruiz"]),
            ("an", ["Ruiz"]),  # one or two letters find beginnings of words
            ("p", ["Pérez", "Ruiz"]),
            ("ez", []),
            ("", ["Pérez", "Ruiz"]),
            ("   ", ["Pérez", "Ruiz"]),
            ("100%", ["Ruiz"]),  # what means something to LIKE or FTS5 means itself
            ("%%%", []),
            ("sapp_", ["Ruiz"]),
            ('"; DROP', []),
            ("AND NOT", []),
        ],
    )
    def test_finds(self, people, term, names):
        assert found(people, term) == names

    def test_follows_a_change_and_a_deletion(self, people):
        ruiz = Contact.objects.of(people.actor).get(last_name="Ruiz")
        contacts.update(people.actor, ruiz.pk, last_name="Zegarra")
        assert (found(people, "ruiz"), found(people, "zegarra")) == ([], ["Zegarra"])
        contacts.delete(people.actor, ruiz.pk)
        assert found(people, "zegarra") == []


class TestTheIndex:
    def test_stands_on_every_table_that_is_searched(self, db):
        tables = {model._meta.db_table for model in apps.get_models() if hasattr(model, "search_text")}
        assert tables >= {"companies", "contacts"}
        catalogue = "sqlite_master" if connection.vendor == "sqlite" else "pg_class"
        column = "name" if connection.vendor == "sqlite" else "relname"
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {column} FROM {catalogue} WHERE {column} LIKE '%%_search'")
            assert {f"{table}_search" for table in tables} <= {row[0] for row in cursor.fetchall()}

    def test_comes_back_after_the_table_was_made_anew(self, people):
        if connection.vendor != "sqlite":
            pytest.skip("only SQLite makes a table anew to change it")
        with connection.cursor() as cursor:
            cursor.execute("DROP TRIGGER contacts_search_update")
        search.ensure_indexes()
        self_made = Contact.objects.of(people.actor).get(last_name="Ruiz")
        contacts.update(people.actor, self_made.pk, last_name="Zegarra")
        assert found(people, "zegarra") == ["Zegarra"]
