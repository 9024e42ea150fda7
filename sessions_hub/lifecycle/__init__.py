"""Who writes rows, and when. What other code calls is importable from here."""

from __future__ import annotations

from .current import acurrent_session, current_session
from .end import aend_session, aend_sessions, end_session, end_sessions
from .exceptions import (
    NotSignedIn,
    SessionNotEnded,
    SessionNotRecorded,
    SessionsHubError,
    TooManySessions,
    Unavailable,
)
from .extend import Extension, aextend_session, extend_session
from .forget import aforget_device, forget_device
from .forward import ForwardingDenied, aforward_client, forward_client
from .policy import Refusal
from .start import astart_session, start_session

__all__ = [
    "Extension",
    "ForwardingDenied",
    "NotSignedIn",
    "Refusal",
    "SessionNotEnded",
    "SessionNotRecorded",
    "SessionsHubError",
    "TooManySessions",
    "Unavailable",
    "acurrent_session",
    "aend_session",
    "aend_sessions",
    "aextend_session",
    "aforget_device",
    "aforward_client",
    "astart_session",
    "current_session",
    "end_session",
    "end_sessions",
    "extend_session",
    "forget_device",
    "forward_client",
    "start_session",
]
