"""Mounts, documentation pages, the admin."""

from django.contrib import admin
from django.urls import path

from backend import pages
from backend.api import DIALECTS
from backend.dialects import documentation
from backend.modules.identity.admin import change_own_password

handler404 = "backend.pages.not_found"

urlpatterns = [
    path("", pages.home, name="home"),
    path("favicon.ico", pages.favicon, name="favicon"),
    path("admin/password_change/", admin.site.admin_view(change_own_password)),
    path("admin/", admin.site.urls),
    *(page for dialect in DIALECTS for page in documentation.urls(dialect)),
    *(path(dialect.mount, dialect.api.urls) for dialect in DIALECTS),
]
