"""A site where sessions move: what is bound, how it is proven again, and a thief."""

from __future__ import annotations

import copy

from django.http import HttpRequest, HttpResponse
from django.urls import path

from sessions_hub.lifecycle import start_session
from sessions_hub.models import SessionDevice
from tests.views import whoami

from .places import NEW_YORK, Traveller
from .urls import urlpatterns as common

ACCOUNTS_LOGIN = "/accounts/login/"


def prove_by(request: HttpRequest) -> HttpResponse:
    """Note a proof by `method`, as a package that calls start_session() itself does."""
    start_session(request.user, request=request, method=request.GET["method"])
    return HttpResponse("noted")


def prove_by_code(request: HttpRequest) -> HttpResponse:
    """A second factor, as django-otp notes it."""
    request.session["otp_device_id"] = "otp_totp.totpdevice/1"
    return HttpResponse("noted")


urlpatterns = [
    *common,
    path("sso/by/", prove_by),
    path("sso/code/", prove_by_code),
    path("prove/", whoami, name="prove"),
    path("sso/callback/", whoami),
    path("static/whoami/", whoami),
]


def bind(settings, **rules: str) -> None:
    settings.SESSIONS_HUB_BINDING = rules


def thief_of(owner: Traveller, address: str = NEW_YORK) -> Traveller:
    """Somebody else, with a copy of the owner's session cookie but not of the device's."""
    thief = Traveller(address)
    thief.client.cookies = copy.deepcopy(owner.cookies)
    for name in list(thief.cookies):
        if name != "sessionid":
            del thief.cookies[name]
    return thief


def places_of_session() -> list[str]:
    return list(SessionDevice.objects.order_by("first_seen_at").values_list("ip", flat=True))


def prove(browser: Traveller) -> None:
    """A full sign-in on the site's own page."""
    response = browser.post(ACCOUNTS_LOGIN, {"username": "ada", "password": "right-password"})
    assert response.status_code == 302, response.content
