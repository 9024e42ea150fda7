"""The answers to a request whose session has not proven enough, and where to prove more."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.views import redirect_to_login
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    JsonResponse,
)
from django.shortcuts import resolve_url
from django.urls import NoReverseMatch, reverse
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from .lifecycle.refused import tell_proof_required
from .lifecycle.requirement import INSUFFICIENT, Lack, Shortfall

__all__ = ["reauthentication_url", "refuse"]

PROBLEM = "application/problem+json"
_JSON = ("application/json", PROBLEM)


def refuse(request: HttpRequest, lacking: Shortfall) -> HttpResponse:
    """The answer to give instead of the view's.

    A browser is sent to prove itself and comes back; whoever asks for JSON, or came
    with `Authorization`, gets the challenge of RFC 9470 as problem details (RFC 9457).
    """
    if lacking.lack is not Lack.SIGN_IN:
        tell_proof_required(request, lacking)
    response: HttpResponse
    if expects_json(request):
        response = _challenge(request, lacking)
    elif lacking.lack is Lack.SIGN_IN:
        response = redirect_to_login(_way_back(request))
    else:
        response = HttpResponseRedirect(reauthentication_url(lacking, _way_back(request)))
    response["Cache-Control"] = "no-store"
    patch_vary_headers(response, ("Accept", "Authorization", "Cookie"))
    return response


def keep_private(response: HttpResponseBase) -> HttpResponseBase:
    """The answer of a guarded view, for no shared cache: it would be served unjudged from there."""
    patch_cache_control(response, private=True)
    return response


def reauthentication_url(lacking: Shortfall, next_url: str | None = None) -> str:
    """Where a user proves more; the sign-in page where the site has not mounted ours.

    Signing in again as the same user proves the same session again.
    """
    try:
        url = reverse("sessions_hub:reauthenticate")
    except NoReverseMatch:
        url = resolve_url(settings.LOGIN_URL)
    query = {"level": lacking.acr}
    if next_url is not None:
        query[REDIRECT_FIELD_NAME] = next_url
    return f"{url}{'&' if '?' in url else '?'}{urlencode(query)}"


def is_own_url(request: HttpRequest, url: str | None) -> bool:
    """Whether a URL leads back to this very site, by https where the request came by it."""
    return bool(url) and url_has_allowed_host_and_scheme(
        url, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )


def expects_json(request: HttpRequest) -> bool:
    """Whether a program asks: it names JSON and does not like HTML better."""
    if "Authorization" in request.headers:
        return True
    if "json" not in request.headers.get("Accept", ""):
        return False
    return request.get_preferred_type([*_JSON, "text/html"]) in _JSON


def _way_back(request: HttpRequest) -> str:
    """The page to return to: what was submitted cannot be submitted again by a redirect."""
    referrer = request.headers.get("Referer")
    if request.method in ("GET", "HEAD") or not is_own_url(request, referrer):
        return request.get_full_path()
    parts = urlsplit(str(referrer))
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _challenge(request: HttpRequest, lacking: Shortfall) -> JsonResponse:
    status = HTTPStatus.UNAUTHORIZED
    problem: dict[str, object] = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
    }
    if lacking.lack is Lack.SIGN_IN:
        detail = _("Authentication credentials were not provided.")
        problem |= {"detail": detail, "code": "not_authenticated"}
        challenge = 'Cookie realm="site"'
    else:
        problem |= {"detail": detail_of(lacking), "code": INSUFFICIENT, **members_of(lacking)}
        challenge = lacking.challenge
    return JsonResponse(
        problem, status=status, content_type=PROBLEM, headers={"WWW-Authenticate": challenge}
    )


def detail_of(lacking: Shortfall) -> str:
    """What is missing, in the reader's language."""
    if lacking.lack is Lack.FRESHNESS:
        return _("Your last proof of who you are is too long ago.")
    return _("This needs a stronger proof of who you are: %(level)s.") % {"level": lacking.acr}


def members_of(lacking: Shortfall) -> dict[str, object]:
    """The members a problem has beside RFC 9457's own."""
    members: dict[str, object] = {"acr_values": lacking.acr}
    if lacking.max_age_seconds is not None:
        members["max_age"] = lacking.max_age_seconds
    return {**members, "reauthenticate_url": reauthentication_url(lacking)}
