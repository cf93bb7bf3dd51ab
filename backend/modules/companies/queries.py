"""Reading companies."""

from backend.core import folding, permissions
from backend.core.actor import Actor
from backend.core.tenancy import WorkspaceQuerySet
from backend.modules.companies.models import Company

VIEW = permissions.declare("companies.view", "Read companies", roles={"manager", "sales", "user"})


def visible_to(actor: Actor) -> WorkspaceQuerySet:
    """Every company of the workspace."""
    return Company.objects.of(actor)


def find_by_name(actor: Actor, name: str) -> Company | None:
    """The company of this name, without regard to case or accents; of several the one spelled alike, or the oldest."""
    alike: list[Company] = list(visible_to(actor).filter(folded_name=folding.fold(name)).order_by("id"))
    exact = [company for company in alike if company.name_key == folding.key(name)]
    return next(iter(exact or alike), None)


def find_by_exact_name(actor: Actor, name: str) -> Company | None:
    """The company of this name, without regard to case and white space: at most one has it."""
    return visible_to(actor).filter(name_key=folding.key(name)).first()
