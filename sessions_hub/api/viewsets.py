"""A user's own sessions."""

from __future__ import annotations

from django.contrib.auth import logout
from django.utils.translation import gettext_lazy as _
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from sessions_hub.credentials.scopes import Scope
from sessions_hub.lifecycle import current_session, end_session, end_sessions
from sessions_hub.lifecycle.bearer import Bearer
from sessions_hub.lifecycle.own_actions import END_OTHER_SESSIONS, END_SESSION
from sessions_hub.models import EndReason, Session, SessionQuerySet, Status

from .errors import (
    NoCurrentSession,
    NoSuchSession,
)
from .forward_auth import demand, identify
from .token_actions import TokenActions
from .tokenized import tokenized


class SessionViewSet(TokenActions):
    """List, read and end one's own sessions. Nobody else's exist here."""

    required_scopes = {
        "list": {Scope.SESSIONS_READ},
        "retrieve": {Scope.SESSIONS_READ},
        "destroy": {Scope.SESSIONS_WRITE},
        "end_others": {Scope.SESSIONS_WRITE},
        "create": {Scope.SESSIONS_WRITE},
        # What every token may: to see what it is, and to change its secret.
        "current": (),
        "rotate": (),
    }

    def of_status(self, queryset: SessionQuerySet) -> SessionQuerySet:
        """All of them, or those of `?status=active|expired|revoked`."""
        match self.request.query_params.get("status"):
            case None:
                return queryset
            case Status.ACTIVE:
                return queryset.active(self.now)
            case Status.EXPIRED:
                return queryset.expired(self.now)
            case Status.REVOKED:
                return queryset.revoked(self.now)
        message = _("Use one of: %(statuses)s.") % {"statuses": ", ".join(Status.values)}
        raise ValidationError({"status": [message]})

    def of_tenant(self, queryset: SessionQuerySet) -> SessionQuerySet:
        """All of them, or those of `?tenant_id=`."""
        match self.request.query_params.get("tenant_id"):
            case None:
                return queryset
            case tenant if "\x00" in tenant:
                # PostgreSQL cannot look for it, and no tenant has one.
                return queryset.none()
            case tenant:
                return queryset.for_tenant(tenant)

    def list(self, request: Request) -> Response:
        """Mine, newest first, in pages."""
        page = self.paginate_queryset(self.of_tenant(self.of_status(self.get_queryset())))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def retrieve(self, request: Request, pk: str) -> Response:
        """One of mine."""
        return Response(self.get_serializer(self.get_object()).data)

    def destroy(self, request: Request, pk: str) -> Response:
        """End one of mine; 204 also when it had ended, whose end stays as it was.

        Ending the session one is in is signing out, and is recorded as that:
        `revoked_by_user` says that somebody was put out from elsewhere. Somebody who
        acts as the user ends no session but that one.
        """
        session = self.get_object()
        here = session.pk == self.current_id
        if not here:
            self.refuse_impersonation()
        # One whose limit has passed has ended already, stamped or not. Signing out tells
        # itself who acted as the user.
        if session.is_active(self.now) and not (here and session.is_impersonation):
            if not here:
                self.ask_for_proof(END_SESSION)
            reason = EndReason.SIGNED_OUT if here else EndReason.REVOKED_BY_USER
            end_session(session, reason=reason, by=self.user, now=self.now)
        if here and not isinstance(request.auth, Bearer):
            logout(request._request)
        return Response(status=204)

    @action(detail=False, methods=["get"])
    def current(self, request: Request) -> Response:
        """The session this request is in, for people and for proxies; with `?tokenize_as=`, as
        a signed token too.
        """
        if self.current_id is None:
            raise NoSuchSession(_("This request belongs to no session that is known here."))
        demand(request)
        session = self._mine(self.current_id)
        shown = self.get_serializer(session).data
        answer = Response({**shown, **tokenized(request, session, self.now)})
        return identify(answer, session)

    @action(detail=False, methods=["post"], url_path="end-others")
    def end_others(self, request: Request) -> Response:
        """End all of mine but the one I am in; refused when it is not known which that is."""
        self.refuse_impersonation()
        current = current_session(request)
        if current is None:
            raise NoCurrentSession
        self.ask_for_proof(END_OTHER_SESSIONS)
        others = Session.objects.for_user(self.user).active(self.now).except_for(current)
        ended = end_sessions(others, reason=EndReason.REVOKED_BY_USER, by=self.user, now=self.now)
        return Response({"ended": ended})
