"""Who writes rows, and when. What other code calls is importable from here."""

from __future__ import annotations

from sessions_hub.understanding.methods import MethodClaim

from .available import available_level, available_methods
from .current import acurrent_session, current_session
from .end import aend_session, aend_sessions, end_session, end_sessions
from .exceptions import (
    FactorNotRevoked,
    NotSignedIn,
    SessionNotEnded,
    SessionNotRecorded,
    SessionsHubError,
    Unavailable,
)
from .forward import ForwardingDenied, aforward_client, forward_client
from .requirement import Requirement, shortfall
from .revoke import revoke_factor
from .start import astart_session, start_session

__all__ = [
    "FactorNotRevoked",
    "ForwardingDenied",
    "MethodClaim",
    "NotSignedIn",
    "Requirement",
    "SessionNotEnded",
    "SessionNotRecorded",
    "SessionsHubError",
    "Unavailable",
    "acurrent_session",
    "aend_session",
    "aend_sessions",
    "aforward_client",
    "astart_session",
    "available_level",
    "available_methods",
    "current_session",
    "end_session",
    "end_sessions",
    "forward_client",
    "revoke_factor",
    "shortfall",
    "start_session",
]
