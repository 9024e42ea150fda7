"""One's own devices."""

from __future__ import annotations

from sessions_hub.api.devices import DeviceObject
from sessions_hub.api.requests import DevicePatch

from .examples import DEVICE, page
from .hints import Page
from .operation import Answer, Body, Operation, Parameter
from .parameters import ORDERING, PAGES

TAG = "Devices"
FORGOTTEN = Parameter(
    "forgotten",
    "The forgotten ones alone; the others by default.",
    {"type": "string", "enum": ["true", "false"]},
)

LIST = Operation(
    id="hub_list_devices",
    tag=TAG,
    summary="List one's own devices",
    description="Newest first, in pages.",
    parameters=(FORGOTTEN, *PAGES, ORDERING),
    answers={200: Answer("A page.", Page(DeviceObject, "HubDevicePage"), page(DEVICE))},
    problems={400: ("invalid",)},
)
RETRIEVE = Operation(
    id="hub_get_device",
    tag=TAG,
    summary="One of one's own devices",
    description="Also one that is forgotten: sessions go on naming it.",
    answers={200: Answer("The device.", DeviceObject, DEVICE)},
    problems={404: ("not_found",)},
)
PATCH = Operation(
    id="hub_update_device",
    tag=TAG,
    summary="Name a device, or say whether it is trusted",
    description="Trust changes no assurance level.",
    body=Body((DevicePatch,), {"both": {"name": "my laptop", "trusted": True}}),
    answers={200: Answer("The device as it is now.", DeviceObject, DEVICE)},
    problems={403: ("impersonation",), 404: ("not_found",), 409: ("over",)},
)
DESTROY = Operation(
    id="hub_forget_device",
    tag=TAG,
    summary="Forget a device and end its sessions",
    description=(
        "204 also when it was forgotten already. Where other sessions are on it, a fresh proof is "
        "asked for."
    ),
    answers={204: Answer("It is forgotten.")},
    problems={403: ("impersonation", "reauthentication_required"), 404: ("not_found",)},
)

OPERATIONS = {"list": LIST, "retrieve": RETRIEVE, "partial_update": PATCH, "destroy": DESTROY}
