"""Mounts, documentation pages, the admin."""

from django.contrib import admin
from django.contrib.staticfiles import finders
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from backend.api import DIALECTS
from backend.dialects import documentation


def home(request: HttpRequest) -> HttpResponse:
    """The page that names the dialects that exist and links their documentation."""
    return render(request, "home.html", {"dialects": DIALECTS})


def favicon(request: HttpRequest) -> FileResponse:
    return FileResponse(open(finders.find("ninja/favicon.png"), "rb"), content_type="image/png")  # noqa: SIM115


urlpatterns = [
    path("", home, name="home"),
    path("favicon.ico", favicon),
    path("admin/", admin.site.urls),
    *(page for dialect in DIALECTS for page in documentation.urls(dialect)),
    *(path(dialect.mount, dialect.api.urls) for dialect in DIALECTS),
]
