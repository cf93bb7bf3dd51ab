from django.apps import AppConfig


class OpportunitiesConfig(AppConfig):
    name = "backend.modules.opportunities"
    label = "opportunities"

    def ready(self) -> None:
        from backend.core.dependants import counted_by
        from backend.modules.attachments import subjects
        from backend.modules.companies.models import Company
        from backend.modules.contacts.models import Contact
        from backend.modules.identity import assignments
        from backend.modules.identity.actions import furnish_with
        from backend.modules.opportunities import actions, queries
        from backend.modules.opportunities.models import Opportunity

        furnish_with(actions.create_default_stages)
        counted_by(Company, "opportunities", queries.count_of_company)
        counted_by(Contact, "opportunities", queries.count_open_of_contact)
        assignments.declare(Opportunity, actions.SUBJECT)
        subjects.declare(actions.SUBJECT, visible=queries.exists)
