"""What packages of social sign-in have been given, and the session it belongs to.

Some tell once somebody is signed in, others before: then it waits in the request for the
sign-in to come. A fault costs what the provider gave, and nobody their sign-in.
"""

from __future__ import annotations

import logging
from typing import Any

from django.http import HttpRequest

from sessions_hub.logs import log_once_a_minute

from .current import current_session
from .factors.base import ProviderGrant
from .provider_record import record_grant
from .state import plain_request, state_of

logger = logging.getLogger(__name__)


def take(request: HttpRequest | Any, user_id: Any, grant: ProviderGrant) -> None:
    """Record what a provider gave for a user, in the session they are in or about to begin.

    Raises Unavailable, and what `record_provider()` raises.
    """
    plain = plain_request(request)
    if plain is None or user_id is None:
        return
    session = current_session(plain)
    if session is not None and session.user_id == user_id:
        # Perhaps an account they connect: it must not become who has signed in.
        record_grant(session.pk, grant, is_sign_in=False)
    else:
        state_of(plain).grant = (user_id, grant)


def record_noted(request: HttpRequest, user_id: Any) -> None:
    """Record what was given in this request before the sign-in that has just happened."""
    state = state_of(request)
    noted, state.grant = state.grant, None
    if noted is None or noted[0] != user_id or state.session_id is None:
        return
    try:
        record_grant(state.session_id, noted[1])
    except Exception:  # noqa: BLE001
        note_failure()


def note_failure() -> None:
    """Log the error being handled; the sign-in it happened in goes on."""
    log_once_a_minute(
        logger,
        logging.ERROR,
        "provider",
        "What a provider gave for a user could not be recorded.",
        exc_info=True,
    )
