"""The pages: `path("account/", include("sessions_hub.account.urls"))`."""

from __future__ import annotations

from django.urls import path

from .not_me import NotMeView

app_name = "sessions_hub"

urlpatterns = [
    path("not-me/<str:token>/", NotMeView.as_view(), name="not-me"),
]
