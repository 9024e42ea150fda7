"""A site with the page that asks again, and views behind a requirement of every kind."""

from __future__ import annotations

from datetime import timedelta

import django_otp
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import include, path
from django.views import View
from django_otp.plugins.otp_totp.models import TOTPDevice
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.permissions import AllowAny
from rest_framework.renderers import BrowsableAPIRenderer, JSONRenderer
from rest_framework.response import Response
from rest_framework.views import APIView

from sessions_hub.api.permissions import assurance_required
from sessions_hub.decorators import require_assurance
from sessions_hub.mixins import AssuranceRequiredMixin
from tests.lifecycle.urls import urlpatterns as common
from tests.lifecycle.views import Bearer

FRESH = timedelta(minutes=15)


@require_assurance("aal1", max_age=FRESH)
def fresh(request: HttpRequest) -> HttpResponse:
    return HttpResponse("let in")


@require_assurance("aal2", max_age=FRESH)
def strong(request: HttpRequest, number: int = 0) -> HttpResponse:
    """Strong and fresh."""
    return HttpResponse(f"let in {number}")


@require_assurance("aal2", max_age=FRESH)
async def astrong(request: HttpRequest) -> HttpResponse:
    return HttpResponse("let in")


@require_assurance("available")
def available(request: HttpRequest) -> HttpResponse:
    return HttpResponse("let in")


class Strong(AssuranceRequiredMixin, View):
    assurance_level = "aal2"
    assurance_max_age = FRESH

    def get(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse("let in")

    post = get


class AStrong(AssuranceRequiredMixin, View):
    assurance_level = "aal2"
    assurance_max_age = FRESH

    async def get(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse("let in")


class CookieAuthentication(SessionAuthentication):
    def authenticate_header(self, request):
        return 'Cookie realm="site"'


class RestStrong(APIView):
    authentication_classes = (CookieAuthentication, Bearer)
    permission_classes = (assurance_required("aal2", max_age=FRESH),)
    renderer_classes = (JSONRenderer, BrowsableAPIRenderer)

    def get(self, request):
        return Response({"let": "in"})

    def post(self, request):
        return Response({"let": "in"})


class Anybody(BaseAuthentication):
    """Finds the cookie's user, and says that it was by a token."""

    def authenticate(self, request):
        return (request._request.user, "a-token")


class TokenStrong(RestStrong):
    authentication_classes = (Anybody,)


class RestOpen(APIView):
    permission_classes = (AllowAny,)

    def get(self, request):
        return Response({"let": "in"})


def otp(request: HttpRequest) -> HttpResponse:
    """What a site's own page does once django-otp has taken the code, or removed a device."""
    if "delete" in request.GET:
        TOTPDevice.objects.filter(user=request.user.pk).delete()
    else:
        django_otp.login(request, TOTPDevice.objects.get(pk=request.GET["device"]))
    return HttpResponse("done")


PAGE = (
    "{% load sessions_hub %}"
    '{% has_assurance "aal2" as strong %}{% has_assurance "aal1" max_age=900 as fresh %}'
    "{% if strong %}strong {% endif %}{% if fresh %}fresh{% endif %}"
)


@login_not_required
def page(request: HttpRequest) -> HttpResponse:
    return HttpResponse(engines["django"].from_string(PAGE).render({}, request))


urlpatterns = [
    *common,
    path("account/", include("sessions_hub.account.urls")),
    path("fresh/", fresh),
    path("strong/", strong),
    path("strong/<int:number>/", strong),
    path("astrong/", astrong),
    path("available/", available),
    path("class-strong/", Strong.as_view()),
    path("aclass-strong/", AStrong.as_view()),
    path("rest-strong/", RestStrong.as_view()),
    path("token-strong/", TokenStrong.as_view()),
    path("rest-open/", RestOpen.as_view()),
    path("page/", page),
    path("otp/", otp),
]
