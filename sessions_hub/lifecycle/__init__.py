"""Who writes rows, and when. What other code calls is importable from here."""

from __future__ import annotations

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
from .impersonation import (
    astart_impersonation,
    astop_impersonation,
    start_impersonation,
    stop_impersonation,
)
from .impersonation_rules import ImpersonationDenied
from .start import astart_session, start_session

__all__ = [
    "ForwardingDenied",
    "ImpersonationDenied",
    "NotSignedIn",
    "SessionNotEnded",
    "SessionNotRecorded",
    "SessionsHubError",
    "Unavailable",
    "acurrent_session",
    "aend_session",
    "aend_sessions",
    "aforward_client",
    "astart_impersonation",
    "astart_session",
    "astop_impersonation",
    "current_session",
    "end_session",
    "end_sessions",
    "forward_client",
    "start_impersonation",
    "start_session",
    "stop_impersonation",
]
