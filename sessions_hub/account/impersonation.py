"""The pages to begin acting as another user, and to stop."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode, urlsplit

from django import forms
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.urls import NoReverseMatch, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from sessions_hub.conf import conf
from sessions_hub.lifecycle import ImpersonationDenied, start_impersonation, stop_impersonation
from sessions_hub.lifecycle.impersonation_rules import may_impersonate, may_impersonate_at_all

_TEMPLATE = "sessions_hub/impersonation/start.html"


class ReasonForm(forms.Form):
    """Why somebody acts as another user."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=255,
        help_text=_("Kept with the session, and shown to the user and to staff."),
    )


@never_cache
@csrf_protect
@sensitive_post_parameters("reason")
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest, user_id: str) -> HttpResponse:
    """Ask for a reason on GET; begin on POST, and go on to `next`.

    403 for whoever may not; visitors who are not signed in are sent to sign in.
    """
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    # Before the user is looked for: others do not learn which users there are.
    if not may_impersonate_at_all(request.user):
        raise PermissionDenied(str(ImpersonationDenied("permission")))
    target = _user(user_id)
    if request.method != "POST":
        if not may_impersonate(request, target):
            raise PermissionDenied(str(_("You may not act as this user.")))
        return _page(request, target, ReasonForm())
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _page(request, target, form, status=422)
    try:
        start_impersonation(request, target, form.cleaned_data["reason"])
    except ImpersonationDenied as denial:
        if denial.code == "stale":
            return _page(request, target, form, status=403, is_stale=True)
        form.add_error(None, ValidationError(str(denial), code=denial.code))
        return _page(request, target, form, status=403)
    return HttpResponseRedirect(_next(request))


@never_cache
@csrf_protect
@require_POST
def stop(request: HttpRequest) -> HttpResponse:
    """Go back to one's own session, and on to `next`; harmless where there is nothing to stop."""
    try:
        user = stop_impersonation(request)
    except ImpersonationDenied:
        # It has ended before the button was pressed, or was pressed twice.
        return HttpResponseRedirect(_next(request))
    if not user.is_authenticated:
        return redirect_to_login(_next(request))
    return HttpResponseRedirect(_next(request))


def _user(user_id: str) -> AbstractBaseUser:
    users: Any = get_user_model()._default_manager
    try:
        user: AbstractBaseUser | None = users.filter(pk=user_id).first()
    except (ValueError, TypeError, OverflowError, ValidationError):
        user = None
    if user is None:
        raise Http404
    return user


def _page(
    request: HttpRequest,
    target: AbstractBaseUser,
    form: ReasonForm,
    *,
    status: int = 200,
    is_stale: bool = False,
) -> HttpResponse:
    context = {
        "form": form,
        "target": target,
        "target_name": target.get_username(),
        "lifetime": conf.SESSIONS_HUB_IMPERSONATION_LIFETIME,
        "next": _given(request),
        "cancel_url": _came_from(request) or _next(request),
        "prove_again_url": _prove_again_url(request) if is_stale else "",
    }
    return render(request, _TEMPLATE, context, status=status)


def _prove_again_url(request: HttpRequest) -> str:
    """Where to prove again who one is; the sign-in page where the site has no other."""
    try:
        page = reverse("sessions_hub:reauthenticate")
    except NoReverseMatch:
        page = resolve_url(settings.LOGIN_URL)
    return f"{page}?{urlencode({'next': request.get_full_path()})}"


def _given(request: HttpRequest) -> str:
    """`next`, if it leads to this site; else empty."""
    return _ours(request, request.POST.get("next") or request.GET.get("next") or "")


def _came_from(request: HttpRequest) -> str:
    """The page of this site that led here, the admin's as a rule; empty where none is known."""
    # The form takes it along: a page shown again was led to by itself.
    return _ours(request, request.POST.get("cancel") or request.headers.get("Referer", ""))


def _ours(request: HttpRequest, url: str) -> str:
    is_ours = url_has_allowed_host_and_scheme(
        url, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    # Not back to this page either.
    return url if is_ours and urlsplit(url).path != request.path else ""


def _next(request: HttpRequest) -> str:
    return _given(request) or resolve_url(settings.LOGIN_REDIRECT_URL)
