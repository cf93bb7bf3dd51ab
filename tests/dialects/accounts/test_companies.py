"""POST /v1/companies: a workspace of its own."""

import pytest

from backend.core.actor import Actor
from backend.core.permissions import catalogue
from backend.modules.identity.models import Membership, Permission, Role, RolePermission, Workspace
from backend.modules.ledger.models import Entry
from backend.modules.opportunities.models import Stage
from tests import make, people, stored
from tests.dialects.accounts.access import details, error, get, log_in, post

pytestmark = pytest.mark.django_db

COMPANY = ["id", "name", "timeZone", "region", "language", "createdAt"]


def create(person, **fields):
    return person.post("/v1/companies", {"name": "Acme Perú SAC"} | fields)


@pytest.fixture
def acme(alice):
    """The company that alice has created."""
    return Workspace.objects.get(pk=create(alice).json()["id"])


@pytest.fixture
def there(acme):
    return Actor.system(acme.pk)


class TestCreateCompany:
    def test_answers_201_with_the_company(self, alice):
        answer = create(alice)
        assert (answer.status_code, list(answer.json())) == (201, COMPANY)
        assert answer.json()["name"] == "Acme Perú SAC"
        assert answer.json()["createdAt"].endswith("Z")

    def test_is_in_lima_and_speaks_spanish_unless_it_is_said_otherwise(self, alice):
        usual = create(alice).json()
        other = create(alice, timeZone="Europe/Madrid", region="ES", language="en").json()
        assert [usual[name] for name in COMPANY[2:5]] == ["America/Lima", "PE", "es"]
        assert [other[name] for name in COMPANY[2:5]] == ["Europe/Madrid", "ES", "en"]

    def test_gives_it_stages_roles_and_permissions(self, alice, ours, there):
        assert list(Stage.objects.of(there).order_by("position").values_list("key", flat=True)) == [
            "prospecto", "calificacion", "propuesta", "negociacion", "cerrada_ganada", "cerrada_perdida",
        ]  # fmt: skip
        assert set(Role.objects.of(there).values_list("key", flat=True)) == {"admin", "manager", "sales", "user"}
        assert set(Permission.objects.of(there).values_list("codename", flat=True)) == set(catalogue)
        of_admin = RolePermission.objects.of(there).filter(role__key="admin")
        assert of_admin.count() == len(catalogue)

    def test_makes_its_creator_the_administrator_and_nobody_else_a_member(self, alice, bob, acme, there):
        member = Membership.objects.of(there).get()
        assert (member.user_id, [role.key for role in member.roles.all()]) == (alice.user.pk, ["admin"])
        opened = log_in(acme).json()["access_token"]
        assert get("/v1/apikeys", opened).status_code == 200
        assert people.Person(bob.user, acme).get("/api/me/").status_code == 401

    def test_gives_it_nothing_of_the_creator_s_other_company(self, alice, acme):
        make.contact(alice.actor)
        opened = log_in(acme).json()["access_token"]
        assert get("/api/clients/", opened).json()["count"] == 0

    def test_is_seen_by_no_other_company(self, alice, bob, ours, stranger, theirs, there):
        before = stored.of_workspace(ours.pk), stored.of_workspace(theirs.pk)
        make.contact(there, first_name="Oculta", assigned_to_id=alice.user.pk)
        assert (stored.of_workspace(ours.pk), stored.of_workspace(theirs.pk)) == before
        for person in (bob, stranger):
            assert person.get("/api/clients/?search=oculta").json()["count"] == 0

    def test_stands_in_the_creator_s_ledger_with_its_name_alone(self, alice, ours, acme):
        entries = Entry.objects.of(alice.actor).filter(action="workspace.create", user=alice.user)
        assert [(each.verb, each.record_id, each.new["name"]) for each in entries] == [
            ("workspace.created", acme.pk, acme.name)
        ]

    @pytest.mark.parametrize(
        ("field", "value", "sentence"),
        [
            ("timeZone", "America/Macondo", '"America/Macondo" no es una zona horaria.'),
            ("timeZone", "../etc/passwd", '"../etc/passwd" no es una zona horaria.'),
            ("timeZone", "", "Este campo no puede estar vacío."),
            ("region", "XX", '"XX" no es un país.'),
            ("language", "qu", '"qu" no es una opción válida.'),
            ("language", None, None),
            ("name", "  ", "Este campo no puede estar vacío."),
            ("name", "x" * 201, None),
            ("name", "Acme\0", None),
            ("name", None, None),
            ("color", "red", None),
        ],
    )
    def test_refuses_what_is_none_by_the_field_s_name_here(self, alice, field, value, sentence):
        with stored.nothing_written():
            refused = details(create(alice, **{field: value}))
        assert list(refused) == [field]
        if sentence:
            assert refused[field][0].rstrip(".") == sentence.rstrip(".")

    def test_needs_a_name(self, alice):
        assert details(alice.post("/v1/companies", {})) == {"name": ["Este campo es obligatorio."]}

    def test_takes_back_what_it_answered(self, alice):
        made = create(alice).json()
        assert create(alice, **made).status_code == 201

    @pytest.mark.parametrize("name", ["bob", "carla", "dario"])
    def test_is_refused_without_the_permission(self, request, name):
        person = request.getfixturevalue(name)
        with stored.nothing_written():
            assert error(create(person)) == (403, "PERMISSION_DENIED")

    def test_is_refused_to_an_api_key(self, alice):
        _, key = make.api_key(alice.actor)
        with stored.nothing_written():
            answer = post("/v1/companies", {"name": "Acme"}, X_API_Key=key)
        assert error(answer) == (403, "PERMISSION_DENIED")

    def test_is_done_once_with_an_idempotency_key(self, alice):
        answers = [alice.post("/v1/companies", {"name": "Acme"}, Idempotency_Key="one") for _ in range(2)]
        assert answers[0].json() == answers[1].json()
        assert Workspace.objects.filter(name="Acme").count() == 1
