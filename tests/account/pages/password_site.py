"""A site with a page to change the password."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path

from tests.account.site import urlpatterns as common


def change(request: HttpRequest) -> HttpResponse:
    return HttpResponse("change")


urlpatterns = [*common, path("password-change/", change, name="password_change")]
