from django.apps import AppConfig


class ContactsConfig(AppConfig):
    name = "backend.modules.contacts"
    label = "contacts"
