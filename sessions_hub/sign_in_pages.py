"""Which answers are pages with a form to sign in."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import resolve_url
from django.urls import NoReverseMatch

from .conf import conf


def shows_sign_in(request: HttpRequest, response: HttpResponseBase) -> bool:
    """True for an HTML page with a form to sign in."""
    if response.status_code != 200 or "html" not in response.headers.get("Content-Type", ""):
        return False
    named = conf.SESSIONS_HUB_CLIENT_HINTS_PATHS or ()
    if request.path_info.startswith((named,) if isinstance(named, str) else tuple(named)):
        return True
    context = getattr(response, "context_data", None)
    if isinstance(context, dict) and context.get("form") is not None:
        # Importing it needs the apps, which a middleware's module cannot wait for.
        from django.contrib.auth.forms import AuthenticationForm

        if isinstance(context["form"], AuthenticationForm):
            return True
    try:
        login = urlsplit(resolve_url(settings.LOGIN_URL))
    # A name that this site, or this request's tenant, does not have. Whoever needs the
    # page will say so; hints are not worth an error.
    except (NoReverseMatch, AttributeError, TypeError, ValueError):
        return False
    # "/in/?source=app" is a page here; "https://id.example/in/" is none.
    return not login.netloc and request.path == login.path
