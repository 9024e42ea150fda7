"""The site of fleet.py: somebody signs in, is asked for, and ends another session of theirs."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth import authenticate, login
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from sessions_hub.lifecycle import end_session, watch_ends
from sessions_hub.models import EndReason, Session


def public(request: HttpRequest) -> HttpResponse:
    return HttpResponse("public")


@csrf_exempt
def sign_in(request: HttpRequest) -> JsonResponse:
    user = authenticate(
        request, username=request.POST["username"], password=request.POST["password"]
    )
    if user is None:
        return JsonResponse({}, status=403)
    login(request, user)
    return JsonResponse({"session": str(request.hub_session.pk)})


def who(request: HttpRequest) -> JsonResponse:
    if not request.user.is_authenticated:
        return JsonResponse({}, status=401)
    return JsonResponse({"user": request.user.get_username()})


async def awho(request: HttpRequest) -> JsonResponse:
    user = await request.auser()
    if not user.is_authenticated:
        return JsonResponse({}, status=401)
    return JsonResponse({"user": user.get_username()})


@csrf_exempt
def end(request: HttpRequest) -> JsonResponse:
    """End another session of one's own; say until when a cache may let it in."""
    if not request.user.is_authenticated:
        return JsonResponse({}, status=401)
    wanted = Session.objects.for_user(request.user).get(pk=UUID(request.POST["session"]))
    with watch_ends() as ends:
        ended = end_session(wanted, reason=EndReason.REVOKED_BY_USER, by=request.user)
    until = ends.delayed_until
    return JsonResponse({"ended": ended, "until": None if until is None else until.timestamp()})


urlpatterns = [
    path("public/", public),
    path("sign-in/", sign_in),
    path("who/", who),
    path("awho/", awho),
    path("end/", end),
]
