"""A site whose pages another server renders: it tells whose client it acts for."""

from __future__ import annotations

import json
from types import SimpleNamespace

from asgiref.sync import sync_to_async
from django.contrib.auth import alogin, get_user_model, login
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from sessions_hub.lifecycle import aforward_client, forward_client
from tests.contract.browser import CHROME
from tests.views import BACKEND

from .urls import urlpatterns as common
from .views import Bearer, RestSignIn


def _user(name: str):
    return get_user_model()._default_manager.get_by_natural_key(name)


def _told(request: HttpRequest) -> dict[str, object]:
    """What the server says of its end user, in a header of its own."""
    told = json.loads(request.headers["X-Client"])
    scheme, _, name = request.headers.get("Authorization", "").partition(" ")
    if scheme == "Session":
        return told
    if scheme == "Service":
        # Not a row of the user model, though it has the key of one.
        pk = _user(name).pk
        return {**told, "caller": SimpleNamespace(pk=pk, is_active=True, has_perm=bool)}
    return {**told, "caller": _user(name) if scheme == "Bearer" else AnonymousUser()}


def sign_in_for(request: HttpRequest) -> HttpResponse:
    forward_client(request, **_told(request))
    login(request, _user(request.GET["user"]), backend=BACKEND)
    return HttpResponse("in")


async def asign_in_for(request: HttpRequest) -> HttpResponse:
    await aforward_client(request, **await sync_to_async(_told)(request))
    await alogin(request, await sync_to_async(_user)(request.GET["user"]), backend=BACKEND)
    return HttpResponse("in")


def page_for(request: HttpRequest) -> JsonResponse:
    forward_client(request, **_told(request))
    return JsonResponse({"user": request.user.get_username()})


async def apage_for(request: HttpRequest) -> JsonResponse:
    await aforward_client(request, **await sync_to_async(_told)(request))
    return JsonResponse({"user": (await request.auser()).get_username()})


def sign_in_twice(request: HttpRequest) -> HttpResponse:
    login(request, _user(request.GET["first"]), backend=BACKEND)
    return sign_in_for(request)


class RestSignInFor(RestSignIn):
    authentication_classes = (Bearer,)

    def get(self, request: Request) -> Response:
        forward_client(request, address="198.51.100.7", user_agent=CHROME)
        return super().get(request)


urlpatterns = [
    *common,
    path("sign-in-for/", sign_in_for),
    path("asign-in-for/", asign_in_for),
    path("page-for/", page_for),
    path("apage-for/", apage_for),
    path("sign-in-twice/", sign_in_twice),
    path("rest-sign-in-for/", RestSignInFor.as_view()),
]
