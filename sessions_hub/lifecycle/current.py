"""The session a request is in."""

from __future__ import annotations

from functools import partial

from asgiref.sync import sync_to_async
from django.contrib.auth import get_user_model
from django.db import Error as DatabaseFault
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from sessions_hub.models import Session

from . import link
from .exceptions import Unavailable
from .guard import database
from .state import plain_request, state_of
from .verdicts import is_held


def current_session(request: HttpRequest) -> Session | None:
    """The hub session of a request, with its user; None for a visitor not signed in.

    One SELECT (and Django's own for the user, whose credentials it checks).
    Where the middleware does not serve the request, the row itself is judged. Raises
    Unavailable, which the middleware answers with 503, when the database does not tell.
    """
    try:
        return _current_session(request)
    except DatabaseFault as error:
        raise Unavailable("The session could not be read; try again.") from error


def _current_session(request: HttpRequest) -> Session | None:
    plain = plain_request(request)
    if plain is None:
        return None
    user = getattr(plain, "user", None)
    if not isinstance(user, get_user_model()) or not user.is_authenticated:
        return None
    if (bearer := state_of(plain).bearer) is not None:
        # Judged when it was presented. Whoever has set another user since is not in it.
        rows = Session.objects.using(database()).select_related("user")
        return rows.filter(pk=bearer.session_id, user=user.pk).first()
    django_session = getattr(plain, "session", None)
    if django_session is None:
        return None
    tie = link.read(django_session)
    if tie is None or tie.marker is None or tie.user_id != str(user.pk):
        return None
    session = (
        Session.objects.using(database())
        .select_related("user")
        .filter(pk=tie.marker.session_id, user=user.pk)
        .first()
    )
    if session is None or state_of(plain).session_id == session.pk:
        return session
    return session if session.is_active(timezone.now()) and not is_held(session) else None


acurrent_session = sync_to_async(current_session)


def attach(request: HttpRequest) -> None:
    """Give the request `hub_session` (lazy) and `ahub_session()`."""
    request.hub_session = SimpleLazyObject(partial(current_session, request))  # type: ignore[attr-defined]
    request.ahub_session = partial(acurrent_session, request)  # type: ignore[attr-defined]
