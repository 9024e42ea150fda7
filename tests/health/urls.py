"""The tests' site, with the health check on two paths: one is judged, one exempt."""

from __future__ import annotations

from django.urls import path

from sessions_hub.health.views import health
from tests.urls import urlpatterns as site

urlpatterns = [*site, path("health/", health), path("exempt/health/", health)]
