"""Who a request is signed in as, in all the places Django remembers it."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.http import HttpRequest
from django.middleware.csrf import rotate_token

from . import link


def set_user(request: HttpRequest, user: Any) -> None:
    """Set the request's user, and all that remembers it."""

    async def auser() -> Any:
        return user

    request.user = user
    request.auser = auser
    request._cached_user = user  # type: ignore[attr-defined]
    request._acached_user = user  # type: ignore[attr-defined]


def sign_in_as(request: HttpRequest, user: Any, backend: str) -> None:
    """Sign an emptied session in: what login() does, without its signal."""
    session = request.session
    session[SESSION_KEY] = link.user_id_of(user)
    session[BACKEND_SESSION_KEY] = backend
    session[HASH_SESSION_KEY] = link.auth_hash_of(user)
    set_user(request, user)
    rotate_token(request)
