"""The session that a new credential comes from."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from rest_framework.exceptions import APIException
from rest_framework.request import Request

from sessions_hub.lifecycle import minting
from sessions_hub.lifecycle.bearer import Bearer
from sessions_hub.models import Session

from .errors import NoCurrentSession, NotRotated, SignInIncomplete

_PROBLEMS: Mapping[str, type[APIException]] = {
    "not_rotated": NotRotated,
    "no_current_session": NoCurrentSession,
    "sign_in_incomplete": SignInIncomplete,
}


def parent_of(request: Request, now: datetime) -> Session:
    """`minting.parent_of()`. Raises NotRotated, NoCurrentSession and SignInIncomplete."""
    bearer = request.auth if isinstance(request.auth, Bearer) else None
    try:
        return minting.parent_of(request._request, bearer, now)
    except minting.HandsNothingOut as refusal:
        raise _PROBLEMS[refusal.code] from refusal
