"""A user's own sessions."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast
from uuid import UUID

from django.contrib.auth import logout
from django.contrib.auth.models import AbstractBaseUser
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from sessions_hub.lifecycle import current_session, end_session, end_sessions
from sessions_hub.lifecycle.guard import database
from sessions_hub.lifecycle.impersonation_rules import is_impersonation
from sessions_hub.lifecycle.own_actions import END_OTHER_SESSIONS, END_SESSION, proof_needed
from sessions_hub.lifecycle.state import state_of
from sessions_hub.models import EndReason, Session, SessionQuerySet, Status

from .base import HubViewSet
from .errors import (
    NoCurrentSession,
    NoSuchSession,
    NotWhileImpersonating,
    ReauthenticationRequired,
)
from .representation import related
from .serializers import SessionSerializer
from .tokenized import tokenized


class SessionViewSet(HubViewSet):
    """List, read and end one's own sessions. Nobody else's exist here."""

    serializer_class = SessionSerializer
    # Anything up to the next slash: a malformed id gets the answer of an unknown one.
    lookup_value_regex = "[^/]+"

    def get_queryset(self) -> SessionQuerySet:
        # Read where ends are written: a replica may still show an ended session as active.
        mine = Session.objects.using(database()).for_user(self.user)
        if self.action == "destroy":
            return mine.select_related("user")
        joined, prefetched = related()
        return mine.select_related(*joined).prefetch_related(*prefetched)

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

    def get_object(self) -> Session:
        if (pk := _uuid(self.kwargs["pk"])) is None:
            raise NoSuchSession
        return self._mine(pk)

    def get_serializer_context(self) -> dict[str, Any]:
        context = super().get_serializer_context()
        return {**context, "current_id": self.current_id, "now": self.now}

    @property
    def user(self) -> AbstractBaseUser:
        """Who asks; the permission has seen that it is a user of this site."""
        return cast("AbstractBaseUser", self.request.user)

    @cached_property
    def now(self) -> datetime:
        """One instant for the whole answer."""
        return timezone.now()

    @cached_property
    def current_id(self) -> UUID | None:
        """The id of this request's session; usually known without a query."""
        if (known := state_of(self.request._request).session_id) is not None:
            return known
        session = current_session(self.request)
        return None if session is None else session.pk

    def refuse_impersonation(self) -> None:
        """Raise where somebody acts as the user: an end in their name would be untrue."""
        if is_impersonation(self.request):
            raise NotWhileImpersonating

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
        if here:
            logout(request._request)
        return Response(status=204)

    @action(detail=False, methods=["get"])
    def current(self, request: Request) -> Response:
        """The session this request is in; with `?tokenize_as=`, as a token too."""
        if self.current_id is None:
            raise NoSuchSession(_("This request belongs to no session that is known here."))
        session = self._mine(self.current_id)
        shown = self.get_serializer(session).data
        return Response({**shown, **tokenized(request, session, self.now)})

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

    def ask_for_proof(self, action: str) -> None:
        """Refuse an action of the user's own that needs a fresh proof, where there is none."""
        if (lacking := proof_needed(self.request, action)) is not None:
            raise ReauthenticationRequired(lacking)

    def _mine(self, pk: UUID) -> Session:
        try:
            return self.get_queryset().get(pk=pk)
        except Session.DoesNotExist:
            raise NoSuchSession from None


def _uuid(text: str) -> UUID | None:
    """The id that is written so; other spellings of a UUID name nothing."""
    try:
        value = UUID(text)
    except ValueError:
        return None
    return value if str(value) == text.lower() else None
