"""More views: DRF's, an atomic one, one that saves, some that fail."""

from __future__ import annotations

from datetime import timedelta
from threading import Event

from asgiref.sync import sync_to_async
from django.contrib.auth import (
    authenticate,
    get_user_model,
    login,
    logout,
    user_logged_in,
    user_logged_out,
)
from django.contrib.auth.views import PasswordResetConfirmView
from django.db import connections, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from sessions_hub.lifecycle import TooManySessions, end_sessions, start_session
from sessions_hub.lifecycle.guard import database
from sessions_hub.models import EndReason, Session
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


class Slow:
    """A request that has been let in and takes its time: until `go_on` is set."""

    def __init__(self) -> None:
        self.began, self.go_on = Event(), Event()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        name = request.user.get_username()
        self.began.set()
        self.go_on.wait(timeout=30)
        if "save" in request.GET:
            request.session["seen"] = True
            request.session.set_expiry(3600)
        return HttpResponse(name)


slow = Slow()


def read_user(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.user.get_username())


def read_user_and_save(request: HttpRequest) -> HttpResponse:
    request.session["user"] = request.user.get_username()
    return HttpResponse("saved")


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


def sign_out_and_fail(request: HttpRequest) -> HttpResponse:
    logout(request)
    raise RuntimeError("after the sign-out")


def clear_and_fail(request: HttpRequest) -> HttpResponse:
    request.session.clear()
    raise RuntimeError("after the clearing")


def delete_session(request: HttpRequest) -> HttpResponse:
    del request.session
    return HttpResponse("deleted")


def session_to_none(request: HttpRequest) -> HttpResponse:
    request.session = None
    return HttpResponse("none")


def sign_in_and_roll_back(request: HttpRequest) -> HttpResponse:
    """As DRF's exception handler does under ATOMIC_REQUESTS."""
    login(request, _user(request.GET["user"]), backend=BACKEND)
    transaction.set_rollback(True, using=database())
    return HttpResponse("no", status=403)


def fail_and_roll_back(request: HttpRequest) -> HttpResponse:
    """As DRF's exception handler does with a sign-in that failed."""
    authenticate(request, username="ada", password="wrong")
    if connections[database()].in_atomic_block:
        transaction.set_rollback(True, using=database())
    return HttpResponse("no", status=401)


def fill_cart_and_sign_in(request: HttpRequest) -> HttpResponse:
    request.session["cart"] = [1]
    login(request, _user(request.GET["user"]), backend=BACKEND)
    return HttpResponse("in")


def end_all_and_sign_in(request: HttpRequest) -> HttpResponse:
    """ "This was not me": end all sessions of the user, this one too, and sign in anew."""
    user = _user(request.GET["user"])
    end_sessions(Session.objects.for_user(user), reason=EndReason.COMPROMISED, by=user)
    login(request, user, backend=BACKEND)
    return HttpResponse("in")


aend_all_and_sign_in = sync_to_async(end_all_and_sign_in)


def sign_in_overtaken(request: HttpRequest) -> HttpResponse:
    """Sign in while faster requests of the same session have changed its generation."""
    login(request, _user(request.GET["user"]), backend=BACKEND)
    Session.objects.update(generation=int(request.GET["generation"]))
    return HttpResponse("in")


def sign_in_with_code(request: HttpRequest) -> HttpResponse:
    """A password and then a code, as django-otp notes it."""
    login(request, _user(request.GET["user"]), backend=BACKEND)
    request.session["otp_device_id"] = "otp_totp.totpdevice/1"
    if "expiry" in request.GET:
        request.session.set_expiry(int(request.GET["expiry"]))
    return HttpResponse("in")


def sign_in_out_in(request: HttpRequest) -> HttpResponse:
    user = _user(request.GET["user"])
    login(request, user, backend=BACKEND)
    logout(request)
    login(request, user, backend=BACKEND)
    return HttpResponse("in")


def sign_in_and_say_more(request: HttpRequest) -> JsonResponse:
    """login(), and then what the project knows better: ?method, ?session_type, ?minutes."""
    user = _user(request.GET["user"])
    login(request, user, backend=BACKEND)
    said = {name: request.GET[name] for name in ("method", "session_type") if name in request.GET}
    if "minutes" in request.GET:
        said["lifetime"] = timedelta(minutes=int(request.GET["minutes"]))
    session = start_session(user, request=request, **said)
    return JsonResponse({"id": str(session.pk), "age": request.session.get_expiry_age()})


def sign_out_authenticated(request: HttpRequest) -> HttpResponse:
    """As django-ninja does with its own session authentication: `auth` is the user."""
    request.auth = request.user
    logout(request)
    return HttpResponse("out")


def sign_in_through_allauth(request: HttpRequest) -> HttpResponse:
    """As django-allauth does: its records first, then login(). ?methods=password,mfa:totp"""
    request.session["account_authentication_methods"] = [
        {"method": method, "type": kind, "at": 1_780_000_000.0 + number}
        for number, (method, _, kind) in enumerate(
            named.partition(":") for named in request.GET["methods"].split(",")
        )
    ]
    login(request, _user(request.GET["user"]), backend=BACKEND)
    return HttpResponse("in")


def add_code(request: HttpRequest) -> HttpResponse:
    """A factor in a later request, as django-otp notes it: ?app=otp_email, ?device, ?expiry."""
    app, device = request.GET.get("app", "otp_totp"), request.GET.get("device", 1)
    request.session["otp_device_id"] = f"{app}.device/{device}"
    if "expiry" in request.GET:
        request.session.set_expiry(int(request.GET["expiry"]))
    return HttpResponse("proven")


def sign_in_and_catch(request: HttpRequest) -> HttpResponse:
    """A view that explains itself when its user has too many sessions."""
    try:
        login(request, _user(request.GET["user"]), backend=BACKEND)
    except TooManySessions:
        return HttpResponse("choose a session to end", status=403)
    return HttpResponse("in")


def set_password(request: HttpRequest) -> HttpResponse:
    """Change somebody's password and leave it at that."""
    user = _user(request.GET["user"])
    user.set_password(request.GET["to"])
    user.save()
    return HttpResponse("changed")


class ResetAndSignIn(PasswordResetConfirmView):
    """A site's own subclass."""

    post_reset_login = True
    post_reset_login_backend = BACKEND
    success_url = "/whoami/"


def sign_in_with_app(request: HttpRequest) -> HttpResponse:
    """A password and then another factor of an app: ?app=otp_email, ?device."""
    login(request, _user(request.GET["user"]), backend=BACKEND)
    request.session["otp_device_id"] = f"{request.GET['app']}.device/{request.GET.get('device', 2)}"
    return HttpResponse("in")
