"""Where the pages of the admin are."""

import pytest
from django.contrib import admin

from backend.modules.identity.models import User

MODELS = [model for model in admin.site._registry if model.__module__.startswith("backend.")]
OF_EACH = pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.model_name)


def address(model, *rest) -> str:
    return "/".join(["/admin", model._meta.app_label, model._meta.model_name, *map(str, rest)]) + "/"


def last_of(model, place) -> int:
    """The newest row of the workspace; of users, the newest member."""
    rows = model._default_manager.order_by("-pk")
    if model is User:
        return rows.filter(memberships__workspace=place).first().pk
    return place.pk if model is type(place) else rows.filter(workspace=place).first().pk
