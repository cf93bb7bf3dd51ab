from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "backend.modules.exchange"
    label = "exchange"
