"""A user's own sessions."""

from __future__ import annotations

from typing import TypedDict

from django.contrib.auth import logout
from django.utils.translation import gettext_lazy as _
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from sessions_hub.credentials.scopes import Scope
from sessions_hub.lifecycle import current_session, end_session, end_sessions
from sessions_hub.lifecycle.describe import describe_session
from sessions_hub.lifecycle.exceptions import NotChanged
from sessions_hub.lifecycle.incomplete import lacks_a_factor
from sessions_hub.lifecycle.minting import may_hand_out
from sessions_hub.lifecycle.own_actions import END_OTHER_SESSIONS, END_SESSION
from sessions_hub.models import EndReason, Session, SessionType

from .errors import NoCurrentSession, NoSuchSession, NotRotated, OverAlready, SignInIncomplete
from .filters import SELECTING, session_filters
from .forward_auth import DEMANDS, demand, identify
from .history import SessionHistory
from .parameters import PAGES, filtered, ordering_in, refused
from .provider_tokens import ProviderTokenActions
from .requests import SessionPatch
from .session_actions import SessionActions
from .token_actions import TokenActions
from .tokenized import PARAMETER as TOKENIZE_AS
from .tokenized import tokenized


class EndedObject(TypedDict):
    """How many sessions a call has ended."""

    ended: int


class SessionViewSet(TokenActions, SessionActions, SessionHistory, ProviderTokenActions):
    """List, read and end one's own sessions. Nobody else's exist here."""

    required_scopes = {
        "list": {Scope.SESSIONS_READ},
        "retrieve": {Scope.SESSIONS_READ},
        # They are in what `retrieve` answers already.
        "devices": {Scope.SESSIONS_READ},
        "authentication_methods": {Scope.SESSIONS_READ},
        "partial_update": {Scope.SESSIONS_WRITE},
        "destroy": {Scope.SESSIONS_WRITE},
        "end_others": {Scope.SESSIONS_WRITE},
        "end_all": {Scope.SESSIONS_WRITE},
        "create": {Scope.SESSIONS_WRITE},
        "extend": {Scope.SESSIONS_WRITE},
        # What every token may: to see what it is, to change its secret, and to be proven
        # as far as somebody else's view asks for.
        "current": (),
        "rotate": (),
        "step_up": (),
    }

    for_incomplete = frozenset({"current", "step_up", "destroy"})

    def list(self, request: Request) -> Response:
        """Mine, newest first, in pages."""
        given = request.query_params
        rows = filtered(self.get_queryset(), given, session_filters(self.now), PAGES | SELECTING)
        page = self.page_of(rows, ordering_in(given))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def retrieve(self, request: Request, pk: str) -> Response:
        """One of mine."""
        return Response(self.get_serializer(self.get_object()).data)

    def partial_update(self, request: Request, pk: str) -> Response:
        """Write the metadata of one of mine, or the name of an API key."""
        session = self.get_object()
        self.refuse_impersonation()
        patch = SessionPatch(data=request.data)
        patch.is_valid(raise_exception=True)
        if "name" in patch.values and session.session_type != SessionType.API_KEY:
            raise ValidationError({"name": [_("Only an API key has a name to change.")]})
        if patch.values:
            try:
                describe_session(session, **patch.values, now=self.now)
            except NotChanged as error:
                raise OverAlready from error
        return Response(self.shown(session.pk))

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
            if lacks_a_factor(request._request):
                raise SignInIncomplete
        # One whose limit has passed has ended already, stamped or not. Signing out tells
        # itself who acted as the user.
        if session.is_active(self.now) and not (here and session.is_impersonation):
            if not here:
                self.ask_for_proof(END_SESSION)
            reason = EndReason.SIGNED_OUT if here else EndReason.REVOKED_BY_USER
            end_session(session, reason=reason, by=self.user, now=self.now)
        if here and self.bearer is None:
            logout(request._request)
        return Response(status=204)

    @action(detail=False, methods=["get"])
    def current(self, request: Request) -> Response:
        """The session this request is in, for people and for proxies; with `?tokenize_as=`, as
        a signed token too.
        """
        if self.current_id is None:
            raise NoSuchSession(_("This request belongs to no session that is known here."))
        # A condition that is misspelt or given twice must not become none.
        if errors := refused(self.asked, DEMANDS | SELECTING | {TOKENIZE_AS}):
            raise ValidationError({name: list(texts) for name, texts in errors.items()})
        demand(request, self.asked)
        if TOKENIZE_AS in self.asked and not may_hand_out(self.bearer):
            raise NotRotated
        session = self.mine(self.current_id)
        shown = self.get_serializer(session).data
        has_secret = self.bearer is not None
        token = tokenized(self.asked, session, self.now, has_secret=has_secret)
        answer = Response({**shown, **token})
        return identify(answer, session)

    @action(detail=False, methods=["post"], url_path="end-others")
    def end_others(self, request: Request) -> Response:
        """End all of mine but the one I am in; refused when it is not known which that is."""
        self.refuse_impersonation()
        current = current_session(request)
        if current is None:
            raise NoCurrentSession
        self.ask_for_proof(END_OTHER_SESSIONS)
        answer: EndedObject = {"ended": self._end_all_but(current)}
        return Response(answer)

    @action(detail=False, methods=["post"], url_path="end-all")
    def end_all(self, request: Request) -> Response:
        """End all of mine, the one I am in last: it is signed out of."""
        self.refuse_impersonation()
        self.ask_for_proof(END_OTHER_SESSIONS)
        current = current_session(request)
        ended = self._end_all_but(current)
        if current is not None:
            reason = EndReason.SIGNED_OUT
            ended += end_session(current, reason=reason, by=self.user, now=self.now)
        if self.bearer is None:
            logout(request._request)
        answer: EndedObject = {"ended": ended}
        return Response(answer)

    def _end_all_but(self, current: Session | None) -> int:
        others = Session.objects.for_user(self.user).active(self.now).except_for(current)
        return end_sessions(others, reason=EndReason.REVOKED_BY_USER, by=self.user, now=self.now)
