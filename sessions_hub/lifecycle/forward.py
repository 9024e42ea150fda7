"""Forwarding the end user's client: a server that signs people in hands on what it saw."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from asgiref.sync import sync_to_async
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from sessions_hub import events
from sessions_hub.capture import given_snapshot

from .devices import cookie_name, presented_key
from .exceptions import SessionsHubError
from .state import RequestState, plain_request, state_of

PERMISSION = "sessions_hub.forward_client"

# None is a caller too: nobody, as where a token was not found.
_REQUEST_USER: Any = object()


class ForwardingDenied(SessionsHubError, PermissionDenied):
    """The caller may not say whose client a request stands for. Django answers 403."""


def forward_client(
    request: HttpRequest,
    *,
    address: str,
    user_agent: str,
    client_hints: Mapping[str, str] | None = None,
    device_cookie: str | None = None,
    caller: Any = _REQUEST_USER,
) -> None:
    """Take this request for one of the end user's client, not of the server that sends it.

    For sites rendered on a server: call it before `django.contrib.auth.login()`, and
    session, device and place of use tell the end user's client. On later requests of
    that session call it anywhere in the view. It holds for this request only, and no
    header does the same by itself.

    `address` and `user_agent` are those the server saw, `client_hints` headers by name
    (unknown ones are left out), `device_cookie` the value of the end user's own device
    cookie. The device cookie of the request itself is not looked at: it is the server's.
    `caller` is the user the server acts as, by default `request.user`; None is nobody.
    A session of the caller's own shows nothing of the clients it forwards.

    Raises RuntimeError after a sign-in in the same request, unless it was that of the
    user given as `caller`; ForwardingDenied (a PermissionDenied) unless the caller is
    stored, active and has the permission `sessions_hub.forward_client`; ValueError when
    `address` is no IP address. The request is as before then.
    """
    plain = plain_request(request)
    assert plain is not None  # noqa: S101 - for the type checker
    state = state_of(plain)
    if _is_late(state, caller):
        raise RuntimeError(
            "Call forward_client() before login(): the session is stored already. If it is the "
            "server itself that has signed in, name it: caller=request.user."
        )
    if caller is _REQUEST_USER:
        caller = getattr(request, "user", None)
    if not _may_forward(caller):
        raise ForwardingDenied(
            f"The permission {PERMISSION} is needed to forward the client of an end user, and "
            "an active user who has it."
        )
    caller_id = caller.pk
    snapshot = given_snapshot(address, user_agent, client_hints)
    key = _key(device_cookie)
    state.snapshot = snapshot
    state.is_forwarded = True
    state.forwarded_key = key
    # One that this request has got so far is the server's: it is no end user's.
    state.device_key = None
    state.forwarded_by = caller_id if isinstance(caller, get_user_model()) else None
    events.emit(events.CLIENT_FORWARDED, actor_id=caller_id, address=snapshot.address)


aforward_client = sync_to_async(forward_client)


def _is_late(state: RequestState, caller: Any) -> bool:
    """Whether somebody has signed in in this request who is not known to be the caller."""
    if state.proven is None:
        return False
    # After login() `request.user` may be the end user. An object of another kind may have
    # the same key by chance.
    is_own = isinstance(caller, get_user_model()) and caller.pk == state.proven.user_id
    return not is_own


def _may_forward(caller: Any) -> bool:
    has_perm = getattr(caller, "has_perm", None)
    if has_perm is None or not getattr(caller, "is_active", False):
        return False
    if getattr(caller, "pk", None) is None:
        # The log could not tell who it was.
        return False
    return bool(has_perm(PERMISSION))


def _key(device_cookie: str | None) -> str | None:
    """The key in the value of a device cookie; None without one, or in a forged one."""
    # A request with nothing but that cookie; over http, so its name has no prefix.
    carrier = HttpRequest()
    value = device_cookie if isinstance(device_cookie, str) else ""
    carrier.COOKIES[cookie_name(carrier) or ""] = value
    try:
        return presented_key(carrier)
    except UnicodeEncodeError:
        # A lone surrogate, which JSON can carry and no cookie can.
        return None
