"""What answers look like."""

from __future__ import annotations

from typing import Any

AGENT: dict[str, Any] = {
    "user_agent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) … Chrome/142.0.0.0 Safari/537.36",
    "os_code": "WIN",
    "os_name": "Windows",
    "os_version": "10",
    "client_type": "browser",
    "client_code": "CH",
    "client_name": "Chrome",
    "client_version": "142.0",
    "client_engine": "Blink",
    "client_engine_version": "142.0.0.0",
    "device_type": "desktop",
    "device_brand": "",
    "device_model": "",
}
SESSION_ID = "01979f6e-3a00-7cc1-8f3e-2f9f3a1b5c01"
DEVICE_ID = "01979f6e-3a00-7cc1-8f3e-2f9f3a1b5c02"
CLIENT: dict[str, Any] = {
    "ip": "192.0.2.9",
    **AGENT,
    "device_id": DEVICE_ID,
    "device_name": "my laptop",
    "country_code": "DE",
    "country_name": "Germany",
    "location": "Berlin",
}
PLACE: dict[str, Any] = {
    "id": "01979f6e-3a00-7cc1-8f3e-2f9f3a1b5c03",
    **CLIENT,
    "first_seen_at": "2026-05-01T12:00:00Z",
    "last_seen_at": "2026-05-01T12:34:56Z",
}
PROOF: dict[str, Any] = {
    "id": "01979f6e-3a00-7cc1-8f3e-2f9f3a1b5c04",
    "method": "password",
    "assurance_level": "aal1",
    "completed_at": "2026-05-01T12:00:00Z",
    "provider": "",
    "provider_uid": "",
    "organization": "",
    "upstream_acr": "",
    "upstream_amr": [],
}
SESSION: dict[str, Any] = {
    "object": "session",
    "id": SESSION_ID,
    "active": True,
    "current": True,
    "status": "active",
    "session_type": "regular_login",
    "name": "",
    "user_id": "7",
    "user": {"id": "7", "username": "ada", "display": "Ada Lovelace"},
    "tenant_id": "",
    "workspace_id": "",
    "audience": "",
    "scopes": [],
    "metadata": {"colour": "blue"},
    "issued_at": "2026-05-01T12:00:00Z",
    "authenticated_at": "2026-05-01T12:00:00Z",
    "mfa_updated_at": None,
    "last_used_at": "2026-05-01T12:34:56Z",
    "updated_at": "2026-05-01T12:34:56Z",
    "expires_at": "2026-05-15T12:00:00Z",
    "idle_expires_at": "2026-05-15T12:00:00Z",
    "max_age_minutes": 20160,
    "ended_at": None,
    "end_reason": "",
    "ended_by": None,
    "assurance_level": "aal1",
    "auth_method": "password",
    "factors": ["password"],
    "amr": ["pwd"],
    "provider": "email",
    "provider_uid": "ada",
    "provider_access_token_expires_at": None,
    "authentication_methods": [PROOF],
    **CLIENT,
    "devices": [PLACE],
    "impersonator": None,
}
SECRET = "shub_1aB2cD3eF4gH5iJ6kL7mN8oP9qR0sT1uV2wX3yZ4aB5cD6e"  # noqa: S105
ISSUED: dict[str, Any] = {
    **SESSION,
    "name": "Shop on my phone",
    "scopes": ["sessions:read"],
    "secret": SECRET,
}
DEVICE: dict[str, Any] = {
    "object": "device",
    "id": DEVICE_ID,
    "current": True,
    "name": "my laptop",
    "trusted": True,
    "trusted_at": "2026-05-01T12:10:00Z",
    "first_seen_at": "2026-05-01T12:00:00Z",
    "last_seen_at": "2026-05-01T12:34:56Z",
    "forgotten_at": None,
    **AGENT,
}


def page(*rows: Any) -> dict[str, Any]:
    """A list that is one page."""
    return {"next": None, "previous": None, "results": list(rows)}
