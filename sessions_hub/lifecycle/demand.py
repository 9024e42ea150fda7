"""While a session has to be proven again: what it may ask for, and what it is answered."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import resolve_url
from django.urls import NoReverseMatch, Resolver404, resolve
from django.utils.cache import add_never_cache_headers, patch_vary_headers
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from sessions_hub.conf import conf

from .enforce import is_exempt, make_anonymous
from .refused import tell_held

CODE = "reauthentication_required"
# By the names Django, its admin, allauth and dj-rest-auth give them, and our own link.
_OPEN_VIEWS = {
    "logout",
    "admin:logout",
    "account_logout",
    "rest_logout",
    "sessions_hub:not-me",
    "sessions_hub_api:session-step-up",
}


def demand_proof(request: HttpRequest) -> HttpResponse | None:
    """The answer to a request of a held session; None where the view may answer.

    A page is answered with a redirect to SESSIONS_HUB_REAUTHENTICATE_URL, anything else
    with 401 and problem details (RFC 9457) as RFC 9470 asks for.
    """
    sign_in = _resolved(settings.LOGIN_URL)
    where = _resolved(conf.SESSIONS_HUB_REAUTHENTICATE_URL) or sign_in
    if request.path == _path(sign_in):
        # Many sign-in pages send those who are signed in away, to be sent back here.
        make_anonymous(request)
        return None
    if request.path == _path(where) or _is_open(request):
        return None
    tell_held(request)
    if where and _wants_page(request):
        response: HttpResponse = HttpResponseRedirect(_with_next(where, request))
    else:
        response = _problem(where)
    add_never_cache_headers(response)
    patch_vary_headers(response, ("Cookie",))
    return response


def _resolved(name: object) -> str:
    try:
        return str(resolve_url(name))  # type: ignore[arg-type]
    # A view this site, or this request's tenant, does not have; or no name at all.
    except (NoReverseMatch, AttributeError, TypeError):
        return ""


def _path(url: str) -> str | None:
    """The path of a URL of this site; None for another one's."""
    parts = urlsplit(url)
    return parts.path if parts.path and not parts.netloc else None


def _is_open(request: HttpRequest) -> bool:
    path = request.path_info
    static = urlsplit(settings.STATIC_URL or "")
    if static.path not in {"", "/"} and not static.netloc and request.path.startswith(static.path):
        return True
    if is_exempt(path, conf.SESSIONS_HUB_PROOF_PATHS):
        return True
    try:
        match = resolve(path, getattr(request, "urlconf", None))
    except Resolver404:
        return False
    # By the application, whatever namespace the site has included it under.
    if ":".join((*match.app_names, match.url_name or "")) in _OPEN_VIEWS:
        return True
    # Importing it needs the apps, which a middleware's module cannot wait for.
    from django.contrib.auth.views import LogoutView

    view = getattr(match.func, "view_class", None)
    return isinstance(view, type) and issubclass(view, LogoutView)


def _wants_page(request: HttpRequest) -> bool:
    """Whether a browser asks for a page to show: by fetch metadata, else by what it accepts."""
    if mode := request.headers.get("Sec-Fetch-Mode"):
        return mode == "navigate"
    if request.headers.get("X-Requested-With") == "XMLHttpRequest":
        return False
    return "text/html" in request.headers.get("Accept", "")


def _with_next(where: str, request: HttpRequest) -> str:
    if request.method not in {"GET", "HEAD"}:
        # What was to be written is lost; asking for it again would be another request.
        return where
    sign = "&" if urlsplit(where).query else "?"
    return f"{where}{sign}{urlencode({'next': request.get_full_path()})}"


def _problem(where: str) -> HttpResponse:
    problem = {
        "type": "about:blank",
        "title": "Unauthorized",
        "status": 401,
        "detail": _("This session is used from another place. Prove again who you are."),
        "code": CODE,
        "reauthenticate_url": where,
    }
    response = JsonResponse(problem, status=401, content_type="application/problem+json")
    response.headers["WWW-Authenticate"] = 'Bearer error="insufficient_user_authentication"'
    return response
