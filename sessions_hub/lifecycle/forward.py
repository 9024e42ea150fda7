"""Forwarding the end user's client: a server that signs people in hands on what it saw."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from asgiref.sync import sync_to_async
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from sessions_hub.capture import given_snapshot

from .devices import cookie_name, presented_key
from .exceptions import SessionsHubError
from .state import plain_request, state_of

PERMISSION = "sessions_hub.forward_client"

logger = logging.getLogger(__name__)


class ForwardingDenied(SessionsHubError, PermissionDenied):
    """The caller may not say whose client a request stands for. Django answers 403."""


def forward_client(
    request: HttpRequest,
    *,
    address: str,
    user_agent: str,
    client_hints: Mapping[str, str] | None = None,
    device_cookie: str | None = None,
    caller: Any = None,
) -> None:
    """Take this request for one of the end user's client, not of the server that sends it.

    For sites rendered on a server: call it before `django.contrib.auth.login()`, and
    session, device and place of use tell the end user's client. On later requests of
    that session call it anywhere in the view. It holds for this request only, and no
    header does the same by itself.

    `address` and `user_agent` are those the server saw, `client_hints` headers by name
    (unknown ones are left out), `device_cookie` the value of the end user's own device
    cookie. The device cookie of the request itself is not looked at: it is the server's.
    `caller` is the user the server acts as, by default `request.user`.

    Raises ForwardingDenied (a PermissionDenied) unless the caller is active and has the
    permission `sessions_hub.forward_client`, ValueError when `address` is no IP address,
    and RuntimeError after somebody else than the caller has signed in.
    """
    caller = getattr(request, "user", None) if caller is None else caller
    plain = plain_request(request)
    assert plain is not None  # noqa: S101 - for the type checker
    state = state_of(plain)
    if not _may_forward(caller):
        raise ForwardingDenied(
            f"The permission {PERMISSION} is needed to forward the client of an end user, and "
            "an active user who has it."
        )
    if state.started and state.proven is not None and state.proven.user_id != caller.pk:
        raise RuntimeError("Call forward_client() before login(): the session is stored already.")
    state.snapshot = given_snapshot(address, user_agent, client_hints)
    state.is_forwarded = True
    state.forwarded_key = _key(device_cookie)
    logger.info(
        "client_forwarded by=%s address=%s",
        caller.pk,
        state.snapshot.address,
        extra={"caller": str(caller.pk), "address": state.snapshot.address},
    )


aforward_client = sync_to_async(forward_client)


def _may_forward(caller: Any) -> bool:
    has_perm = getattr(caller, "has_perm", None)
    if has_perm is None or not getattr(caller, "is_active", False):
        return False
    return bool(has_perm(PERMISSION))


def _key(device_cookie: str | None) -> str | None:
    """The key in the value of a device cookie; None without one, or in a forged one."""
    # A request with nothing but that cookie; over http, so its name has no prefix.
    carrier = HttpRequest()
    value = device_cookie if isinstance(device_cookie, str) else ""
    carrier.COOKIES[cookie_name(carrier) or ""] = value
    return presented_key(carrier)
