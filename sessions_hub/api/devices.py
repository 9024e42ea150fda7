"""A user's own devices: seen, named, trusted and forgotten."""

from __future__ import annotations

from typing import Literal

from django.contrib.auth import logout
from django.db.models import Exists, OuterRef, QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from sessions_hub.credentials.scopes import Scope
from sessions_hub.lifecycle import forget_device
from sessions_hub.lifecycle.describe import describe_device
from sessions_hub.lifecycle.exceptions import NotChanged
from sessions_hub.lifecycle.guard import database
from sessions_hub.lifecycle.own_actions import END_OTHER_SESSIONS
from sessions_hub.models import Device, Session, SessionDevice

from .errors import NoSuchDevice, OverAlready
from .formats import Identifier, Moment, time_or_null, time_text
from .ids import id_in
from .own import OwnViewSet
from .parameters import PAGES, filtered, one_of, ordering_in
from .places import AgentObject, agent_object
from .requests import DevicePatch


class DeviceObject(AgentObject):
    """One device; the client is the latest seen on it."""

    object: Literal["device"]
    id: Identifier
    current: bool
    name: str
    trusted: bool
    trusted_at: Moment | None
    first_seen_at: Moment
    last_seen_at: Moment
    forgotten_at: Moment | None


def device_object(device: Device, *, is_current: bool) -> DeviceObject:
    """A device of which it is known whether the current session is used on it."""
    return {
        "object": "device",
        "id": str(device.pk),
        "current": is_current,
        "name": device.name,
        "trusted": device.trusted_at is not None,
        "trusted_at": time_or_null(device.trusted_at),
        "first_seen_at": time_text(device.first_seen_at),
        "last_seen_at": time_text(device.last_seen_at),
        "forgotten_at": time_or_null(device.forgotten_at),
        **agent_object(device),
    }


class DeviceViewSet(OwnViewSet):
    """One's own devices. Nobody else's exist here."""

    required_scopes = {
        "list": {Scope.DEVICES_READ},
        "retrieve": {Scope.DEVICES_READ},
        "partial_update": {Scope.DEVICES_WRITE},
        "destroy": {Scope.DEVICES_WRITE},
    }

    def get_queryset(self) -> QuerySet[Device]:
        here = SessionDevice.objects.filter(device=OuterRef("pk"), session=self.current_id)
        mine = Device.objects.using(database()).filter(user=self.user.pk)
        return mine.annotate(is_current=Exists(here))

    def get_object(self) -> Device:
        if (pk := id_in(self.kwargs["pk"])) is None:
            raise NoSuchDevice
        try:
            return self.get_queryset().get(pk=pk)
        except Device.DoesNotExist:
            raise NoSuchDevice from None

    def list(self, request: Request) -> Response:
        """Mine, the newest first, in pages; without the forgotten ones unless asked for."""
        given = request.query_params
        rows = filtered(self.get_queryset(), given, {"forgotten": _if_forgotten}, PAGES)
        if "forgotten" not in given:
            rows = _if_forgotten(rows, "false")
        page = self.page_of(rows, ordering_in(given))
        return self.get_paginated_response([self._shown(device) for device in page])

    def retrieve(self, request: Request, pk: str) -> Response:
        """One of mine, also when it is forgotten: sessions go on naming it."""
        return Response(self._shown(self.get_object()))

    def partial_update(self, request: Request, pk: str) -> Response:
        """Name one of mine, or say whether it is trusted."""
        device = self.get_object()
        self.refuse_impersonation()
        patch = DevicePatch(data=request.data)
        patch.is_valid(raise_exception=True)
        try:
            describe_device(device, **patch.values, now=self.now)
        except NotChanged as error:
            raise OverAlready from error
        return Response(self._shown(self.get_object()))

    def destroy(self, request: Request, pk: str) -> Response:
        """Forget one of mine and end its sessions; 204 also when it was forgotten already.

        Where sessions end by it that are not the current one, a fresh proof is asked for
        as where they are ended one by one.
        """
        device = self.get_object()
        self.refuse_impersonation()
        ending = Session.objects.using(database()).active(self.now)
        ending = ending.filter(user=self.user.pk, session_devices__device=device)
        if ending.except_for(self.current_id).exists():
            self.ask_for_proof(END_OTHER_SESSIONS)
        forget_device(device, by=self.user, now=self.now)
        if _is_current(device) and self.bearer is None:
            logout(request._request)
        return Response(status=204)

    def _shown(self, device: Device) -> DeviceObject:
        return device_object(device, is_current=_is_current(device))


def _is_current(device: Device) -> bool:
    # Annotated by get_queryset().
    return bool(getattr(device, "is_current", False))


def _if_forgotten(rows: QuerySet[Device], value: str) -> QuerySet[Device]:
    is_known = one_of(("true", "false"), value) == "false"
    return rows.filter(forgotten_at__isnull=is_known)
