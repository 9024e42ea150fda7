"""Who asks: the visitor whose cookie signed the request in."""

from __future__ import annotations

from rest_framework.authentication import SessionAuthentication
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
        try:
            super().enforce_csrf(request)
        except PermissionDenied as error:
            raise PermissionDenied(error.detail, code="csrf_failed") from None
