from django.apps import AppConfig


class CompaniesConfig(AppConfig):
    name = "backend.modules.companies"
    label = "companies"
