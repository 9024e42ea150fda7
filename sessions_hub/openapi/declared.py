"""Which operation a view answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sessions_hub.api.devices import DeviceViewSet
from sessions_hub.api.introspect import IntrospectView
from sessions_hub.api.jwks import JwksView
from sessions_hub.api.revoke import RevokeView
from sessions_hub.api.staff.create import StaffSessions
from sessions_hub.api.staff.lists import StaffDeviceViewSet, StaffMethodViewSet
from sessions_hub.api.staff.users import StaffUserViewSet
from sessions_hub.api.viewsets import SessionViewSet

from . import (
    current,
    devices,
    endings,
    history,
    programs,
    sessions,
    staff_lists,
    staff_sessions,
    staff_users,
    tokens,
)
from .operation import Operation

OWN = {
    **sessions.OPERATIONS,
    **current.OPERATIONS,
    **programs.OPERATIONS,
    **endings.OPERATIONS,
    **history.OPERATIONS,
}

# By the view, and by its action or its method.
OPERATIONS: Mapping[type, Mapping[str, Operation]] = {
    SessionViewSet: OWN,
    DeviceViewSet: devices.OPERATIONS,
    IntrospectView: {"post": tokens.INTROSPECT},
    RevokeView: {"post": tokens.REVOKE},
    JwksView: {"get": tokens.JWKS},
    StaffSessions: staff_sessions.OPERATIONS,
    StaffDeviceViewSet: {"list": staff_lists.DEVICES},
    StaffMethodViewSet: {"list": staff_lists.METHODS},
    StaffUserViewSet: staff_users.OPERATIONS,
}


def declared(view: Any, method: str) -> Operation | None:
    """The operation of a view; None where it has none."""
    name = getattr(view, "action", None) or method.lower()
    for ancestor in type(view).__mro__:
        if ancestor in OPERATIONS:
            return OPERATIONS[ancestor].get(name)
    return None
