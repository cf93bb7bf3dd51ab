from django.apps import AppConfig


class LeadsConfig(AppConfig):
    name = "backend.modules.leads"
    label = "leads"

    def ready(self) -> None:
        from backend.core import dependants
        from backend.core.action import record_with
        from backend.modules.attachments import subjects
        from backend.modules.contacts.models import Contact
        from backend.modules.identity import assignments
        from backend.modules.leads import actions, queries
        from backend.modules.leads.actions import news
        from backend.modules.leads.models import Lead

        record_with(actions.follow_contacts)
        record_with(news.tell_of_status)
        assignments.declare(Lead, queries.SUBJECT)
        dependants.counted_by(Contact, "leads", queries.count_open_of_contact)
        subjects.declare(queries.SUBJECT, visible=queries.is_readable)
