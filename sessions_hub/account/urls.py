"""The pages: `path("account/", include("sessions_hub.account.urls"))`."""

from __future__ import annotations

from django.urls import path

from .views import ReauthenticateView

app_name = "sessions_hub"

urlpatterns = [
    path("reauthenticate/", ReauthenticateView.as_view(), name="reauthenticate"),
]
