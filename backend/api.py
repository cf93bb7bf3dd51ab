"""The table of contents: which router is mounted in which dialect."""

from backend.dialects.onboarding import onboarding
from backend.modules.activities.routers import onboarding as activities_onboarding
from backend.modules.contacts.routers import onboarding as contacts_onboarding
from backend.modules.identity import authentication
from backend.modules.identity.routers import onboarding as identity_onboarding
from backend.modules.reports.routers import onboarding as reports_onboarding

DIALECTS = [
    onboarding.publish(
        identity_onboarding.token,
        identity_onboarding.me,
        contacts_onboarding.clients,
        activities_onboarding.interactions,
        reports_onboarding.statistics,
        authenticate=authentication.bearer,
    ),
]
