"""What the hub knows of the request being served."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest

from sessions_hub.capture import ClientSnapshot
from sessions_hub.models import Session

from .verdicts import VerdictRow

_ATTRIBUTE = "_sessions_hub_state"


@dataclass(slots=True)
class RequestState:
    """Made when the middleware meets the request, or when somebody signs in before it."""

    # True while the middleware serves the request and can answer for it.
    served: bool = False
    # The row the request came with, judged valid.
    row: VerdictRow | None = None
    # The hash the sign-in carried when the request came in.
    auth_hash: str = ""
    # The session this request is in now: the one it came with, or a newer one.
    session_id: UUID | None = None
    # Started in this request, so the client has not got it yet.
    started: bool = False
    # The session as it was proven in this request (started, or proven again).
    proven: Session | None = None
    # The sign-in could not be recorded and was refused.
    refused: bool = False
    # A new device key for the client to keep.
    device_key: str | None = None
    snapshot: ClientSnapshot | None = None


def plain_request(request: Any) -> HttpRequest | None:
    """Django's request inside a DRF one; None for None."""
    plain: HttpRequest | None = getattr(request, "_request", request)
    return plain


def state_of(request: HttpRequest) -> RequestState:
    """The request's state, made on first use."""
    state = request.__dict__.get(_ATTRIBUTE)
    if state is None:
        state = request.__dict__[_ATTRIBUTE] = RequestState()
    return state
