"""What the hub knows of the request being served."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest

from sessions_hub.capture import ClientSnapshot
from sessions_hub.models import Session
from sessions_hub.understanding.methods import MethodClaim

from .binding import Move
from .factors.base import ProviderAnswer, ProviderGrant
from .suspended import Suspended
from .verdicts import VerdictRow

if TYPE_CHECKING:
    from .bearer import Bearer

_ATTRIBUTE = "_sessions_hub_state"


class RequestState:
    """Made when the middleware meets the request, or when somebody signs in before it.

    The values below are every request's until it sets its own.
    """

    # The API credential the request was authenticated by, instead of the Django session.
    bearer: Bearer | None = None
    # The view lets programs in by such a credential.
    takes_tokens: bool = False
    # True while the middleware serves the request and can answer for it.
    served: bool = False
    # The row the request came with, judged valid.
    row: VerdictRow | None = None
    # Where the request came from, when that is a move that is only recorded.
    move: Move | None = None
    # Its user, read along with it. Single use: see lend.py.
    user: Any = None
    # The Django session it was judged by.
    session: SessionBase | None = None
    # The one it came with, also where it is not judged (SESSIONS_HUB_EXEMPT_PATHS).
    presented: SessionBase | None = None
    # The one the view was handed, and what became of another that a view put in its place.
    handed: SessionBase | None = None
    inner: RequestState | None = None
    # The key the client presented, when something was stored under it.
    loaded_key: str | None = None
    # The hash the sign-in carried when the request came in.
    auth_hash: str = ""
    # The session this request is in now: the one it came with, or a newer one.
    session_id: UUID | None = None
    # Started in this request, so the client has not got it yet.
    started: bool = False
    # The session as it was proven in this request (started, or proven again).
    proven: Session | None = None
    # The methods it was proven with.
    proven_with: tuple[MethodClaim, ...] = ()
    # What was started or proven here has been committed.
    stored: bool = False
    # The key is to change once the answer is known to be saved.
    rotate: bool = False
    # The session whose replaced secret this request has presented.
    reused_id: UUID | None = None
    # The session that was signed out of in this request.
    ended_id: UUID | None = None
    # The own session behind the impersonation this request is in, and its row as judged.
    suspended: Suspended | None = None
    own: Session | None = None
    # The own session that this request has gone back to.
    returned: Suspended | None = None
    # A sign-in or sign-out could not be stored and was refused.
    refused: bool = False
    # It was refused because its user has too many sessions.
    too_many: bool = False
    # The session that Django took apart for the refused one.
    lost_id: UUID | None = None
    # What another site has answered in this request, of whoever signs in by it.
    answer: ProviderAnswer | None = None
    # What another site gave in this request for the user who is about to sign in by it,
    # with that user's primary key.
    grant: tuple[Any, ProviderGrant] | None = None
    # The password being asked for is to prove a session again, not to sign in.
    is_proving_again: bool = False
    # Sign-ins that failed in this request and are not counted yet.
    failed_sign_ins: int = 0
    # A new device key for the client to keep.
    device_key: str | None = None
    snapshot: ClientSnapshot | None = None
    # The snapshot is of an end user's client that the sending server has described,
    # with the device key of that client's own cookie.
    is_forwarded: bool = False
    forwarded_key: str | None = None
    # Primary key of the user who described it; None when that is no user of the site's model.
    forwarded_by: Any = None

    @property
    def current_id(self) -> UUID | None:
        """The session of the credential that authenticated the request, where known."""
        return self.session_id if self.bearer is None else self.bearer.session_id

    @property
    def is_idle(self) -> bool:
        """Whether the request leaves nothing to write."""
        return (
            self.session_id is None
            and self.ended_id is None
            and self.reused_id is None
            and not self.refused
            and not self.failed_sign_ins
            and self.inner is None
        )


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


def set_state(request: HttpRequest, state: RequestState) -> None:
    """Make this the request's state."""
    request.__dict__[_ATTRIBUTE] = state


# The state of the request being served. A password is saved by code that has no request
# at hand, and the session it is changed in is not to end.
_served: ContextVar[RequestState | None] = ContextVar("sessions_hub_served", default=None)


def served_state() -> RequestState | None:
    """The state of the request the middleware is serving in this thread or task."""
    return _served.get()


def serve(state: RequestState | None) -> RequestState | None:
    """Say which request is being served, or that none is; return the one before.

    Put that back when it is over. Not by a token, which another thread cannot reset.
    """
    before = _served.get()
    _served.set(state)
    return before
