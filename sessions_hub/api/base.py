"""What all views here have in common: the policies, spelt out one by one.

Nothing is taken from the site's REST_FRAMEWORK settings, so that they can
neither open these views nor break them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters
from rest_framework import viewsets
from rest_framework.exceptions import ValidationError
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from sessions_hub.credentials.scopes import Scope

from .authentication import BearerAuthentication, CookieAuthentication
from .errors import problem_response
from .languages import answered_in_language
from .pagination import SessionPagination
from .parsers import BoundedFormParser, BoundedJSONParser
from .permissions import HasScope, IsSiteUser, SignInIsComplete
from .throttling import TokenThrottle


class HubNegotiation(DefaultContentNegotiation):
    """By `Accept` alone: `?format=` is a parameter like any other."""

    settings = SimpleNamespace(URL_FORMAT_OVERRIDE=None)  # type: ignore[assignment]


class HubView(APIView):
    """JSON only, signed in by token or cookie, kept by no cache, errors as problem details."""

    authentication_classes = (BearerAuthentication, CookieAuthentication)
    permission_classes: Sequence[Any] = (IsSiteUser, SignInIsComplete, HasScope)
    # What a token needs, by action; it is kept from actions that are not named.
    required_scopes: Mapping[str, Collection[Scope]] | Collection[Scope] = {}
    throttle_classes: Sequence[Any] = ()
    renderer_classes = (JSONRenderer,)
    parser_classes: Sequence[Any] = (BoundedJSONParser,)
    content_negotiation_class = HubNegotiation
    versioning_class = None
    metadata_class = None

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


class HubViewSet(HubView, viewsets.GenericViewSet[Any]):
    """The same for views of sessions."""

    pagination_class = SessionPagination
    filter_backends = ()
    http_method_names = ("get", "head", "post", "patch", "delete")


@method_decorator(sensitive_post_parameters("token"), name="dispatch")
class TokenView(HubView):
    """`POST token=…` as a form (RFC 7662 §2.1, RFC 7009 §2.1); `token_type_hint` is no use here."""

    parser_classes = (BoundedFormParser,)
    throttle_classes: Sequence[Any] = (TokenThrottle,)
    http_method_names = ("post",)

    def token_of(self, request: Request) -> str:
        """The token that was sent. Raises ValidationError where none was."""
        form: Any = request.data
        token = form.get("token")
        if not token:
            raise ValidationError({"token": [_("This field is required.")]})
        return str(token)
