"""The routes: `path("api/", include("sessions_hub.api.urls"))`."""

from __future__ import annotations

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from .viewsets import SessionViewSet

app_name = "sessions_hub_api"

router = SimpleRouter()
router.register("sessions", SessionViewSet, basename="session")

urlpatterns = [*router.urls, path("staff/", include("sessions_hub.api.staff.urls"))]
