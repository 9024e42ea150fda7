from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path

from tests.urls import urlpatterns as common


def reset(request: HttpRequest) -> HttpResponse:
    return HttpResponse("reset")


urlpatterns = [*common, path("password-reset/", reset, name="password_reset")]
