"""Mounts, documentation pages, the admin."""

from django.contrib import admin
from django.urls import path, re_path

from backend import invitation_page, mailbox, pages, password_reset_page
from backend.api import DIALECTS
from backend.dialects import documentation
from backend.modules.attachments.routers import files
from backend.modules.identity.admin import change_own_password
from backend.monitoring import probes

handler404 = "backend.pages.not_found"

BELOW_A_PATH = [dialect for dialect in DIALECTS if dialect.mount]
AT_THE_ROOT = [dialect for dialect in DIALECTS if not dialect.mount]  # after the pages, which stand there too

urlpatterns = [
    *(path(dialect.mount, dialect.api.urls) for dialect in BELOW_A_PATH),
    path("", pages.home, name="home"),
    re_path(r"^chat/?$", pages.chat, name="chat"),
    path("favicon.ico", pages.favicon, name="favicon"),
    path("invitation/", invitation_page.invitation, name="invitation"),
    path("password-reset/", password_reset_page.password_reset, name="password_reset"),
    *mailbox.urls,
    *probes.urlpatterns,
    path("admin/password_change/", admin.site.admin_view(change_own_password)),
    path("admin/", admin.site.urls),
    path("files/<str:token>", files.file, name="file"),
    *(page for dialect in DIALECTS for page in documentation.urls(dialect)),
    *(path(dialect.mount, dialect.api.urls) for dialect in AT_THE_ROOT),
]
