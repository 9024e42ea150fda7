"""Who asks: the visitor whose cookie signed the request in."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from rest_framework.authentication import CSRFCheck, SessionAuthentication
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request


class CookieAuthentication(SessionAuthentication):
    """Django's session, with CSRF enforced on what writes.

    Names a scheme, so that a visitor who is not signed in gets a 401: a 403 is a
    visitor who is, and may not. Browsers show no dialogue for it.
    """

    def authenticate_header(self, request: Request) -> str:
        return 'Cookie realm="api"'

    def enforce_csrf(self, request: Request) -> None:
        # On Django's own request: DRF's would run the parsers to find a token in
        # a form, and answer 415 to a form where JSON alone is read.
        plain: HttpRequest = request._request
        check = CSRFCheck(_no_response)
        check.process_request(plain)
        if reason := check.process_view(plain, None, (), {}):  # type: ignore[arg-type]
            raise PermissionDenied(f"CSRF Failed: {reason}", code="csrf_failed")


def _no_response(request: HttpRequest) -> HttpResponse:
    return HttpResponse()
