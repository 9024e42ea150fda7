"""A site with the pages and a page that shows the banner."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import path

from tests.urls import urlpatterns as common

PAGE = "{% load sessions_hub_impersonation %}{% impersonation_banner next='/inbox/' %}<p>page</p>"


def banner(request: HttpRequest) -> HttpResponse:
    return HttpResponse(engines["django"].from_string(PAGE).render({}, request))


urlpatterns = [path("banner/", banner), *common]
