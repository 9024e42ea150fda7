"""The routes: `path("account/", include("sessions_hub.account.urls"))`."""

from __future__ import annotations

from django.urls import path

from . import impersonation
from .not_me import NotMeView
from .views import ReauthenticateView

app_name = "sessions_hub"

urlpatterns = [
    path("reauthenticate/", ReauthenticateView.as_view(), name="reauthenticate"),
    path("not-me/<str:token>/", NotMeView.as_view(), name="not-me"),
    path("impersonate/stop/", impersonation.stop, name="impersonate-stop"),
    # A key may be a text with slashes.
    path("impersonate/<path:user_id>/", impersonation.start, name="impersonate"),
]
