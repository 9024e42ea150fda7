"""Every page of the hub that people look at, by the name of its pictures."""

from __future__ import annotations

BASE = "/admin/sessions_hub"
LIST = f"{BASE}/session/"
ADMIN = {
    "admin-sessions": LIST,
    "admin-session-filters": f"{LIST}?status=active&device_kind=phone&country=Japan",
    "admin-story": f"{LIST}{{session}}/change/",
    "admin-story-ended": f"{LIST}{{ended}}/change/",
    "admin-end": f"{LIST}{{session}}/end/",
    "admin-extend": f"{LIST}{{session}}/extend/",
    "admin-end-user": f"{LIST}end/?user={{user}}",
    "admin-end-device": f"{LIST}end/?device={{device}}",
    "admin-end-network": f"{LIST}end/?network=203.0.113.0/24",
    "admin-end-nothing": f"{LIST}end/?network=10.9.9.9",
    "admin-overview": f"{LIST}overview/",
    "admin-overview-wrong": f"{LIST}overview/?since=2026-01-02&until=2026-01-01",
    "admin-devices": f"{BASE}/device/",
    "admin-device": f"{BASE}/device/{{device}}/change/",
    "admin-methods": f"{BASE}/authenticationmethod/",
    "admin-method": f"{BASE}/authenticationmethod/{{method}}/change/",
    "admin-user": "/admin/{user_page}/{user}/change/",
    "impersonate": "/account/impersonate/{user}/",
}
ACCOUNT = {
    "sessions": "/account/sessions/",
    "ended": "/account/sessions/ended/",
    "end-others": "/account/sessions/end-others/",
    "end": "/account/sessions/{session}/end/",
    "not-me": "/account/sessions/{session}/not-me/",
    "devices": "/account/devices/",
    "device": "/account/devices/{device}/",
    "forget": "/account/devices/{device}/forget/",
    "api-keys": "/account/api-keys/",
    "api-key-new": "/account/api-keys/new/",
    "data": "/account/data/",
    "not-me-of-a-mail": "/account/not-me/{token}/",
    "reauthenticate": "/account/reauthenticate/?next=/account/sessions/",
}
