"""Leads that come in by themselves: WhatsApp, web forms, and the settings of both (added)."""

from backend.modules.intake.routers.leads.settings import settings
from backend.modules.intake.routers.leads.web_form import web_form
from backend.modules.intake.routers.leads.whatsapp import whatsapp

__all__ = ["settings", "web_form", "whatsapp"]
