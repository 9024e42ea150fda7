"""Sign-ins of another Django session than the one the request came with.

A view may put one in place while it works and put the browser's back behind it, as APIs
for apps do: then neither is to be taken for the other. Or it stays, and has replaced it.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase

from sessions_hub.models import EndReason

from .end import end_session
from .state import RequestState, set_state, state_of

# What is the request's own, whatever session it is in.
_OF_THE_REQUEST = frozenset(
    {
        *("served", "takes_tokens", "bearer", "answer", "grant"),
        *("snapshot", "is_forwarded", "forwarded_key", "forwarded_by"),
    }
)


def state_of_session(request: HttpRequest) -> RequestState:
    """The request's state; a new one where a view has put another session in place."""
    state = state_of(request)
    if state.handed is None or request.session is state.handed:
        return state
    inner = RequestState()
    for name in _OF_THE_REQUEST & vars(state).keys():
        setattr(inner, name, getattr(state, name))
    inner.handed = request.session
    state.inner = inner
    set_state(request, inner)
    return inner


def settle_swapped(
    request: HttpRequest, response: HttpResponseBase, state: RequestState
) -> RequestState:
    """The state to finish the request by, whose middleware began with `state`.

    Ends the session that has been replaced for good, or one that its client was not told of.
    """
    if (inner := state.inner) is None:
        return state
    state.inner = None
    inner.failed_sign_ins += state.failed_sign_ins
    if getattr(request, "session", None) is inner.handed:
        if state.session_id is not None:
            end_session(state.session_id, reason=EndReason.REPLACED)
        return inner
    set_state(request, state)
    state.failed_sign_ins = inner.failed_sign_ins
    if inner.refused and state.handed is not None:
        # The browser's own has had no part in it, and is what the answer is to carry.
        request.session = state.handed
        state.loaded_key = state.handed.session_key
    state.refused |= inner.refused
    state.too_many |= inner.too_many
    state.device_key = inner.device_key or state.device_key
    if response.status_code >= 500 and inner.started and inner.session_id is not None:
        end_session(inner.session_id, reason=EndReason.REVOKED_BY_POLICY)
    return state
