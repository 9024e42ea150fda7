"""What all views here have in common: the policies, spelt out one by one.

Nothing is taken from the site's REST_FRAMEWORK settings, so that they can
neither open these views nor break them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from types import SimpleNamespace
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from rest_framework import viewsets
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from sessions_hub.credentials.scopes import Scope

from .authentication import BearerAuthentication, CookieAuthentication
from .errors import problem_response
from .languages import answered_in_language
from .pagination import SessionPagination
from .parsers import BoundedJSONParser
from .permissions import HasScope, IsSiteUser


class HubNegotiation(DefaultContentNegotiation):
    """By `Accept` alone: `?format=` is a parameter like any other."""

    settings = SimpleNamespace(URL_FORMAT_OVERRIDE=None)  # type: ignore[assignment]


class HubViewSet(viewsets.GenericViewSet[Any]):
    """JSON only, signed in by token or cookie, kept by no cache, errors as problem details."""

    authentication_classes = (BearerAuthentication, CookieAuthentication)
    permission_classes = (IsSiteUser, HasScope)
    # What a token needs, by action; it is kept from actions that are not named.
    required_scopes: Mapping[str, Collection[Scope]] = {}
    throttle_classes = ()
    renderer_classes = (JSONRenderer,)
    parser_classes = (BoundedJSONParser,)
    content_negotiation_class = HubNegotiation
    pagination_class = SessionPagination
    filter_backends = ()
    versioning_class = None
    metadata_class = None
    http_method_names = ("get", "head", "post", "patch", "delete")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return answered_in_language(request, super().dispatch, *args, **kwargs)

    def get_exception_handler(self) -> Callable[[Exception, dict[str, Any]], Response | None]:
        return problem_response

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        response = super().finalize_response(request, response, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        patch_vary_headers(response, ("Cookie", "Authorization"))
        return response
