"""The session that a new credential comes from."""

from __future__ import annotations

from datetime import datetime

from rest_framework.request import Request

from sessions_hub.lifecycle import current_session
from sessions_hub.lifecycle.bearer import Bearer
from sessions_hub.lifecycle.incomplete import NOT_TO_RELY_ON
from sessions_hub.lifecycle.minting import may_hand_out
from sessions_hub.models import Session

from .errors import NoCurrentSession, NotRotated, SignInIncomplete


def parent_of(request: Request, now: datetime) -> Session:
    """The session this request is in, where it may hand out credentials.

    They go on when it has ended, so it has to go on itself, also where nobody is refused
    (SESSIONS_HUB_ENFORCE off); and what is short-lived for want of a second factor, or of
    more than a link in a mail, must not last by them. Raises NoCurrentSession, NotRotated
    and SignInIncomplete.
    """
    bearer = request.auth if isinstance(request.auth, Bearer) else None
    if not may_hand_out(bearer):
        raise NotRotated
    parent = current_session(request)
    if parent is None or parent.how_ended(now) is not None:
        raise NoCurrentSession
    if parent.session_type in NOT_TO_RELY_ON:
        raise SignInIncomplete
    return parent
