"""Lending `request.user` the user that was read along with the verdict.

The user lies in the request's state, for one use: while `request.user` (or
`await request.auser()`) of that very request is worked out, a context variable
names the state, and the backend takes the user from there instead of asking the
database. Other requests, threads and tasks, and whoever else calls the backend,
find nothing.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from functools import cache, partial
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject, empty
from django.utils.module_loading import import_string

from . import link
from .joined import why_not_joined
from .state import RequestState

# Set to None afterwards, never `reset()`: that fails in another thread's context.
_asking: ContextVar[RequestState | None] = ContextVar("sessions_hub_asking", default=None)


def wants_user(request: HttpRequest, tie: link.Link, alias: str) -> bool:
    """Whether the session's backend takes a user that is read along with the verdict."""
    return (
        tie.backend in settings.AUTHENTICATION_BACKENDS
        and takes_users(tie.backend)
        and _is_unread(request.__dict__.get("user"))
        and not why_not_joined(alias)
    )


def any_takes_users() -> bool:
    """Whether one of the site's backends takes users that are read along."""
    return any(map(takes_users, settings.AUTHENTICATION_BACKENDS))


@cache
def takes_users(path: str) -> bool:
    """Whether a backend, by its dotted path, takes users that are read along."""
    try:
        return bool(getattr(import_string(path), "takes_verdict_user", False))
    # A module of the site's own may fail in any way. Django says so where it matters.
    except Exception:  # noqa: BLE001
        return False


def lend(request: HttpRequest, state: RequestState) -> None:
    """Make `request.user` and `request.auser()` look into the state first."""
    lazy = request.__dict__.get("user")
    if not _is_unread(lazy):
        state.user = None
        return
    # In its place, rather than another lazy object: earlier middleware may hold this one.
    inside = lazy.__dict__
    inside["_setupfunc"] = partial(_work_out, request, state, inside["_setupfunc"])
    if (auser := request.__dict__.get("auser")) is not None:
        request.auser = partial(_awork_out, request, state, auser)


def take_user(user_id: Any) -> Any:
    """The user that was read along for the request that asks; None where there is none.

    Called by authentication backends, which go on to judge the user as if they had
    read it themselves.
    """
    state = _asking.get()
    if state is None:
        return None
    # One step, so that of two threads one gets it.
    user = state.__dict__.pop("user", None)
    if user is None or user.pk != user_id:
        return None
    manager = get_user_model()._default_manager
    is_the_same = type(user) is manager.model and user._state.db == manager.db
    return user if is_the_same else None


def _is_unread(user: Any) -> bool:
    return type(user) is SimpleLazyObject and user._wrapped is empty


def _is_still_valid(request: HttpRequest, state: RequestState) -> bool:
    """Whether the request is in the session the user was read for."""
    row = state.row
    return (
        row is not None
        and state.session_id == row.id
        and getattr(request, "session", None) is state.session
    )


def _work_out(request: HttpRequest, state: RequestState, read: Callable[[], Any]) -> Any:
    if not _is_still_valid(request, state):
        return read()
    _asking.set(state)
    try:
        return read()
    finally:
        _asking.set(None)
        state.user = None


async def _awork_out(
    request: HttpRequest, state: RequestState, read: Callable[[], Awaitable[Any]]
) -> Any:
    if not _is_still_valid(request, state):
        return await read()
    _asking.set(state)
    try:
        return await read()
    finally:
        _asking.set(None)
        state.user = None
