"""What a signed token is for. One type each, so that none passes for another (RFC 8725 §3.11)."""

from __future__ import annotations

from enum import StrEnum


class Purpose(StrEnum):
    """The `typ` of each kind of token (RFC 7515 §4.1.9), as it stands in the header."""

    # A session, for a service that asks nobody else.
    SESSION = "session+jwt"
    # An answer about a token (RFC 9701 §4).
    INTROSPECTION = "token-introspection+jwt"
    # That somebody has just proven more.
    STEP_UP = "step-up+jwt"
    # That a session is over (OpenID Connect Back-Channel Logout 1.0 §2.4).
    LOGOUT = "logout+jwt"
