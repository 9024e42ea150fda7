"""Sessions of programs over HTTP: signing in, API keys, and changing a secret."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import Error as DatabaseFault
from django.views.decorators.debug import sensitive_variables
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle

from sessions_hub.conf import conf
from sessions_hub.lifecycle import TooManySessions, Unavailable
from sessions_hub.lifecycle.bearer import Bearer
from sessions_hub.lifecycle.exceptions import TokenNotRotated, TooManyAttempts
from sessions_hub.lifecycle.minting import (
    audience_within,
    claims_within,
    excess,
    lifetime_within,
)
from sessions_hub.lifecycle.own_actions import CREATE_API_KEY
from sessions_hub.lifecycle.program_sign_in import (
    MoreProofNeeded,
    WrongCredentials,
    prove_program,
    tell_signed_in,
)
from sessions_hub.lifecycle.tokens import Issued, rotate_token, start_token_session
from sessions_hub.models import SessionType

from .errors import (
    FactorsNeeded,
    NotRotated,
    OtherAudience,
    ScopesNotGranted,
    SessionLimit,
    SignInFailed,
    SignInOff,
    TokenNeeded,
    TooManyCodes,
)
from .handing_out import parent_of
from .own import OwnSessionsViewSet
from .requests import SignInRequest, TokenRequest
from .throttling import CreateThrottle, RotateThrottle, SignInThrottle


class TokenActions(OwnSessionsViewSet):
    """`POST sessions/` and `POST sessions/current/rotate/`."""

    def get_throttles(self) -> list[BaseThrottle]:
        if self.action == "rotate":
            return [RotateThrottle()]
        if self.action != "create":
            return list(super().get_throttles())
        return [CreateThrottle() if self.request.user.is_authenticated else SignInThrottle()]

    def get_permissions(self) -> Sequence[Any]:
        if self.action == "create" and not self.request.user.is_authenticated:
            # Signing in: who asks is what has to be found out.
            return []
        return super().get_permissions()

    @sensitive_variables()
    def create(self, request: Request) -> Response:
        """Sign a program in, or make an API key for who is signed in; 201 with the secret."""
        is_known = request.user.is_authenticated
        wanted = (TokenRequest if is_known else SignInRequest)(data=request.data)
        wanted.is_valid(raise_exception=True)
        issued = self._for_user(wanted.values) if is_known else self._sign_in(wanted.values)
        # As it is read from now on, with all that belongs to it.
        session = self.whole(issued.session.pk, issued.session.user_id)
        data = {**self.get_serializer(session).data, "secret": issued.secret}
        return Response(data, status=201)

    @action(detail=False, methods=["post"], url_path="current/rotate")
    @sensitive_variables()
    def rotate(self, request: Request) -> Response:
        """Replace the secret that was presented; 200 with the new one."""
        if not isinstance(request.auth, Bearer):
            raise TokenNeeded
        try:
            secret = rotate_token(request.auth, now=self.now)
        except TokenNotRotated as error:
            raise NotRotated from error
        session = self.mine(request.auth.session_id)
        return Response({**self.get_serializer(session).data, "secret": secret})

    @sensitive_variables()
    def _sign_in(self, values: dict[str, Any]) -> Issued:
        plain = self.request._request
        if "password" not in conf.SESSIONS_HUB_API_SIGN_IN:
            raise SignInOff
        try:
            user, claims = prove_program(
                plain,
                values["username"],
                values["password"],
                values["code"],
                values["factor"],
            )
        except WrongCredentials as error:
            raise SignInFailed from error
        except TooManyAttempts as error:
            raise TooManyCodes from error
        except MoreProofNeeded as needed:
            raise FactorsNeeded(needed) from needed
        if refused := excess(values["scopes"], user, None):
            raise ScopesNotGranted(refused)
        issued = self._start(user, claims, values)
        tell_signed_in(plain, user)
        return issued

    def _for_user(self, values: dict[str, Any]) -> Issued:
        """An API key of somebody who is signed in, by cookie or by a token."""
        self.refuse_impersonation()
        bearer = self.request.auth if isinstance(self.request.auth, Bearer) else None
        parent = parent_of(self.request, self.now)
        if refused := excess(values["scopes"], self.user, bearer):
            raise ScopesNotGranted(refused)
        if bearer is None:
            self.ask_for_proof(CREATE_API_KEY)
        if (audience := audience_within(values["audience"], bearer)) is None:
            raise OtherAudience
        values["audience"] = audience
        values["lifetime"] = lifetime_within(values["lifetime"], bearer, self.now)
        values["session_type"] = SessionType.API_KEY
        return self._start(self.user, claims_within(parent), values)

    def _start(self, user: Any, claims: Any, values: dict[str, Any]) -> Issued:
        try:
            return start_token_session(
                user,
                claims,
                request=self.request._request,
                session_type=values["session_type"],
                name=values["name"],
                scopes=values["scopes"],
                audience=values["audience"],
                lifetime=values["lifetime"],
                now=self.now,
            )
        except TooManySessions as error:
            raise SessionLimit from error
        except DatabaseFault as error:
            raise Unavailable("The session could not be stored; try again.") from error
