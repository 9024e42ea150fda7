"""The routes: `path("account/", include("sessions_hub.account.urls"))`."""

from __future__ import annotations

from django.urls import path

from . import impersonation

app_name = "sessions_hub"

urlpatterns = [
    path("impersonate/stop/", impersonation.stop, name="impersonate-stop"),
    # A key may be a text with slashes.
    path("impersonate/<path:user_id>/", impersonation.start, name="impersonate"),
]
