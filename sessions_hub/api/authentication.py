"""Who asks: a program that presents a secret, or the visitor whose cookie signed them in."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import BadRequest, SuspiciousOperation
from django.db import Error as DatabaseFault
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables
from rest_framework.authentication import BaseAuthentication, CSRFCheck, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request

from sessions_hub.capture.bearer import presented_token
from sessions_hub.credentials.secrets import has_prefix
from sessions_hub.lifecycle import Unavailable
from sessions_hub.lifecycle.bearer import Bearer, find_bearer, note_use
from sessions_hub.lifecycle.refused import RefusedToken
from sessions_hub.lifecycle.state import state_of

__all__ = ["SessionTokenAuthentication"]

CHALLENGE = 'Bearer realm="api"'


class InvalidToken(AuthenticationFailed):
    """The one answer to a secret that is unknown, malformed, replaced, ended or expired."""

    default_detail = _("This token is not valid.")
    default_code = "invalid_token"


class SessionTokenAuthentication(BaseAuthentication):
    """The secret of an API session, in `Authorization: Bearer` and nowhere else.

    For any view of the site's own. `request.user` is the session's user, `request.auth`
    a `Bearer` with `scopes`, `name` and `session_id`. Bearer tokens of another kind are
    left to the authentication classes behind this one; one that begins as the hub's do
    is answered 401 when it is not valid. One SELECT, and a write at most once a minute.
    """

    @sensitive_variables("token")
    def authenticate(self, request: Request) -> tuple[Any, Bearer] | None:
        token = presented_token(request._request)
        if token is None or not self.is_ours(token):
            return None
        bearer = self.judge(request._request, token)
        return bearer.user, bearer

    def authenticate_header(self, request: Request) -> str:
        token = presented_token(request._request)
        if token is None or not self.is_ours(token):
            return CHALLENGE
        # RFC 6750 §3.1: only where one was presented.
        return f'{CHALLENGE}, error="invalid_token"'

    def is_ours(self, token: str) -> bool:
        """Whether the token is to be judged here."""
        return has_prefix(token)

    @sensitive_variables("token")
    def judge(self, request: HttpRequest, token: str) -> Bearer:
        """Whose secret it is. Raises InvalidToken, or Unavailable (503) without an answer."""
        state = state_of(request)
        # A middleware may have asked already.
        if state.bearer is None:
            now = timezone.now()
            refused = RefusedToken()
            try:
                state.bearer = find_bearer(token, now, refused)
            except DatabaseFault as error:
                raise Unavailable("The session could not be read; try again.") from error
            if state.bearer is None:
                refused.tell(request)
                raise InvalidToken
            note_use(state.bearer, request, now)
        return state.bearer


class BearerAuthentication(SessionTokenAuthentication):
    """For views that know no other bearer tokens: any other is not valid.

    A cookie that is sent along does not stand in for it.
    """

    def is_ours(self, token: str) -> bool:
        return True


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
        try:
            reason = check.process_view(plain, None, (), {})  # type: ignore[arg-type]
        # Django looks into forms first, and answers one it cannot read with a page.
        except (BadRequest, MultiPartParserError, SuspiciousOperation):
            reason = _("The form cannot be read.")  # type: ignore[assignment]
        if reason:
            raise PermissionDenied(f"CSRF Failed: {reason}", code="csrf_failed")


def _no_response(request: HttpRequest) -> HttpResponse:
    return HttpResponse()
