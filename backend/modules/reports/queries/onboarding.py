"""How far the onboarding of the workspace's contacts has come."""

from dataclasses import dataclass
from datetime import timedelta

from backend.core.actor import Actor
from backend.modules.activities import queries as activities
from backend.modules.contacts import queries as contacts
from backend.modules.contacts.models import Stage
from backend.modules.reports.queries import VIEW, percentage

RECENT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class OnboardingStatistics:
    """Contacts and interactions in figures. `conversion_rate` is active contacts per hundred contacts."""

    contacts: contacts.Figures
    interactions: activities.Figures
    conversion_rate: float


def onboarding_statistics(actor: Actor) -> OnboardingStatistics:
    """How the onboarding of the workspace's contacts stands; "recent" means created in the last 30 days."""
    actor.require(VIEW)
    people = contacts.figures(actor, recent=RECENT)
    return OnboardingStatistics(
        contacts=people,
        interactions=activities.interaction_figures(actor, recent=RECENT),
        conversion_rate=percentage(people.by_stage[Stage.ACTIVE], people.total),
    )
