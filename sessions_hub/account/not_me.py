"""The page behind the link of an alert that disowns a session."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import Error as DatabaseFault
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.urls import NoReverseMatch
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_variables

from sessions_hub.conf import conf
from sessions_hub.lifecycle import SessionNotEnded
from sessions_hub.lifecycle.alerts import label_of, place_of
from sessions_hub.lifecycle.disown import disown, read_token
from sessions_hub.lifecycle.guard import database
from sessions_hub.models import Session

from .base import in_base

_TEMPLATE = "sessions_hub/account/not_me.html"


@method_decorator([login_not_required, csrf_protect], name="dispatch")
class NotMeView(View):
    """Ends the session a signed link names, for whoever holds the link.

    GET asks and never acts, since mail scanners and previews fetch links; POST ends
    the session as `compromised` and leads to where a password is changed. A link that
    is forged, too old or of a session that is gone shows the same page and tells
    nothing.
    """

    http_method_names = ["get", "head", "post", "options"]

    @method_decorator(sensitive_variables("token", "kwargs"))
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = super().dispatch(request, *args, **kwargs)
        add_never_cache_headers(response)
        # The address is a secret. Not "no-referrer", with which browsers send a POST
        # that Django's CSRF check refuses.
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["X-Robots-Tag"] = "noindex"
        return response

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        session_id = read_token(token)
        session = _session(session_id) if session_id is not None else None
        if session is None:
            return self._no_such_link(request)
        context = {
            **in_base(),
            "is_valid": True,
            "has_ended": session.how_ended(timezone.now()) is not None,
            "label": label_of(session),
            "place": place_of(session),
            "address": session.ip or "",
            "time": session.issued_at,
            "password_url": password_url(),
        }
        with timezone.override(timezone.get_default_timezone()):
            return render(request, _TEMPLATE, context)

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        session_id = read_token(token)
        if session_id is None:
            return self._no_such_link(request)
        try:
            disown(session_id, now=timezone.now())
        except DatabaseFault as error:
            raise SessionNotEnded("The session could not be ended; try again.") from error
        return HttpResponseRedirect(password_url())

    def _no_such_link(self, request: HttpRequest) -> HttpResponse:
        context = {**in_base(), "is_valid": False, "password_url": password_url()}
        return render(request, _TEMPLATE, context, status=404)


def password_url() -> str:
    """Where a user changes a password without being signed in; at last the sign-in page."""
    names = ("password_reset", "account_reset_password", settings.LOGIN_URL)
    for name in (conf.SESSIONS_HUB_PASSWORD_URL, *names):
        try:
            if name:
                return str(resolve_url(name))
        except NoReverseMatch:
            continue
    return "/"


def password_change_url() -> str:
    """Where a user who is signed in changes the password; else where anybody does."""
    if not conf.SESSIONS_HUB_PASSWORD_URL:
        for name in ("password_change", "account_change_password"):
            try:
                return str(resolve_url(name))
            except NoReverseMatch:
                continue
    return password_url()


def _session(session_id: UUID) -> Session | None:
    return Session.objects.using(database()).filter(pk=session_id).first()
