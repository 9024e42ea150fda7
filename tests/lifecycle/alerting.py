"""A site that tells its users by mail of sign-ins from elsewhere."""

from __future__ import annotations

import re
from zoneinfo import ZoneInfo

from django.urls import path
from django.utils import timezone, translation

from tests.views import sign_in

from .places import BERLIN, Traveller
from .urls import urlpatterns as common

LINK = re.compile(r"https?://\S+/account/not-me/\S+/")


def sign_in_abroad(request):
    """A site that serves its visitors in their own time zone and language."""
    timezone.activate(ZoneInfo("Asia/Tokyo"))
    translation.activate("de")
    return sign_in(request)


urlpatterns = [*common, path("sign-in-abroad/", sign_in_abroad)]


def sign_in_from(address: str = BERLIN, path: str = "/sign-in/?user=ada", **headers) -> Traveller:
    one = Traveller(address, **headers)
    assert one.get(path).status_code == 200
    return one
