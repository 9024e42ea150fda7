"""What users do to their own sessions and may have to prove themselves for (ASVS 7.5.2)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from sessions_hub import events
from sessions_hub.conf import conf

from .available import askable, has_password
from .requirement import Requirement, Shortfall, shortfall
from .state import plain_request, state_of

__all__ = [
    "ACTIONS",
    "CREATE_API_KEY",
    "DOWNLOAD_DATA",
    "END_OTHER_SESSIONS",
    "END_SESSION",
    "proof_needed",
]

# Ending one other session of one's own, and all others.
END_SESSION = "end_session"
END_OTHER_SESSIONS = "end_other_sessions"
# Making an API key, which goes on when this session has ended.
CREATE_API_KEY = "create_api_key"
# Taking away all that is known of oneself: addresses and places of months.
DOWNLOAD_DATA = "download_data"
ACTIONS = frozenset({END_SESSION, END_OTHER_SESSIONS, CREATE_API_KEY, DOWNLOAD_DATA})


def proof_needed(request: HttpRequest | Any, action: str) -> Shortfall | None:
    """What the request's session lacks for one of the user's own actions; None: go ahead.

    Asks for what SESSIONS_HUB_REAUTHENTICATE_FOR names, and only those this site can
    ask: of a user without a password, a code or a key (single sign-on, a web server's
    user) nothing could be had, and the action goes through with an event.
    """
    if action not in conf.SESSIONS_HUB_REAUTHENTICATE_FOR:
        return None
    lacking = shortfall(request, Requirement("aal1", conf.SESSIONS_HUB_REAUTHENTICATE_MAX_AGE))
    if lacking is None:
        return None
    plain = plain_request(request)
    user = getattr(plain, "user", None)
    if plain is None or has_password(user) or askable(user):
        return lacking
    events.emit(
        events.PROOF_NOT_POSSIBLE,
        session_id=state_of(plain).session_id,
        user_id=getattr(user, "pk", None),
        action=action,
    )
    return None
