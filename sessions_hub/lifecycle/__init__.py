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
from .start import astart_session, start_session

__all__ = [
    "NotSignedIn",
    "SessionNotEnded",
    "SessionNotRecorded",
    "SessionsHubError",
    "Unavailable",
    "acurrent_session",
    "aend_session",
    "aend_sessions",
    "astart_session",
    "current_session",
    "end_session",
    "end_sessions",
    "start_session",
]
