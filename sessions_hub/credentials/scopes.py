"""The hub's own scopes: what a token may do with this API."""

from __future__ import annotations

from enum import StrEnum


class Scope(StrEnum):
    """What tokens are given, as RFC 6749 §3.3 writes them. Web sessions need none."""

    SESSIONS_READ = "sessions:read"
    SESSIONS_WRITE = "sessions:write"
    DEVICES_READ = "devices:read"
    DEVICES_WRITE = "devices:write"
    # For members of staff, on top of their permissions.
    STAFF = "staff"
    INTROSPECT = "introspect"
