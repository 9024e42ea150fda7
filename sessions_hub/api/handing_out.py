"""The session that a new credential comes from."""

from __future__ import annotations

from datetime import datetime

from rest_framework.request import Request

from sessions_hub.lifecycle import current_session
from sessions_hub.lifecycle.bearer import Bearer
from sessions_hub.lifecycle.minting import may_hand_out
from sessions_hub.models import Session, SessionType

from .errors import NoCurrentSession, NotRotated, SignInIncomplete


def parent_of(request: Request, now: datetime) -> Session:
    """The session this request is in, where it may hand out credentials.

    They go on when it has ended, so it has to go on itself, also where nobody is refused
    (SESSIONS_HUB_ENFORCE off); and without a second factor that is still missing they would
    be the account without it. Raises NoCurrentSession, NotRotated and SignInIncomplete.
    """
    bearer = request.auth if isinstance(request.auth, Bearer) else None
    if not may_hand_out(bearer):
        raise NotRotated
    parent = current_session(request)
    if parent is None or parent.how_ended(now) is not None:
        raise NoCurrentSession
    if parent.session_type == SessionType.TEMPORARY:
        raise SignInIncomplete
    return parent
