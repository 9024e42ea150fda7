"""Whether a token's session goes on (RFC 7662), for services that must know at once."""

from __future__ import annotations

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from sessions_hub.lifecycle.signed import active_token

from .base import TokenView
from .permissions import MayIntrospect


class IntrospectView(TokenView):
    """`{"active": false}` to whatever is no token of ours, expired, or of a session that is over.

    One answer for all of them (RFC 7662 §2.2): it does not tell which.
    """

    permission_classes = (MayIntrospect,)

    def post(self, request: Request) -> Response:
        token = active_token(self.token_of(request), now=timezone.now())
        if token is None:
            return Response({"active": False})
        # Last: a template's own claims may be called anything.
        return Response({**token.claims, "active": True, "token_type": "Bearer"})
