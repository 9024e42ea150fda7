"""Whether a token's session goes on (RFC 7662), for services that must know at once."""

from __future__ import annotations

from typing import TypedDict

from django.utils import timezone
from django.views.decorators.debug import sensitive_variables
from rest_framework.request import Request
from rest_framework.response import Response

from sessions_hub.credentials.scopes import Scope
from sessions_hub.credentials.secrets import has_prefix
from sessions_hub.lifecycle.bearer import Bearer, find_bearer
from sessions_hub.lifecycle.guard import database
from sessions_hub.lifecycle.proofs import judged_level
from sessions_hub.lifecycle.signed import active_token

from .base import TokenView
from .permissions import HasScope, MayIntrospect, SignInIsComplete


class _Active(TypedDict):
    active: bool


class IntrospectionObject(_Active, total=False):
    """What is told of a token (RFC 7662 §2.2), and for a signed one all it says."""

    token_type: str
    sub: str
    username: str
    sid: str
    scope: str
    exp: int
    acr: str
    aud: str | list[str]


def described(bearer: Bearer) -> IntrospectionObject:
    """What is told of the secret of a live session, in the words of RFC 7662 §2.2."""
    row = bearer.row
    told: IntrospectionObject = {
        "active": True,
        "token_type": "Bearer",
        "sub": str(row.user_id),
        "username": bearer.user.get_username(),
        "sid": str(row.id),
        "scope": " ".join(sorted(bearer.scopes)),
        "exp": int(min(row.expires_at, row.idle_expires_at).timestamp()),
        "acr": f"aal{judged_level(row.id, row.assurance_level, database())}",
    }
    if bearer.audience:
        told["aud"] = bearer.audience
    return told


class IntrospectView(TokenView):
    """`{"active": false}` to whatever is no token of ours, expired, or of a session that is over.

    One answer for all of them (RFC 7662 §2.2): it does not tell which.
    """

    permission_classes = (MayIntrospect, SignInIsComplete, HasScope)
    required_scopes = frozenset({Scope.INTROSPECT})

    @sensitive_variables("text", "token")
    def post(self, request: Request) -> Response:
        text, now = self.token_of(request), timezone.now()
        if has_prefix(text):
            bearer = find_bearer(text, now)
            return Response({"active": False} if bearer is None else described(bearer))
        token = active_token(text, now=now)
        if token is None:
            return Response({"active": False})
        # Last: a template's own claims may be called anything.
        return Response({**token.claims, "active": True, "token_type": "Bearer"})
