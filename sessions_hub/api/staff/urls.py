"""The routes below `staff/`."""

from __future__ import annotations

from rest_framework.routers import SimpleRouter

from .create import StaffSessions
from .lists import StaffDeviceViewSet, StaffMethodViewSet
from .users import StaffUserViewSet

router = SimpleRouter()
router.register("sessions", StaffSessions, basename="staff-session")
router.register("devices", StaffDeviceViewSet, basename="staff-device")
router.register(
    "authentication-methods", StaffMethodViewSet, basename="staff-authentication-method"
)
router.register("users", StaffUserViewSet, basename="staff-user")

urlpatterns = router.urls
