"""The routes: `path("api/", include("sessions_hub.api.urls"))`."""

from __future__ import annotations

from rest_framework.routers import SimpleRouter

from .devices import DeviceViewSet
from .viewsets import SessionViewSet

app_name = "sessions_hub_api"

router = SimpleRouter()
router.register("sessions", SessionViewSet, basename="session")
router.register("devices", DeviceViewSet, basename="device")

urlpatterns = router.urls
