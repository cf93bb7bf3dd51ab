"""The arrows and habits of the house, read from its source. An exception stands in a list, with its reason."""

import ast
import inspect
import subprocess
import sys
from collections import Counter
from importlib import import_module
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import Model

from backend.core.tenancy import WorkspaceModel
from tests import source

LONGEST_FILE = 300
LONGEST_HANDLER = 8  # statements
WRITING = ("queries", "actions", "tasks", "routers")

# The doors in the wall between workspaces.
ACROSS_WORKSPACES = {
    "backend/modules/identity/authentication.py": "finds out which workspace an invitation belongs to",
    "backend/modules/identity/belonging.py": "says in which workspaces a person works, to who logs them in",
    "backend/modules/identity/api_keys.py": "finds out which workspace a key belongs to",
    "backend/modules/exchange/queries.py": "the sweep removes the exports of every workspace",
    "backend/modules/scheduling/queries.py": "the sweep asks which subscriptions of every workspace have a slot",
    "backend/modules/contracts/alerts.py": "the sweep asks in which workspaces it is time to tell of contracts",
    "backend/modules/notifications/queries/emails.py": "the sweep removes the old mails of every workspace",
    "backend/modules/messaging/queries/presence.py": "a process has sockets of every workspace",
    "backend/modules/notifications/queries/inbox.py": "the sweep removes the old notifications of every workspace",
    "backend/modules/ledger/actions.py": "writes the server's own entries, which belong to no workspace",
}
# Unique constraints and indexes that do not begin with the workspace.
NOT_LED_BY_WORKSPACE = {
    "outbound_emails_due": "the sweep asks what is due in every workspace",
    "outbound_emails_to_sweep": "the sweep asks what is old in every workspace",
    "notifications_to_sweep": "the sweep asks what is old in every workspace",
    "exports_due": "the sweep asks what is due in every workspace",
    "report_subscriptions_due": "the sweep asks what is due in every workspace",
    "presences_due": "the sweep asks what is due in every workspace",
    "connections_process": "a process asks for its own sockets of every workspace",
    "report_runs_due": "the sweep asks what is due in every workspace",
    "exports_to_sweep": "the sweep asks what is over in every workspace",
    "memberships_by_user": "a login asks in which workspaces the user is",
    "role_permissions_once": "both ends belong to one workspace; the one that joins starts from the role",
    "membership_roles_once": "both ends belong to one workspace; the one that joins starts from the membership",
    "invitation_roles_once": "both ends belong to one workspace; the one that joins starts from the invitation",
    "invitations_token": "who accepts an invitation has its token and belongs to no workspace yet",
    "api_keys_jti": "who calls with a key says which one, and the key says in which workspace",
}


def in_modules(place: str) -> bool:
    """Whether the place is where a module reads, writes or answers."""
    path = place.partition(":")[0]
    parts = path.split("/")
    return path.startswith("backend/modules/") and any(part.removesuffix(".py") in WRITING for part in parts[3:])


def workspace_models() -> list[type[Model]]:
    return [model for model in apps.get_models() if any(f.name == "workspace" for f in model._meta.concrete_fields)]


class TestTheArrows:
    def test_run_down(self):
        command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"]
        run = subprocess.run([*command, "--no-cache", "--no-logo"], cwd=source.ROOT, capture_output=True, text=True)
        assert run.returncode == 0, run.stdout + run.stderr

    def test_the_domain_knows_no_requests_and_no_answers(self):
        """import-linter sees an outside package only as a whole, so Django's own HTTP is looked for here."""
        places = [
            place
            for place, node in source.nodes((ast.Import, ast.ImportFrom), "backend/modules")
            if "/routers/" not in place and "django.http" in ast.unparse(node)
        ]
        assert places == []

    def test_all_of_the_project_is_installed(self):
        folders = {path.parent.name for path in (source.ROOT / "backend" / "modules").glob("*/__init__.py")}
        assert {each.label for each in apps.get_app_configs() if each.name.startswith("backend.modules.")} == folders


class TestTheWallBetweenWorkspaces:
    def test_has_no_other_door(self):
        names = {"across_workspaces", "_base_manager", "_default_manager"}
        used = {
            place.partition(":")[0]
            for place, node in source.nodes(ast.Attribute, "backend/modules")
            if node.attr in names and "/models" not in place and "/admin.py" not in place
        }
        assert used == set(ACROSS_WORKSPACES)

    def test_is_not_dug_under_with_raw_rows(self):
        """A queryset is built by `of(actor)`, not by hand."""
        places = [
            place
            for place, node in source.nodes(ast.Call, "backend/modules")
            if in_modules(place) and source.called(node.func) in {"WorkspaceQuerySet", "QuerySet", "raw"}
        ]
        assert places == []

    def test_stands_before_every_table_that_has_a_workspace(self):
        open_ = [
            model.__name__
            for model in workspace_models()
            if type(model._meta.managers_map["objects"]).__name__ != "WorkspaceManager"
        ]
        assert open_ == []

    @pytest.mark.parametrize("model", workspace_models(), ids=lambda model: model.__name__)
    def test_lets_django_s_own_look_ups_pass(self, model):
        assert model._meta.default_manager_name == model._meta.base_manager_name == "across_workspaces"
        assert model._default_manager.name == model._base_manager.name == "across_workspaces"

    @pytest.mark.parametrize("model", workspace_models(), ids=lambda model: model.__name__)
    def test_leads_every_unique_constraint_and_index(self, model):
        led = [*model._meta.constraints, *model._meta.indexes]
        others = {each.name for each in led if getattr(each, "fields", None) and each.fields[0] != "workspace"}
        expressions = {each.name for each in led if getattr(each, "expressions", ())}
        assert others | expressions <= set(NOT_LED_BY_WORKSPACE)
        assert [field.name for field in model._meta.concrete_fields if field.unique and not field.primary_key] == []
        assert model._meta.unique_together == ()

    def test_knows_no_exception_that_is_not_one(self):
        names = {each.name for model in workspace_models() for each in [*model._meta.constraints, *model._meta.indexes]}
        assert set(NOT_LED_BY_WORKSPACE) <= names

    def test_every_table_of_a_module_has_a_workspace_or_is_one_of_those_above_it(self):
        ours = [model for model in apps.get_models() if model.__module__.startswith("backend.modules.")]
        assert {model.__name__ for model in ours} - {model.__name__ for model in workspace_models()} == {
            "User",
            "SecondFactor",  # a person's
            "RecoveryRequest",  # an address's, whoever it belongs to
            "Workspace",
            "Process",  # has sockets of every workspace
        }
        assert {model.__name__ for model in workspace_models() if not issubclass(model, WorkspaceModel)} == {"Entry"}


class TestAShape:
    def test_has_a_name_of_its_own_within_its_dialect(self):
        """Of two shapes of one name the OpenAPI document describes one, for the operations of both."""
        named = Counter(
            (dialect_of(place), node.name)
            for place, node in source.nodes(ast.ClassDef, "backend/modules")
            if "/routers/" in place and not node.name.endswith("Query")
        )
        assert [each for each, times in named.items() if times > 1] == []


def dialect_of(place: str) -> str:
    """`urbany` of a router `routers/urbany.py` and of one of `routers/urbany/`."""
    return place.partition("/routers/")[2].partition("/")[0].partition(".py")[0]


class TestAHandler:
    def test_is_short_and_does_not_catch(self):
        long_, catching = [], []
        for place, node in source.nodes(ast.FunctionDef, "backend/modules"):
            if "/routers/" in place:
                body = node.body[1:] if ast.get_docstring(node) else node.body
                statements = [each for statement in body for each in ast.walk(statement) if isinstance(each, ast.stmt)]
                long_ += [place] if len(statements) > LONGEST_HANDLER else []
                catching += [place for each in statements if isinstance(each, ast.Try)]
        assert (long_, catching) == ([], [])

    def test_asks_no_table(self):
        places = [
            place
            for place, node in source.nodes(ast.Attribute, "backend/modules")
            if "/routers/" in place and node.attr in {"objects", "filter", "save"}
        ]
        assert places == []


def actions() -> list:
    """Every action of every module."""
    found = []
    for config in apps.get_app_configs():
        if not config.name.startswith("backend.modules."):
            continue
        files = [*Path(config.path).glob("actions.py"), *Path(config.path).glob("actions/*.py")]
        for name in sorted(
            source.name(file).removesuffix(".py").removesuffix("/__init__").replace("/", ".") for file in files
        ):
            module = import_module(name)
            own = [each for each in vars(module).values() if getattr(each, "__module__", None) == module.__name__]
            found += [each for each in own if hasattr(each, "action_name")]
    return found


@pytest.mark.parametrize("act", actions(), ids=lambda act: act.action_name)
class TestAnAction:
    def test_takes_the_actor_first_then_at_most_an_id_and_the_rest_by_name(self, act):
        parameters = list(inspect.signature(act.__wrapped__).parameters.values())
        by_position = [each.name for each in parameters if each.kind is each.POSITIONAL_OR_KEYWORD]
        assert by_position[0] == "actor"
        assert [name for name in by_position[1:] if not name.endswith("_id")] == []
        assert len(by_position) <= 2

    def test_says_what_it_does(self, act):
        assert inspect.getdoc(act)

    def test_has_a_name_of_its_own_that_begins_with_its_record(self, act):
        assert [each.action_name for each in actions()].count(act.action_name) == 1
        assert "." in act.action_name

    def test_is_not_longer_than_a_page(self, act):
        assert len(inspect.getsource(act.__wrapped__).splitlines()) <= 40


class TestTheHabits:
    def test_no_file_is_too_long(self):
        lengths = {source.name(path): len(path.read_text().splitlines()) for path in source.files()}
        assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}

    def test_nothing_is_swallowed(self):
        places = [
            place
            for place, node in source.nodes(ast.ExceptHandler)
            if [type(each) for each in node.body] == [ast.Pass] or node.type is None
        ]
        assert places == []

    def test_only_commands_print(self):
        calls = source.nodes(ast.Call, "backend", "worker", "realtime")
        places = [place for place, node in calls if source.called(node.func) == "print"]
        assert [place for place in places if "/management/commands/" not in place] == []

    @pytest.mark.parametrize("name", ["utils.py", "helpers.py", "exceptions.py", "serializers.py", "signals.py"])
    def test_no_file_is_a_dump(self, name: str):
        assert [source.name(path) for path in source.files() if path.name == name] == []

    def test_no_import_takes_everything(self):
        places = [place for place, node in source.nodes(ast.ImportFrom) if node.names[0].name == "*"]
        settings = ("tests/settings.py", "tests/worker/hanging.py")
        assert [place for place in places if not place.startswith(settings)] == []
