"""The table of contents: which router is mounted in which dialect."""

from backend.dialects.accounts import accounts
from backend.dialects.crisol import crisol
from backend.dialects.leads import leads
from backend.dialects.onboarding import onboarding
from backend.dialects.sales import sales
from backend.dialects.urbany import urbany
from backend.modules.activities.routers import onboarding as activities_onboarding
from backend.modules.activities.routers import sales as activities_sales
from backend.modules.attachments.routers import accounts as attachments_accounts
from backend.modules.companies.routers import accounts as companies_accounts
from backend.modules.companies.routers import sales as companies_sales
from backend.modules.contacts.routers import accounts as contacts_accounts
from backend.modules.contacts.routers import leads as contacts_leads
from backend.modules.contacts.routers import onboarding as contacts_onboarding
from backend.modules.contacts.routers import sales as contacts_sales
from backend.modules.contracts.routers import urbany as contracts_urbany
from backend.modules.exchange.routers import crisol as exchange_crisol
from backend.modules.identity import authentication
from backend.modules.identity.routers import accounts as identity_accounts
from backend.modules.identity.routers import leads as identity_leads
from backend.modules.identity.routers import onboarding as identity_onboarding
from backend.modules.identity.routers import sales as identity_sales
from backend.modules.identity.routers import urbany as identity_urbany
from backend.modules.intake.routers import leads as intake_leads
from backend.modules.leads.routers import finding as leads_finding
from backend.modules.leads.routers import leads as leads_leads
from backend.modules.ledger.routers import leads as ledger_leads
from backend.modules.messaging.routers import urbany as messaging_urbany
from backend.modules.notifications.routers import crisol as notifications_crisol
from backend.modules.opportunities.routers import accounts as opportunities_accounts
from backend.modules.opportunities.routers import sales as opportunities_sales
from backend.modules.reports.routers import accounts as reports_accounts
from backend.modules.reports.routers import leads as reports_leads
from backend.modules.reports.routers import onboarding as reports_onboarding
from backend.modules.reports.routers import sales as reports_sales
from backend.modules.scheduling.routers import crisol as scheduling_crisol
from backend.monitoring import routers as monitoring

DIALECTS = [
    sales.publish(
        identity_sales.auth,
        companies_sales.companies,
        contacts_sales.clients,
        opportunities_sales.opportunities,
        activities_sales.activities,
        reports_sales.reports,
        authenticate=authentication.bearer,
    ),
    accounts.publish(
        identity_accounts.auth,
        identity_accounts.companies,
        identity_accounts.members,
        identity_accounts.keys,
        companies_accounts.companies,
        contacts_accounts.contacts,
        opportunities_accounts.opportunities,
        attachments_accounts.attachments,
        reports_accounts.reports,
        monitoring.probes,
        authenticate=authentication.bearer,
    ),
    urbany.publish(
        identity_urbany.auth,
        identity_urbany.users,
        identity_urbany.roles,
        identity_urbany.permissions,
        contracts_urbany.contracts,
        contracts_urbany.payments,
        contracts_urbany.notes,
        contracts_urbany.settings,
        contracts_urbany.documents,
        contracts_urbany.printing,
        messaging_urbany.conversations,
        messaging_urbany.participants,
        messaging_urbany.messages,
        messaging_urbany.attachments,
        messaging_urbany.reactions,
        messaging_urbany.figures,
        messaging_urbany.searching,
        messaging_urbany.presence,
        monitoring.urbany_health,
        authenticate=authentication.bearer,
    ),
    leads.publish(
        identity_leads.auth,
        identity_leads.users,
        contacts_leads.clients,
        leads_finding.finding,
        leads_leads.leads,
        intake_leads.settings,
        intake_leads.whatsapp,
        intake_leads.web_form,
        reports_leads.dashboard,
        ledger_leads.audit_logs,
        authenticate=authentication.bearer,
    ),
    onboarding.publish(
        identity_onboarding.token,
        identity_onboarding.me,
        contacts_onboarding.clients,
        activities_onboarding.interactions,
        reports_onboarding.statistics,
        authenticate=authentication.bearer,
    ),
    crisol.publish(
        exchange_crisol.exports,
        scheduling_crisol.reports,
        notifications_crisol.emails,
        notifications_crisol.notifications,
        authenticate=authentication.bearer,
    ),
]
