from django.apps import AppConfig


class ContactsConfig(AppConfig):
    name = "backend.modules.contacts"
    label = "contacts"

    def ready(self) -> None:
        from backend.core.dependants import counted_by
        from backend.modules.companies.actions import tell_new_name
        from backend.modules.companies.models import Company
        from backend.modules.contacts import actions, queries
        from backend.modules.contacts.models import Contact
        from backend.modules.identity import assignments

        tell_new_name(actions.follow_company_name)
        assignments.declare(Contact, "contact")
        counted_by(Company, "contacts", queries.count_of_company)
