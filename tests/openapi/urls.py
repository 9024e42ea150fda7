from __future__ import annotations

from django.urls import include, path

urlpatterns = [path("api/", include("sessions_hub.api.urls"))]
