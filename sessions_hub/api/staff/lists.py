"""Everybody's devices and proofs: read, and nothing else."""

from __future__ import annotations

from django.db.models import F, QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from sessions_hub.lifecycle.guard import database
from sessions_hub.models import AuthenticationMethod, Device
from sessions_hub.models.predicate import condition_of, named_user

from .base import STAFF, StaffViewSet
from .requests import DeviceFilters, MethodFilters, checked
from .serializers import AuthenticationMethodSerializer, DeviceSerializer


class StaffListViewSet(StaffViewSet):
    """A list in pages, newest first."""

    required_scopes = {"list": STAFF}

    def list(self, request: Request) -> Response:
        """A page of it."""
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(self.get_serializer(page, many=True).data)


class StaffDeviceViewSet(StaffListViewSet):
    """`GET staff/devices/`."""

    serializer_class = DeviceSerializer
    required_permissions = {"list": "view_device"}

    def get_queryset(self) -> QuerySet[Device]:
        wanted = self.filters(DeviceFilters)
        rows = Device.objects.using(database())
        return rows.filter(checked(lambda: condition_of(wanted))) if wanted else rows.all()


class StaffMethodViewSet(StaffListViewSet):
    """`GET staff/authentication-methods/`."""

    serializer_class = AuthenticationMethodSerializer
    required_permissions = {"list": "view_authenticationmethod"}

    def get_queryset(self) -> QuerySet[AuthenticationMethod]:
        wanted = self.filters(MethodFilters)
        rows = AuthenticationMethod.objects.using(database())
        if (user := wanted.pop("user", None)) is not None:
            rows = rows.filter(session__user=checked(lambda: named_user(user)))
        # What is left is named like its column.
        rows = rows.filter(**wanted).annotate(user_id=F("session__user_id"))
        return rows.defer("provider_access_token", "provider_refresh_token")
