"""Everybody's devices and proofs: read, and nothing else."""

from __future__ import annotations

from django.db.models import F, QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from sessions_hub.lifecycle.guard import database
from sessions_hub.models import AuthenticationMethod, Device
from sessions_hub.models.predicate import condition_of

from .base import STAFF, StaffViewSet
from .narrowing import wanted_proofs
from .requests import DeviceFilters, MethodFilters, checked
from .serializers import AuthenticationMethodSerializer, DeviceSerializer


class StaffListViewSet(StaffViewSet):
    """A list in pages, newest first."""

    required_scopes = {"list": STAFF}


class StaffDeviceViewSet(StaffListViewSet):
    """`GET staff/devices/`."""

    serializer_class = DeviceSerializer
    required_permissions = {"list": "view_device"}

    def get_queryset(self) -> QuerySet[Device]:
        return Device.objects.using(database())

    def list(self, request: Request) -> Response:
        """A page of it."""
        given = self.filters(DeviceFilters)
        rows = self.get_queryset()
        if given:
            rows = rows.filter(checked(lambda: condition_of(given)))
        return self.page_of(rows)


class StaffMethodViewSet(StaffListViewSet):
    """`GET staff/authentication-methods/`."""

    serializer_class = AuthenticationMethodSerializer
    required_permissions = {"list": "view_authenticationmethod"}

    def get_queryset(self) -> QuerySet[AuthenticationMethod]:
        rows = AuthenticationMethod.objects.using(database())
        rows = rows.annotate(user_id=F("session__user_id"))
        return rows.defer("provider_access_token", "provider_refresh_token")

    def list(self, request: Request) -> Response:
        """A page of it."""
        given = self.filters(MethodFilters)
        return self.page_of(*checked(lambda: wanted_proofs(given)))
