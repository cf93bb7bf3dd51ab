"""Reading companies."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from backend.core import folding, listing, permissions, search
from backend.core.actor import Actor
from backend.core.compiled import CompiledRows
from backend.core.errors import NotFound
from backend.core.tenancy import WorkspaceQuerySet
from backend.modules.companies.models import Company, Industry

VIEW = permissions.declare("companies.view", "Read companies", roles={"manager", "sales", "user"})


EXPORT = permissions.declare("companies.export", "Export companies", roles={"manager", "sales"})

ROW = ("name", "industry", "employees", "website", "phone", "address", "notes", "created_at", "updated_at", "version")
ORDERINGS = {
    "name": "name_key",  # as it is indexed, and upper case does not come before lower
    "industry": "industry",
    "employees": "employees",
    "created_at": "created_at",
    "updated_at": "updated_at",
    "id": "id",
}


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list of companies can be narrowed by; None does not narrow."""

    search: str | None = None
    industry: str | None = None


def visible_to(actor: Actor) -> WorkspaceQuerySet:
    """Every company of the workspace."""
    return Company.objects.of(actor)


def page(actor: Actor, filters: Filters, wanted: listing.Window) -> listing.Page:
    """The companies that match, by name unless an ordering is wanted."""
    actor.require(VIEW)
    if filters == Filters() and wanted.is_near:
        count = listing.count_by_tally(actor, Company, ["", *Industry.values])
        return listing.compiled_page(_everything(wanted.ordering), actor, wanted, count=count)
    rows = filtered(actor, filters)
    ordered = listing.order(rows, wanted, ORDERINGS, default="name")
    if filters.search is None:
        industries = ["", *Industry.values] if filters.industry is None else [filters.industry]
        count = listing.count_by_tally(actor, Company, industries)
    else:
        count = listing.count_up_to_bound(rows)
    return listing.page(ordered, wanted, count=count, fields=ROW)


@lru_cache(maxsize=64)
def _everything(ordering: str | None) -> CompiledRows:
    """What `page` shows where nothing narrows."""
    wanted = listing.Window(ordering=ordering)
    return CompiledRows(
        lambda actor: listing.order(visible_to(actor), wanted, ORDERINGS, default="name").values("id", *ROW)
    )


def to_export(actor: Actor, filters: Filters) -> WorkspaceQuerySet:
    """The companies that match, by name, for a file."""
    actor.require(EXPORT)
    return filtered(actor, filters).order_by("name_key", "id")


def filtered(actor: Actor, filters: Filters) -> WorkspaceQuerySet:
    rows = visible_to(actor)
    if filters.search is not None:
        rows = search.narrow(rows, filters.search)
    if filters.industry is not None:
        rows = rows.filter(industry=filters.industry)
    return rows


def get(actor: Actor, company_id: int) -> dict[str, Any]:
    """One company. Raises `NotFound`."""
    actor.require(VIEW)
    return detail(actor, company_id)


def detail(actor: Actor, company_id: int) -> dict[str, Any]:
    """The same for who has just written it, whether or not they may read others. Raises `NotFound`."""
    found = visible_to(actor).filter(pk=company_id).values("id", *ROW).first()
    if found is None:
        raise NotFound(record="company", id=company_id)
    return found


def exists(actor: Actor, company_id: int) -> bool:
    return visible_to(actor).filter(pk=company_id).exists()


def find_by_name(actor: Actor, name: str) -> Company | None:
    """The company of this name, without regard to case or accents; of several the one spelled alike, or the oldest."""
    alike: list[Company] = list(visible_to(actor).filter(folded_name=folding.fold(name)).order_by("id"))
    exact = [company for company in alike if company.name_key == folding.key(name)]
    return next(iter(exact or alike), None)


def find_by_exact_name(actor: Actor, name: str) -> Company | None:
    """The company of this name, without regard to case and white space: at most one has it."""
    return visible_to(actor).filter(name_key=folding.key(name)).first()
