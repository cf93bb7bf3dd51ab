"""A lead's way from the first call to its end, as a client of this contract would go it."""

import pytest

from tests.people import PASSWORD

pytestmark = pytest.mark.django_db


def test_a_lead_is_worked_through_to_closed(client, alice, bob):
    form = {"username": "alice", "password": PASSWORD, "grant_type": "password"}
    answer = client.post("/auth/login", form)
    assert answer.status_code == 200, answer.content
    token = answer.json()
    assert token.keys() == {"access_token", "token_type"}
    assert token["token_type"] == "bearer"
    body = {"client_type": "natural", "contact_name": "Juan Pérez", "phone": "0414 123 4567", "email": None}
    assert alice.post("/clients", body).status_code == 422  # no number of the workspace's country
    made = alice.post("/clients", body | {"phone": "+58 414-123 4567"})
    assert made.status_code == 201, made.content
    assert made.json()["phone"] == "+584141234567"
    assert alice.post("/clients", body | {"phone": "+584141234567"}).status_code == 409
    lead = alice.post("/leads", {"client_id": made.json()["id"], "channel": "web", "sales_notes": "Llamar el lunes"})
    assert lead.status_code == 201, lead.content
    place = f"/leads/{lead.json()['id']}"
    assert bob.get(place).status_code == 404
    assert alice.call("patch", f"{place}/assign", {"user_id": bob.user.pk}).status_code == 200
    for status in ("contacted", "quoted", "closed"):
        assert bob.call("patch", f"{place}/status", {"status": status}).status_code == 200
    found = bob.get(place).json()
    assert [each["new"] for each in found["history"]] == ["new", bob.user.pk, "contacted", "quoted", "closed"]
    assert found["contacted_at"] is not None
    assert alice.get("/clients/by-phone/+58 (414) 1234567").json()["leads"][0]["id"] == lead.json()["id"]
    assert alice.get("/clients/search?q=perez").json()[0]["contact_name"] == "Juan Pérez"
    listed = bob.get("/leads?q=perez")
    assert (listed.headers["X-Total-Count"], len(listed.json())) == ("1", 1)
    assert bob.get("/leads/stats").json()["by_status"]["closed"] == 1
    log = alice.get("/audit-logs?table=leads&action=update").json()
    assert log[0]["new_values"]["status"] == "closed"
    assert bob.get("/audit-logs").status_code == 403
    assert alice.get("/docs").status_code == 200
    assert "oauth2" in str(alice.get("/openapi.json").json()["components"]["securitySchemes"])
