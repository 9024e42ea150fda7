"""The keys that verify our tokens, for everybody (RFC 7517 §5)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypedDict

from django.conf import settings
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.permissions import AllowAny
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from sessions_hub.credentials.jwt_keys import key_ring

from .errors import problem_response

# How long verifiers keep them: as long a new key is published before it signs.
MAX_AGE = 300


class KeySetObject(TypedDict):
    """Public keys as RFC 7517 has them."""

    keys: list[dict[str, Any]]


class JwksView(APIView):
    """Public halves only. Asks nobody who they are, and reads neither cookie nor database."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = ()
    renderer_classes = (JSONRenderer,)
    parser_classes = ()
    content_negotiation_class = DefaultContentNegotiation
    versioning_class = None
    metadata_class = None
    http_method_names = ("get", "head")

    def get_exception_handler(self) -> Callable[[Exception, dict[str, Any]], Response | None]:
        return problem_response

    def get(self, request: Request) -> Response:
        # A site may set cookies with every answer to a browser, and those are no shared
        # cache's to keep.
        came_with_session = settings.SESSION_COOKIE_NAME in request._request.COOKIES
        audience = "private" if came_with_session else "public"
        headers = {"Cache-Control": f"{audience}, max-age={MAX_AGE}"}
        return Response(key_ring().jwks(), headers=headers)
