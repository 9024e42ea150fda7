"""Who writes rows, and when. What other code calls is importable from here."""

from __future__ import annotations

from sessions_hub.tombstones import Ends, watch_ends

from .current import acurrent_session, current_session
from .end import aend_session, aend_sessions, end_session, end_sessions
from .exceptions import (
    NotSignedIn,
    SessionNotEnded,
    SessionNotRecorded,
    SessionsHubError,
    Unavailable,
)
from .forward import ForwardingDenied, aforward_client, forward_client
from .start import astart_session, start_session
from .tenants import TenantNotSwitched, aswitch_tenant, switch_tenant
from .verify import averify, verify

__all__ = [
    "Ends",
    "ForwardingDenied",
    "NotSignedIn",
    "SessionNotEnded",
    "SessionNotRecorded",
    "SessionsHubError",
    "TenantNotSwitched",
    "Unavailable",
    "acurrent_session",
    "aend_session",
    "aend_sessions",
    "aforward_client",
    "astart_session",
    "aswitch_tenant",
    "averify",
    "current_session",
    "end_session",
    "end_sessions",
    "forward_client",
    "start_session",
    "switch_tenant",
    "verify",
    "watch_ends",
]
