"""Everybody's devices and proofs: read, and nothing else."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from sessions_hub.lifecycle.guard import database
from sessions_hub.models import Device
from sessions_hub.models.predicate import condition_of

from .base import STAFF, StaffViewSet
from .narrowing import narrowed_proofs
from .requests import DeviceFilters, MethodFilters, checked
from .serializers import AuthenticationMethodSerializer, DeviceSerializer


class StaffListViewSet(StaffViewSet):
    """A list in pages, newest first."""

    required_scopes = {"list": STAFF}


class StaffDeviceViewSet(StaffListViewSet):
    """`GET staff/devices/`."""

    serializer_class = DeviceSerializer
    required_permissions = {"list": "view_device"}

    def list(self, request: Request) -> Response:
        """A page of it."""
        wanted = self.filters(DeviceFilters)
        rows = Device.objects.using(database())
        if wanted:
            rows = rows.filter(checked(lambda: condition_of(wanted)))
        return self.page_of(rows)


class StaffMethodViewSet(StaffListViewSet):
    """`GET staff/authentication-methods/`."""

    serializer_class = AuthenticationMethodSerializer
    required_permissions = {"list": "view_authenticationmethod"}

    def list(self, request: Request) -> Response:
        """A page of it."""
        wanted = self.filters(MethodFilters)
        rows, window = checked(lambda: narrowed_proofs(wanted))
        return self.page_of(rows.defer("provider_access_token", "provider_refresh_token"), window)
