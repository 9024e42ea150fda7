"""What users do to the session they are in: make it last longer, and prove it again."""

from __future__ import annotations

from typing import Any

from django.views.decorators.debug import sensitive_variables
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from sessions_hub.lifecycle import NotSignedIn, Refusal, current_session, extend_session, link
from sessions_hub.lifecycle.answers import claims_of_answer
from sessions_hub.lifecycle.bearer import Bearer
from sessions_hub.lifecycle.exceptions import ProofNotFull, TokenNotRotated, TooManyAttempts
from sessions_hub.lifecycle.program_step_up import (
    can_be_proven,
    prove_program_again,
    was_handed_out,
)
from sessions_hub.lifecycle.prove import is_own, prove_again

from .errors import (
    FullProofNeeded,
    NobodyToAsk,
    NoCurrentSession,
    NotExtended,
    NotRotated,
    NotWhileImpersonating,
    ProofWrong,
    TooManyCodes,
)
from .own import OwnSessionsViewSet
from .requests import ExtendRequest, NoMembers, StepUpRequest


class SessionActions(OwnSessionsViewSet):
    """`POST sessions/current/extend/` and `POST sessions/current/step-up/`."""

    @action(detail=False, methods=["post"], url_path="current/extend")
    def extend(self, request: Request) -> Response:
        """Let the current session last longer; 409 with the reason where it does not.

        A browser's lasts as long as its cookie does from now on, a program's as long as
        it asks for. An API key, and whatever else was handed out, lasts as long as it was
        made for: it may be less than what made it, and nothing else would hold it to that.
        """
        wanted = (NoMembers if self.bearer is None else ExtendRequest)(data=request.data)
        wanted.is_valid(raise_exception=True)
        if (pk := self.current_id) is None:
            raise NoCurrentSession
        if self.bearer is not None and (
            not can_be_proven(self.bearer) or was_handed_out(self.bearer)
        ):
            raise NotExtended(Refusal.CAPPED, self.shown(pk))
        plain = request._request
        lifetime = link.age(plain.session) if self.bearer is None else wanted.values["lifetime"]
        extension = extend_session(pk, lifetime=lifetime, by=self.user, now=self.now)
        shown = self.shown(pk)
        if extension.refusal is not None:
            raise NotExtended(extension.refusal, shown)
        if self.bearer is None:
            # Django's own session lasts longer by being saved.
            plain.session.modified = True
        return Response(shown)

    @action(detail=False, methods=["post"], url_path="current/step-up")
    @sensitive_variables()
    def step_up(self, request: Request) -> Response:
        """Prove the current session again, by a password, a code or both.

        Only its own user can be proven. The cookie's key changes with the answer, and a
        program gets a new secret in `secret`.
        """
        wanted = StepUpRequest(data=request.data)
        wanted.is_valid(raise_exception=True)
        try:
            if self.bearer is not None:
                return Response(self._prove_program(self.bearer, wanted.values))
            return Response(self._prove_browser(wanted.values))
        except TooManyAttempts as error:
            raise TooManyCodes from error
        except ProofNotFull as error:
            raise FullProofNeeded from error

    @sensitive_variables()
    def _prove_browser(self, values: dict[str, Any]) -> dict[str, Any]:
        plain = self.request._request
        session = current_session(plain)
        if session is None:
            raise NoCurrentSession
        if not is_own(session):
            raise NotWhileImpersonating
        claims = claims_of_answer(plain, session, self.user, **values, now=self.now)
        if not claims:
            raise ProofWrong
        try:
            proven = prove_again(plain, claims, now=self.now)
        except NotSignedIn as error:
            raise NoCurrentSession from error
        if proven is None:
            raise NoCurrentSession
        return self.shown(proven.pk)

    @sensitive_variables()
    def _prove_program(self, bearer: Bearer, values: dict[str, Any]) -> dict[str, Any]:
        if not can_be_proven(bearer):
            raise NobodyToAsk
        try:
            # Before a code is used up for it.
            if bearer.is_replaced:
                raise TokenNotRotated("This secret has been replaced already.")
            secret = prove_program_again(self.request._request, bearer, **values, now=self.now)
        except TokenNotRotated as error:
            raise NotRotated from error
        if secret is None:
            raise ProofWrong
        return {**self.shown(bearer.session_id), "secret": secret}
