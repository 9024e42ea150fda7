"""The routes: `path("api/", include("sessions_hub.api.urls"))`."""

from __future__ import annotations

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from .devices import DeviceViewSet
from .introspect import IntrospectView
from .jwks import JwksView
from .revoke import RevokeView
from .viewsets import SessionViewSet

app_name = "sessions_hub_api"

router = SimpleRouter()
router.register("sessions", SessionViewSet, basename="session")
router.register("devices", DeviceViewSet, basename="device")

urlpatterns = [
    *router.urls,
    path(".well-known/jwks.json", JwksView.as_view(), name="jwks"),
    path("introspect/", IntrospectView.as_view(), name="introspect"),
    path("staff/", include("sessions_hub.api.staff.urls")),
    path("revoke/", RevokeView.as_view(), name="revoke"),
]
