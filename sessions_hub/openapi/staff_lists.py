"""Everybody's devices and proofs, for staff."""

from __future__ import annotations

from sessions_hub.api.staff.requests import DeviceFilters, MethodFilters
from sessions_hub.api.staff.serializers import AuthenticationMethodSerializer, DeviceSerializer

from .examples import DEVICE, PROOF, SESSION_ID, page
from .hints import Page
from .operation import Answer, Operation
from .parameters import PAGES
from .staff_sessions import TAG

_UNTOLD = {"object", "current", "trusted", "client_engine", "client_engine_version"}
_DEVICE = {name: value for name, value in DEVICE.items() if name not in _UNTOLD}

DEVICES = Operation(
    id="hub_staff_list_devices",
    tag=TAG,
    summary="List everybody's devices",
    description="Newest first, in pages.",
    inputs=DeviceFilters,
    parameters=PAGES,
    answers={
        200: Answer(
            "A page.",
            Page(DeviceSerializer, "HubStaffDevicePage"),
            page({**_DEVICE, "user_id": "7", "is_bot": False}),
        )
    },
    problems={400: ("invalid",)},
)
METHODS = Operation(
    id="hub_staff_list_proofs",
    tag=TAG,
    summary="List everybody's proofs",
    description=(
        "Newest first, in pages. With `method` alone a page looks through so many proofs and no "
        "more: it may hold fewer than asked for, or none. Follow `next` until it is null."
    ),
    inputs=MethodFilters,
    parameters=PAGES,
    answers={
        200: Answer(
            "A page.",
            Page(AuthenticationMethodSerializer, "HubStaffMethodPage"),
            page({**PROOF, "session_id": SESSION_ID, "user_id": "7", "revoked_at": None}),
        )
    },
    problems={400: ("invalid",)},
)
