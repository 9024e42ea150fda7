"""Ending a session by its token (RFC 7009)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth import logout
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from sessions_hub.credentials.scopes import Scope
from sessions_hub.credentials.secrets import has_prefix
from sessions_hub.lifecycle import current_session, end_session
from sessions_hub.lifecycle.audit import Actor
from sessions_hub.lifecycle.bearer import Bearer, find_bearer
from sessions_hub.lifecycle.guard import database
from sessions_hub.lifecycle.impersonation_rules import is_impersonation
from sessions_hub.lifecycle.own_actions import END_SESSION, proof_needed
from sessions_hub.lifecycle.signed import active_token
from sessions_hub.lifecycle.staff import end_one
from sessions_hub.models import EndReason, Session

from .base import TokenView
from .errors import NotWhileImpersonating, ReauthenticationRequired
from .permissions import InsufficientScope


class RevokeView(TokenView):
    """Ends the session of a token, with all its other tokens: for its user, and for staff with
    the permission `sessions_hub.end_session`.

    200 as well for what is no valid token: there is nothing to end (RFC 7009 §2.2). A
    service that was handed a token cannot end its session: it is nobody's sign-in here. A program
    ends its own session with its own secret, whatever scopes it has.
    """

    required_scopes: frozenset[Scope] = frozenset()

    def post(self, request: Request) -> Response:
        now = timezone.now()
        session_id = _named(self.token_of(request), now)
        session = None if session_id is None else _session(session_id)
        if session is not None:
            _end(request, session, now)
        return Response(status=200)


@sensitive_variables("text", "token")
def _named(text: str, now: datetime) -> UUID | None:
    """The live session of a token: of a secret or a signed one."""
    if has_prefix(text):
        bearer = find_bearer(text, now)
        return None if bearer is None else bearer.session_id
    token = active_token(text, now=now)
    return None if token is None else UUID(token.session_id)


def _session(session_id: UUID) -> Session | None:
    rows = Session.objects.using(database()).select_related("user")
    return rows.filter(pk=session_id).first()


def _end(request: Request, session: Session, now: datetime) -> None:
    user: Any = request.user
    current = current_session(request)
    if current is not None and current.pk == session.pk:
        # Signing out, as with DELETE; it tells by itself who acted as the user.
        if not session.is_impersonation:
            end_session(session, reason=EndReason.SIGNED_OUT, by=user, now=now)
        if not isinstance(request.auth, Bearer):
            logout(request._request)
        return
    is_own = session.user_id == user.pk
    is_staff = getattr(user, "is_staff", False) and user.has_perm("sessions_hub.end_session")
    if not is_own and not is_staff:
        raise PermissionDenied
    needed = Scope.SESSIONS_WRITE if is_own else Scope.STAFF
    if isinstance(request.auth, Bearer) and needed not in request.auth.scopes:
        raise InsufficientScope([needed])
    if is_impersonation(request):
        raise NotWhileImpersonating
    if not is_own:
        end_one(session, Actor.of(request._request), now=now)
        return
    if (lacking := proof_needed(request, END_SESSION)) is not None:
        raise ReauthenticationRequired(lacking)
    end_session(session, reason=EndReason.REVOKED_BY_USER, by=user, now=now)
