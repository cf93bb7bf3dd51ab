"""The floor: a bare WSGI callable with psycopg and orjson, for what the project answers on the same paths.

It does the work that no server could leave out, and nothing else: it checks the token's signature and expiry, asks the
database who calls and whether they may, and answers the same rows, or stores the same. One connection per thread, a
statement per question, all of them written by hand. It has no routing, no validation, no filters, no other errors than
401, and stores what it is sent.
"""

import hmac
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Iterator
from threading import local
from time import time
from typing import Any

import orjson
import psycopg

KEY = os.environ.get("SECRET_KEY", "").encode()
PIECE = 64 * 1024
threads = local()
Answer = tuple[str, str, Iterable[bytes]]


class Refused(Exception):
    """No token, or none that holds for this."""


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    handler = ROUTES.get((environ["REQUEST_METHOD"], environ["PATH_INFO"]))
    if handler is None:
        start_response("404 Not Found", [("Content-Length", "0")])
        return [b""]
    try:
        status, content_type, body = handler(environ)
    except Refused:
        status, content_type, body = "401 Unauthorized", "application/json", [b"{}"]
    headers = [("Content-Type", content_type)]
    if isinstance(body, list):
        headers.append(("Content-Length", str(len(body[0]))))
    start_response(status, headers)
    return body


def connection() -> psycopg.Connection:
    if not hasattr(threads, "connection"):
        threads.connection = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True, options="-c timezone=UTC")
    return threads.connection


WHO = """
SELECT u.password_stamp, u.username FROM users u JOIN memberships m ON m.user_id = u.id AND m.workspace_id = %s
WHERE u.id = %s AND u.is_active AND m.is_active AND EXISTS (
    SELECT FROM membership_roles mr JOIN role_permissions rp ON rp.role_id = mr.role_id
    JOIN permissions p ON p.id = rp.permission_id WHERE mr.membership_id = m.id AND p.codename = %s)
"""


def caller(environ: dict[str, Any], permission: str) -> tuple[int, int, str]:
    """The ids of workspace and user, and the user's name. Raises `Refused`."""
    signed, _, signature = environ.get("HTTP_AUTHORIZATION", "").removeprefix("Bearer ").rpartition(".")
    right = urlsafe_b64encode(hmac.digest(KEY, signed.encode(), "sha256")).rstrip(b"=")
    if not hmac.compare_digest(right, signature.encode()):
        raise Refused
    claims = orjson.loads(urlsafe_b64decode(signed.partition(".")[2] + "=="))
    workspace_id, user_id = claims["workspace_id"], int(claims["user_id"])
    row = connection().execute(WHO, [workspace_id, user_id, permission]).fetchone()
    if claims["exp"] < time() or row is None or row[0] != claims["stamp"]:
        raise Refused
    return workspace_id, user_id, row[1]


def json(content: Any, status: str = "200 OK") -> Answer:
    return status, "application/json", [orjson.dumps(content, option=orjson.OPT_UTC_Z)]


def page(environ: dict[str, Any], rows: list[Any], count: int) -> dict[str, Any]:
    more = f"http://{environ['HTTP_HOST']}{environ['PATH_INFO']}?page=2" if len(rows) > 20 else None
    return {"count": count, "next": more, "previous": None}


def count(workspace_id: int, name: str, keys: list[str]) -> int:
    """The maintained total, as the project's unfiltered lists read it."""
    row = connection().execute(COUNT, [workspace_id, name, keys]).fetchone()
    return int(row[0]) if row else 0


COUNT = "SELECT coalesce(sum(amount), 0) FROM tallies WHERE workspace_id = %s AND name = %s AND key = ANY(%s)"
INDUSTRIES = {
    "technology": "tecnologia", "health": "salud", "education": "educacion", "finance": "finanzas",
    "manufacturing": "manufactura", "commerce": "comercio", "construction": "construccion",
    "real_estate": "inmobiliaria", "services": "servicios", "government": "gobierno", "other": "otro",
}  # fmt: skip
STAGES = {"lead": "LEAD", "in_progress": "IN_PROGRESS", "active": "ACTIVE"}

COMPANIES = """
SELECT id, name, industry, employees, website, phone, address, notes, created_at, updated_at FROM companies
WHERE workspace_id = %s ORDER BY name_key, id LIMIT 21
"""


def companies(environ: dict[str, Any]) -> Answer:
    workspace_id, _, _ = caller(environ, "companies.view")
    rows = connection().execute(COMPANIES, [workspace_id]).fetchall()
    data = [
        {"id": row[0], "nombre": row[1], "industria": INDUSTRIES.get(row[2]), "num_empleados": row[3],
         "sitio_web": row[4], "telefono": row[5], "direccion": row[6], "notas": row[7], "fecha_creacion": row[8],
         "fecha_actualizacion": row[9]}
        for row in rows[:20]
    ]  # fmt: skip
    around = page(environ, rows, count(workspace_id, "companies", ["", *INDUSTRIES]))
    return json({**around, "success": True, "data": data, "message": "Listado obtenido exitosamente"})


SALES_CLIENTS = """
SELECT c.id, c.first_name, c.last_name, c.company_id, coalesce(o.name, ''), c.job_title, c.phone, c.email, c.address,
    c.notes, c.created_at, c.updated_at
FROM contacts c LEFT JOIN companies o ON o.id = c.company_id
WHERE c.workspace_id = %s ORDER BY c.created_at DESC, c.id DESC LIMIT 21
"""


def sales_clients(environ: dict[str, Any]) -> Answer:
    workspace_id, _, _ = caller(environ, "contacts.view")
    rows = connection().execute(SALES_CLIENTS, [workspace_id]).fetchall()
    data = [sales_client(row) for row in rows[:20]]
    around = page(environ, rows, count(workspace_id, "contacts", list(STAGES)))
    return json({**around, "success": True, "data": data, "message": "Listado obtenido exitosamente"})


def sales_client(row: Any) -> dict[str, Any]:
    return {
        "id": row[0], "nombre_completo": f"{row[1]} {row[2]}".strip(), "empresa_id": row[3], "empresa": row[4],
        "cargo": row[5], "telefono": row[6], "email": row[7], "direccion": row[8], "notas": row[9],
        "fecha_creacion": row[10], "fecha_actualizacion": row[11],
    }  # fmt: skip


ONBOARDING_CLIENTS = """
SELECT c.id, c.first_name, c.last_name, c.email, c.phone, coalesce(o.name, ''), c.stage, a.username, b.username,
    c.created_at, c.updated_at
FROM contacts c LEFT JOIN companies o ON o.id = c.company_id
LEFT JOIN users a ON a.id = c.created_by_id LEFT JOIN users b ON b.id = c.assigned_to_id
WHERE c.workspace_id = %s ORDER BY c.created_at DESC, c.id DESC LIMIT 21
"""


def onboarding_clients(environ: dict[str, Any]) -> Answer:
    workspace_id, _, _ = caller(environ, "contacts.view")
    rows = connection().execute(ONBOARDING_CLIENTS, [workspace_id]).fetchall()
    results = [
        {"id": row[0], "first_name": row[1], "last_name": row[2], "email": row[3], "phone": row[4], "company": row[5],
         "stage": STAGES[row[6]], "created_by_name": row[7], "assigned_to_name": row[8], "created_at": row[9],
         "updated_at": row[10]}
        for row in rows[:20]
    ]  # fmt: skip
    return json({**page(environ, rows, count(workspace_id, "contacts", list(STAGES))), "results": results})


COMPANY = "SELECT name, folded_name FROM companies WHERE workspace_id = %s AND id = %s"
CONTACT = """
INSERT INTO contacts (workspace_id, version, kind, first_name, last_name, email, email_key, phone, phone_key,
    company_id, job_title, address, notes, stage, search_text, name_text, created_by_id, created_at, updated_at)
VALUES (%s, 1, 'natural', %s, %s, %s, %s, %s, %s, %s, '', '', '', 'lead', %s, %s, %s, now(), now())
RETURNING id, created_at
"""
TALLY = """
INSERT INTO tallies (workspace_id, name, key, amount)
VALUES (%(workspace)s, 'contacts', 'lead', 1), (%(workspace)s, 'contacts.by_company', %(company)s, 1)
"""
ENTRY = """
INSERT INTO ledger_entries (workspace_id, verb, action, user_id, username, "table", record_id, old, new, request_id,
    created_at)
VALUES (%s, 'contact.created', 'contact.create', %s, %s, 'contacts', %s, '{}', %s, '', now())
"""


def create_client(environ: dict[str, Any]) -> Answer:
    workspace_id, user_id, username = caller(environ, "contacts.add")
    given = orjson.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
    first_name, _, last_name = given["nombre_completo"].partition(" ")
    email, phone, company_id = given["email"], given["telefono"], given["empresa_id"]
    fields = {"kind": "natural", "first_name": first_name, "last_name": last_name, "email": email, "phone": phone,
              "stage": "lead", "company_id": company_id, "job_title": "", "address": "", "notes": "",
              "assigned_to_id": None,
              "created_by_id": user_id}  # fmt: skip
    with connection().transaction():
        name, folded = connection().execute(COMPANY, [workspace_id, company_id]).fetchone()  # type: ignore[misc]
        phone_key = phone.replace(" ", "")
        name_text = f" {first_name} {last_name}".lower()
        search_text = f"{name_text} {email} {phone} {folded} {phone_key[1:]}".lower()
        texts = [search_text, name_text]
        values = [workspace_id, first_name, last_name, email, email, phone, phone_key, company_id, *texts, user_id]
        client_id, now = connection().execute(CONTACT, values).fetchone()  # type: ignore[misc]
        connection().execute(TALLY, {"workspace": workspace_id, "company": str(company_id)})
        connection().execute(ENTRY, [workspace_id, user_id, username, client_id, orjson.dumps(fields).decode()])
    row = (client_id, first_name, last_name, company_id, name, "", phone, email, "", "", now, now)
    content = {"success": True, "data": sales_client(row), "message": "Cliente creado exitosamente"}
    return json(content, "201 Created")


EXPORT = """
COPY (SELECT c.id, trim(c.first_name || ' ' || c.last_name), o.name, c.job_title, c.phone, c.email, c.address, c.notes,
        c.created_at
    FROM contacts c LEFT JOIN companies o ON o.id = c.company_id
    WHERE c.workspace_id = %s ORDER BY c.created_at DESC, c.id DESC) TO STDOUT (FORMAT csv, HEADER)
"""


def export_clients(environ: dict[str, Any]) -> Answer:
    workspace_id, _, _ = caller(environ, "contacts.export")
    return "200 OK", "text/csv; charset=utf-8", copied(workspace_id)


def copied(workspace_id: int) -> Iterator[bytes]:
    with connection().cursor() as cursor, cursor.copy(EXPORT, [workspace_id]) as lines:
        piece = bytearray()
        for line in lines:
            piece += line
            if len(piece) >= PIECE:
                yield bytes(piece)
                piece.clear()
        yield bytes(piece)


ROUTES: dict[tuple[str, str], Callable[[dict[str, Any]], Answer]] = {
    ("GET", "/api/v1/empresas/"): companies,
    ("GET", "/api/v1/clientes/"): sales_clients,
    ("GET", "/api/clients/"): onboarding_clients,
    ("POST", "/api/v1/clientes/"): create_client,
    ("GET", "/api/v1/clientes/export/"): export_clients,
}
