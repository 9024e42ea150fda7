"""More views: DRF's, an atomic one, one that saves, some that fail."""

from __future__ import annotations

from django.contrib.auth import get_user_model, login, logout, user_logged_in, user_logged_out
from django.db import connections, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from sessions_hub.lifecycle.guard import database
from tests.views import BACKEND

from .faults import wait_settings


def _user(name: str):
    return get_user_model()._default_manager.get_by_natural_key(name)


class RestSignIn(APIView):
    """login() with DRF's Request."""

    authentication_classes = ()
    permission_classes = ()

    def get(self, request: Request) -> Response:
        login(request, _user(request.GET["user"]), backend=BACKEND)
        return Response({"in": True})


class Bearer(BaseAuthentication):
    """`Authorization: Bearer <user name>`; good enough for a test."""

    def authenticate(self, request: Request):
        scheme, _, name = request.headers.get("Authorization", "").partition(" ")
        return (_user(name), "the-token") if scheme == "Bearer" else None


class TokenSignIn(APIView):
    """As knox does: the signal, with DRF's Request and an untouched Django session."""

    authentication_classes = (Bearer,)
    permission_classes = ()

    def get(self, request: Request) -> Response:
        user_logged_in.send(sender=type(request.user), request=request._request, user=request.user)
        user_logged_in.send(sender=type(request.user), request=request, user=request.user)
        return Response({"token": "secret"})


class TokenSignOut(TokenSignIn):
    def get(self, request: Request) -> Response:
        user_logged_out.send(sender=type(request.user), request=request, user=request.user)
        return Response(status=204)


def save_in_session(request: HttpRequest) -> HttpResponse:
    """Change the session data of whoever asks; `expiry` sets the lifetime too."""
    request.session["seen"] = request.session.get("seen", 0) + 1
    if "expiry" in request.GET:
        request.session.set_expiry(int(request.GET["expiry"]))
    return HttpResponse("saved", status=int(request.GET.get("status", 200)))


def read_user(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.user.get_username())


def read_session(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"cart": request.session.get("cart")})


def boom(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("a view that fails")


def sign_in_and_tell_waits(request: HttpRequest) -> JsonResponse:
    """The connection's waits for locks after a login inside a transaction and after it."""
    connection = connections[database()]
    with transaction.atomic(using=database()):
        before = wait_settings(connection)
        login(request, _user(request.GET["user"]), backend=BACKEND)
        inside = wait_settings(connection)
    return JsonResponse({"waits": [before, inside, wait_settings(connection)]})


def sign_in_and_go_on(request: HttpRequest) -> HttpResponse:
    """A view that swallows whatever login() raises."""
    try:
        login(request, _user(request.GET["user"]), backend=BACKEND)
    except Exception:  # noqa: BLE001
        request.session["after"] = "the failure"
    return HttpResponse("went on")


def switch(request: HttpRequest) -> HttpResponse:
    """Sign out and in as somebody else in one request."""
    logout(request)
    login(request, _user(request.GET["user"]), backend=BACKEND)
    return HttpResponse("in")
