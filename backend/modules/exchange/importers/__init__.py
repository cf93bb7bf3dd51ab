"""What a row does, a file a kind: create, update or confirm one record, through the actions that the API calls."""

from backend.modules.exchange.importers.base import Importer, Options, Result
from backend.modules.exchange.importers.companies import CompanyImporter
from backend.modules.exchange.importers.contacts import ContactImporter
from backend.modules.exchange.importers.opportunities import OpportunityImporter
from backend.modules.exchange.importers.users import UserImporter

__all__ = ["IMPORTERS", "Importer", "Options", "Result"]

IMPORTERS: dict[str, type[Importer]] = {
    "company": CompanyImporter,
    "contact": ContactImporter,
    "user": UserImporter,
    "opportunity": OpportunityImporter,
}
