"""Errors as problem details (RFC 9457), whatever the site's exception handler is."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.db import Error as DatabaseFault
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from rest_framework import status
from rest_framework.exceptions import (
    APIException,
    ErrorDetail,
    NotFound,
    PermissionDenied,
    ValidationError,
)
from rest_framework.response import Response
from rest_framework.views import set_rollback

from sessions_hub.lifecycle import Unavailable
from sessions_hub.lifecycle.requirement import INSUFFICIENT, Shortfall
from sessions_hub.logs import log_once_a_minute
from sessions_hub.refusals import PROBLEM as MEDIA_TYPE
from sessions_hub.refusals import detail_of, members_of

RETRY_AFTER = 5

logger = logging.getLogger(__name__)


class NoSuchSession(NotFound):
    """The one answer to an id that is unknown, malformed or another user's."""

    default_detail = _("You have no session with this id.")


class NoCurrentSession(APIException):
    """What is asked for needs to know the request's own session, and there is none."""

    status_code = status.HTTP_409_CONFLICT
    default_detail = _("This request belongs to no session that is known here. Sign in again.")
    default_code = "no_current_session"


class NotWhileImpersonating(PermissionDenied):
    """Only the user themselves may do this, and somebody else is acting as them."""

    default_detail = _("This cannot be done while acting as another user.")
    default_code = "impersonation"


class InsufficientAuthentication(APIException):
    """The challenge of RFC 9470: the session has not proven enough, or not lately."""

    status_code = status.HTTP_401_UNAUTHORIZED
    default_code = INSUFFICIENT

    def __init__(self, lacking: Shortfall) -> None:
        super().__init__(detail_of(lacking))
        # Where DRF's own exception handler looks for it as well.
        self.auth_header = lacking.challenge
        self.members = members_of(lacking)


class ReauthenticationRequired(APIException):
    """One of the user's own actions, which a fresh proof has to come before.

    403: a 401 of this API says that nobody is signed in.
    """

    status_code = status.HTTP_403_FORBIDDEN
    default_code = "reauthentication_required"

    def __init__(self, lacking: Shortfall) -> None:
        super().__init__(_("Confirm first that it is you."))
        self.members = members_of(lacking)


class ServiceUnavailable(APIException):
    """The database did not do what was asked."""

    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_detail = _("Sessions cannot be read or changed right now. Please try again.")
    default_code = "unavailable"
    wait = RETRY_AFTER


class NoTokens(ServiceUnavailable):
    """The site's keys or templates do not allow a token to be made."""

    default_detail = _("No token can be made right now. Please try again.")


def problem_response(exc: Exception, context: dict[str, Any]) -> Response | None:
    """The answer to an exception of a view; None for a fault of the program."""
    error = _api_exception(exc)
    if error is None:
        return None
    set_rollback()
    headers = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait))
    if isinstance(error, InsufficientAuthentication):
        headers["Cache-Control"] = "no-store"
    # A site's own view may be looked at in a browser, whose page is no JSON.
    renderer = getattr(context.get("request"), "accepted_renderer", None)
    is_json = renderer is None or getattr(renderer, "format", "") == "json"
    return Response(
        _problem(error),
        status=error.status_code,
        headers=headers,
        content_type=MEDIA_TYPE if is_json else None,
    )


def _api_exception(exc: Exception) -> APIException | None:
    match exc:
        case APIException():
            return exc
        case Http404():
            return NotFound()
        case DjangoPermissionDenied():
            return PermissionDenied()
        case DatabaseFault() | Unavailable():
            log_once_a_minute(
                logger,
                logging.ERROR,
                "api",
                "A request for sessions failed: %s",
                exc,
                exc_info=True,
            )
            return ServiceUnavailable()
    return None


def _problem(error: APIException) -> dict[str, Any]:
    problem: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(error.status_code).phrase,
        "status": error.status_code,
    }
    if isinstance(error.detail, ErrorDetail):
        problem |= getattr(error, "members", {})
        return problem | {"detail": str(error.detail), "code": error.detail.code}
    # Several errors: those of the parameters, by name.
    detail = _("Some parameters are not valid; see “errors”.")
    code = error.default_code if isinstance(error, ValidationError) else "error"
    return problem | {"detail": str(detail), "code": code, "errors": error.detail}
