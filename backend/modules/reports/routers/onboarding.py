"""Statistics (onboarding.md, "Statistics Endpoint")."""

from pydantic import Field

from backend.dialects.onboarding import onboarding
from backend.dialects.resource import Call, Resource
from backend.dialects.wire import Wire
from backend.modules.reports.queries import onboarding as figures

statistics = Resource(onboarding, "/statistics", tag="Statistics")


class ByStage(Wire):
    lead: int = Field(examples=[60])
    in_progress: int = Field(examples=[45])
    active: int = Field(examples=[45])


class Statistics(Wire):
    total_clients: int = Field(examples=[150])
    clients_by_stage: ByStage
    recent_clients_30_days: int = Field(examples=[25])
    clients_by_staff: dict[str, int] = Field(examples=[{"sales_user": 50, "sales_manager": 40, "admin": 10}])
    total_interactions: int = Field(examples=[320])
    recent_interactions_30_days: int = Field(examples=[85])
    conversion_rate_percentage: float = Field(examples=[30.0])
    funnel: ByStage


@statistics.get("/")
def crm_statistics(request: Call) -> Statistics:
    """The workspace's onboarding in figures, as of this moment. Needs `reports.view`.

    `recent_*` counts what was created in the last 30 days; `clients_by_staff` counts by the user name of `assigned_to`
    (unassigned clients are not in it); `conversion_rate_percentage` is active clients per hundred clients.
    """
    found = figures.onboarding_statistics(request.actor)
    stages = ByStage(**found.contacts.by_stage)
    return Statistics(
        total_clients=found.contacts.total,
        clients_by_stage=stages,
        recent_clients_30_days=found.contacts.recent,
        clients_by_staff=found.contacts.by_assignee,
        total_interactions=found.interactions.total,
        recent_interactions_30_days=found.interactions.recent,
        conversion_rate_percentage=found.conversion_rate,
        funnel=stages,
    )
