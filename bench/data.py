"""What the benchmark reads: workspaces of a known size, filled by the database itself.

People and workspaces are made by the project's own actions, so that their tokens hold. Companies and contacts are the
rows that the actions would have written, keys, search texts and running totals included; their changes are not in the
ledger. Neither the order of the names nor that of the creation times is the order of the table.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.core.management import call_command
from django.db import connection, connections

from backend.core import rebuilding, tally
from backend.core.actor import Actor
from backend.modules.identity import actions, tokens
from backend.modules.identity.models import Membership, Workspace
from bench.cases import Place

TABLES = ("companies", "contacts")


def prepare(sizes: Mapping[str, int], say: Callable[[str], None]) -> dict[str, Place]:
    """A workspace of each size; what an earlier run has kept is not made again."""
    call_command("migrate", verbosity=0, interactive=False)
    missing = {label: rows for label, rows in sizes.items() if not Workspace.objects.filter(name=label).exists()}
    if missing:
        people = {label: new_workspace(label) for label in missing}
        with connection.cursor() as cursor, without_indexes(cursor, TABLES):
            for label, rows in missing.items():
                say(f"Filling a workspace with {rows:,} companies and {rows:,} contacts")
                fill(cursor, *people[label], rows)
            say("Building the indexes")
    settle()
    return {label: place(label) for label in sizes}


def new_workspace(name: str) -> tuple[int, int]:
    """A workspace with one salesperson: their ids."""
    workspace = actions.create_workspace(Actor.system(None), name=name)
    user = actions.create_user(
        Actor.system(workspace.pk),
        username=f"bench-{name}",
        email=f"bench-{name}@example.com",
        password=None,
        role_names=["sales"],
    )
    return workspace.pk, user.pk


def place(label: str) -> Place:
    member = Membership.across_workspaces.select_related("user").get(workspace__name=label)
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(id) FROM companies WHERE workspace_id = %s", [member.workspace_id])
        company_id = cursor.fetchone()[0]
    token = tokens.issue(member.user, member.workspace_id).access
    return Place(member.workspace_id, token, company_id)


def fill(cursor: Any, workspace_id: int, user_id: int, rows: int) -> None:
    """So many companies and contacts, and their running totals."""
    here = {"workspace": workspace_id, "user": user_id, "rows": rows}
    cursor.execute(COMPANIES, here)
    cursor.execute("SELECT min(id) FROM companies WHERE workspace_id = %s", [workspace_id])
    cursor.execute(CONTACTS, here | {"first_company": cursor.fetchone()[0]})
    rebuilding.correct(workspace_id)


def settle() -> None:
    """Leave nothing for the background that would fall into a round: statistics, dead rows, unwritten pages."""
    tally.compact()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        if cursor.fetchone()[0]:
            cursor.execute("CHECKPOINT")


def let_go() -> None:
    """Close this process's connections."""
    for each in connections.all(initialized_only=True):
        each.close()
        if pool := getattr(each, "pool", None):
            pool.close()


@contextmanager
def without_indexes(cursor: Any, tables: tuple[str, ...]) -> Iterator[None]:
    """Fill first, index then: several times faster. Foreign keys are checked at the end as well."""
    cursor.execute(CONSTRAINTS, [list(tables)])
    constraints = cursor.fetchall()
    for table, name, _ in constraints:
        cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
    cursor.execute(INDEXES, [list(tables)])
    indexes = cursor.fetchall()
    for name, _ in indexes:
        cursor.execute(f'DROP INDEX "{name}"')
    cursor.execute("SET maintenance_work_mem = '512MB'")
    yield
    for _, definition in indexes:
        cursor.execute(definition)
    for table, name, definition in constraints:
        cursor.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')
    cursor.execute("RESET maintenance_work_mem")


CONSTRAINTS = """
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE conrelid::regclass::text = ANY(%s) AND contype IN ('u', 'f') ORDER BY contype = 'f'
"""
INDEXES = """
SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i
WHERE i.indrelid::regclass::text = ANY(%s) AND NOT i.indisprimary
"""
# 7919 is a prime, so that its multiples run through all remainders in an order of their own.
COMPANIES = """
INSERT INTO companies (workspace_id, version, name, name_key, folded_name, industry, employees, website, phone, address,
    notes, search_text, created_by_id, created_at, updated_at)
SELECT %(workspace)s, 1, name, lower(name), folded, industry, i %% 500, 'https://company' || i || '.example', '',
    'Av. Larco ' || i, '', ' ' || folded || ' av. larco ' || i, %(user)s, created_at, created_at
FROM (
    SELECT i, name, translate(lower(name), 'áéíóúñ', 'aeioun') AS folded,
        (ARRAY['', 'technology', 'health', 'education', 'finance', 'commerce', 'construction', 'other'])[1 + i %% 8]
            AS industry,
        timestamptz '2026-01-01 12:00:00.123456+00' - (i::bigint * 7919 %% %(rows)s) * interval '1 second' AS created_at
    FROM generate_series(1, %(rows)s) AS i, LATERAL (SELECT
        (ARRAY['Minera', 'Textil', 'Agrícola', 'Pesquera', 'Clínica', 'Comercial', 'Logística'])[1 + i %% 7] || ' ' ||
        (ARRAY['Andina', 'Pacífico', 'Cóndor', 'Inti', 'Costeña', 'Horizonte', 'Valle'])[1 + i / 7 %% 7] || ' ' || i
        AS name) AS named
) AS made
"""
CONTACTS = """
INSERT INTO contacts (workspace_id, version, kind, first_name, last_name, email, email_key, phone, phone_key,
    company_id, job_title, address, notes, stage, assigned_to_id, search_text, name_text, created_by_id, created_at,
    updated_at)
SELECT %(workspace)s, 1, 'natural', first_name, last_name, email, email, '+51 ' || digits, '+51' || digits, company_id,
    'Gerente', 'Calle ' || i, 'Prefiere el correo', (ARRAY['lead', 'in_progress', 'active'])[1 + i %% 3],
    CASE WHEN i %% 2 = 0 THEN %(user)s END,
    name_text || ' ' || email || ' +51 ' || digits || ' ' || company || ' prefiere el correo 51' || digits, name_text,
    %(user)s, created_at, created_at
FROM (
    SELECT *, ' ' || translate(lower(first_name || ' ' || last_name), 'áéíóúñ', 'aeioun') AS name_text FROM (
    SELECT i, c.id AS company_id, c.folded_name AS company, (900000000 + i)::text AS digits,
        'contact' || i || '@example.com' AS email,
        (ARRAY['Ana María', 'Lucía', 'José', 'Rosa', 'Elena', 'Pedro', 'Carmen', 'Juan'])[1 + i %% 8] AS first_name,
        (ARRAY['Quispe', 'Núñez', 'Flores', 'Pérez', 'Rojas', 'Díaz'])[1 + i / 8 %% 6] || ' ' || i AS last_name,
        timestamptz '2026-01-01 12:00:00.123456+00' - (i::bigint * 7919 %% %(rows)s) * interval '1 second' AS created_at
    FROM generate_series(1, %(rows)s) AS i JOIN companies c ON c.id = %(first_company)s + i::bigint * 31 %% %(rows)s
    ) AS numbered
) AS made
"""
