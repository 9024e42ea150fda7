"""Errors as problem details (RFC 9457), whatever the site's exception handler is."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.core.exceptions import RequestDataTooBig
from django.db import Error as DatabaseFault
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from rest_framework import status
from rest_framework.exceptions import (
    APIException,
    AuthenticationFailed,
    ErrorDetail,
    NotFound,
    PermissionDenied,
    Throttled,
    ValidationError,
)
from rest_framework.response import Response
from rest_framework.views import set_rollback

from sessions_hub.lifecycle import Refusal, Unavailable, attempts
from sessions_hub.lifecycle.program_sign_in import MoreProofNeeded
from sessions_hub.lifecycle.requirement import INSUFFICIENT, Shortfall
from sessions_hub.logs import log_once_a_minute
from sessions_hub.refusals import PROBLEM as MEDIA_TYPE
from sessions_hub.refusals import detail_of, members_of

from .denials import tell
from .parsers import BodyTooLarge

RETRY_AFTER = 5

logger = logging.getLogger(__name__)


class NoSuchSession(NotFound):
    """The one answer to an id that is unknown, malformed or another user's."""

    default_detail = _("You have no session with this id.")


class NoSuchDevice(NotFound):
    """The one answer to a device's id that is unknown, malformed or another user's."""

    default_detail = _("You have no device with this id.")


class NoCurrentSession(APIException):
    """What is asked for needs to know the request's own session, and there is none."""

    status_code = status.HTTP_409_CONFLICT
    default_detail = _("This request belongs to no session that is known here. Sign in again.")
    default_code = "no_current_session"


class SignInIncomplete(PermissionDenied):
    """The session's second factor is still missing, or a link in a mail is all its proof."""

    default_detail = _("Complete your sign-in first.")
    default_code = "sign_in_incomplete"


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
        self.shortfall = lacking
        # Where DRF's own exception handler looks for it as well.
        self.auth_header = lacking.challenge
        self.members = members_of(lacking)


class ReauthenticationRequired(APIException):
    """One of the user's own actions, which a fresh proof has to come before.

    403: a 401 of this API says that nobody is signed in.
    """

    status_code = status.HTTP_403_FORBIDDEN
    default_code = "reauthentication_required"

    def __init__(self, lacking: Shortfall, *, is_told: bool = False) -> None:
        super().__init__(_("Confirm first that it is you."))
        self.shortfall, self.is_told = lacking, is_told
        self.members = members_of(lacking)


class NotExtended(APIException):
    """A session does not last longer; `code` says why, the limits are as they were."""

    status_code = status.HTTP_409_CONFLICT

    def __init__(self, refusal: Refusal, session: dict[str, Any] | None = None) -> None:
        super().__init__(_REFUSALS[refusal], code=refusal.value)
        names = ("expires_at", "idle_expires_at")
        self.members = {name: session[name] for name in names} if session else {}


_REFUSALS = {
    Refusal.ENDED: _("This session has ended."),
    Refusal.TOO_LATE: _("A limit of this session has passed. Sign in again."),
    Refusal.CAPPED: _("This session lasts as long as it may. Prove again who you are."),
    Refusal.IMPERSONATION: _("Acting as another user is not extended."),
}


class OverAlready(APIException):
    """What is to be changed has ended, or is forgotten, and stays as it is."""

    status_code = status.HTTP_409_CONFLICT
    default_detail = _("It is over, and is kept as it was.")
    default_code = "over"


class ProofWrong(PermissionDenied):
    """What was given to prove the session again is not right.

    403: a 401 of this API says that nobody is signed in.
    """

    default_detail = _("That is not right.")
    default_code = "wrong_proof"


class FullProofNeeded(APIException):
    """The proof would raise the session to a level whose limit has passed already."""

    status_code = status.HTTP_409_CONFLICT
    default_detail = _("This session takes all of its proofs at once. Give the others as well.")
    default_code = "full_proof_needed"


class NobodyToAsk(APIException):
    """A session of a program that nobody sits in front of."""

    status_code = status.HTTP_409_CONFLICT
    default_detail = _("A key of this kind cannot be proven again.")
    default_code = "nobody_to_ask"


class SignInOff(PermissionDenied):
    """SESSIONS_HUB_API_SIGN_IN names no proofs."""

    default_detail = _("This site lets no programs sign in here.")
    default_code = "sign_in_off"


class SignInFailed(AuthenticationFailed):
    """The one answer to whatever credentials open nothing."""

    default_detail = _("No active account has these credentials.")
    default_code = "wrong_credentials"


class FactorsNeeded(AuthenticationFailed):
    """The password is right; `factors` are those of which a code is taken here.

    `methods` names all that is missing, also what can be proven in a browser alone.
    """

    default_code = "factors_needed"

    def __init__(self, needed: MoreProofNeeded) -> None:
        if not needed.factors:
            detail = _("Your second factor cannot be given here. Sign in with a browser.")
        elif needed.is_wrong:
            detail = _("This code is not right.")
        else:
            detail = _("Give a code of one of your second factors as well.")
        super().__init__(detail)
        self.members = {
            "methods": sorted(needed.methods),
            "factors": [
                {"factor": one.key, "method": one.claim.method, "name": one.label}
                for one in needed.factors
            ],
        }


class TooManyCodes(Throttled):
    """Too many wrong answers of one account; the wait is the window's."""

    default_code = "too_many_attempts"

    def __init__(self) -> None:
        super().__init__(wait=attempts.WINDOW.total_seconds())


class OtherAudience(ValidationError):
    """A token for one audience makes none for another."""

    def __init__(self) -> None:
        super().__init__({"audience": [_("The token that asks is for another audience.")]})


class ScopesNotGranted(PermissionDenied):
    """Scopes that whoever asks may not give; `scopes` names them."""

    default_detail = _("These scopes are not to be had.")
    default_code = "scopes_not_granted"

    def __init__(self, refused: list[str]) -> None:
        super().__init__()
        self.members = {"scopes": refused}


class SessionLimit(APIException):
    """The user has SESSIONS_HUB_MAX_SESSIONS already."""

    status_code = status.HTTP_409_CONFLICT
    default_detail = _("You are signed in too often already. End another session first.")
    default_code = "too_many_sessions"


class TokenNeeded(APIException):
    """What is asked for is about the token that is presented, and there is none."""

    status_code = status.HTTP_409_CONFLICT
    default_detail = _("Only a token can be rotated. Present it.")
    default_code = "no_token"


class NotRotated(APIException):
    """Another request has rotated the token, or its session has ended."""

    status_code = status.HTTP_409_CONFLICT
    default_detail = _("This token has been rotated already.")
    default_code = "not_rotated"


class ServiceUnavailable(APIException):
    """The database did not do what was asked."""

    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_detail = _("Sessions cannot be read or changed right now. Please try again.")
    default_code = "unavailable"
    wait = RETRY_AFTER


class TokensRefused(PermissionDenied):
    """The tokens of providers are kept from whoever asks."""

    is_told = True


class NoTokens(ServiceUnavailable):
    """The site's keys or templates do not allow a token to be made."""

    default_detail = _("No token can be made right now. Please try again.")


def problem_response(exc: Exception, context: dict[str, Any]) -> Response | None:
    """The answer to an exception of a view; None for a fault of the program."""
    error = _api_exception(exc)
    if error is None:
        return None
    tell(error, context)
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
        case RequestDataTooBig():
            # DRF takes the whole body from Django before a parser sees it.
            return BodyTooLarge()
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
