from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "backend.modules.ledger"
    label = "ledger"

    def ready(self) -> None:
        from backend.core.action import record_with
        from backend.modules.ledger import actions

        record_with(actions.record)
