"""The site that is measured: views that do next to nothing, and its URLs."""

from __future__ import annotations

from django.apps import apps
from django.contrib.auth import authenticate, get_user_model, login
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt


def public(request: HttpRequest) -> HttpResponse:
    return HttpResponse("public")


async def apublic(request: HttpRequest) -> HttpResponse:
    return HttpResponse("public")


def whoami(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.user.get_username())


async def awhoami(request: HttpRequest) -> HttpResponse:
    user = await request.auser()
    return HttpResponse(user.get_username())


def fill_cart(request: HttpRequest) -> HttpResponse:
    request.session["cart"] = [1, 2]
    return HttpResponse("kept")


@csrf_exempt
def sign_in(request: HttpRequest) -> HttpResponse:
    """The same sign-in for all; with allauth, its own signal is sent as well."""
    user = authenticate(
        request, username=request.POST["username"], password=request.POST["password"]
    )
    if user is None:
        return HttpResponse("wrong", status=403)
    login(request, user)
    if apps.is_installed("allauth.usersessions"):
        _tell_allauth(request, user)
    return HttpResponse("in")


def _tell_allauth(request: HttpRequest, user) -> None:
    from allauth.account.signals import user_logged_in
    from allauth.usersessions.models import UserSession

    if "seed" in request.GET:
        # What its receiver does, without looking through all sessions of the user:
        # signing in a hundred times would take minutes.
        UserSession.objects.create_from_request(request)
        return
    user_logged_in.send(sender=get_user_model(), request=request, response=None, user=user)


urlpatterns = [
    path("public/", public),
    path("apublic/", apublic),
    path("whoami/", whoami),
    path("awhoami/", awhoami),
    path("fill-cart/", fill_cart),
    path("sign-in/", sign_in),
]
