"""Views the tests sign in and out through, sync and async."""

from __future__ import annotations

from django.contrib.auth import (
    alogin,
    alogout,
    aupdate_session_auth_hash,
    get_user_model,
    login,
    logout,
    update_session_auth_hash,
)
from django.http import HttpRequest, HttpResponse, JsonResponse

BACKEND = "django.contrib.auth.backends.ModelBackend"


def _user(request: HttpRequest):
    return get_user_model()._default_manager.get_by_natural_key(request.GET["user"])


async def _auser(request: HttpRequest):
    return await get_user_model()._default_manager.aget_by_natural_key(request.GET["user"])


def public(request: HttpRequest) -> HttpResponse:
    return HttpResponse("public")


async def apublic(request: HttpRequest) -> HttpResponse:
    return HttpResponse("public")


def cart(request: HttpRequest) -> HttpResponse:
    request.session["cart"] = [1]
    return HttpResponse("kept")


def whoami(request: HttpRequest) -> HttpResponse:
    session = request.hub_session
    return JsonResponse(
        {
            "user": request.user.get_username() if request.user.is_authenticated else None,
            "session": str(session.pk) if session else None,
        }
    )


def username(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.user.get_username())


async def awhoami(request: HttpRequest) -> HttpResponse:
    user = await request.auser()
    session = await request.ahub_session()
    return JsonResponse(
        {
            "user": user.get_username() if user.is_authenticated else None,
            "session": str(session.pk) if session else None,
        }
    )


def sign_in(request: HttpRequest) -> HttpResponse:
    login(request, _user(request), backend=BACKEND)
    if "expiry" in request.GET:
        request.session.set_expiry(int(request.GET["expiry"]))
    return HttpResponse("in", status=int(request.GET.get("status", 200)))


async def asign_in(request: HttpRequest) -> HttpResponse:
    await alogin(request, await _auser(request), backend=BACKEND)
    if "expiry" in request.GET:
        await request.session.aset_expiry(int(request.GET["expiry"]))
    return HttpResponse("in", status=int(request.GET.get("status", 200)))


def sign_in_and_fail(request: HttpRequest) -> HttpResponse:
    login(request, _user(request), backend=BACKEND)
    raise RuntimeError("after the sign-in")


def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return HttpResponse("out")


async def asign_out(request: HttpRequest) -> HttpResponse:
    await alogout(request)
    return HttpResponse("out")


def change_password(request: HttpRequest) -> HttpResponse:
    request.user.set_password(request.GET["to"])
    request.user.save()
    update_session_auth_hash(request, request.user)
    return HttpResponse("changed")


async def achange_password(request: HttpRequest) -> HttpResponse:
    user = await request.auser()
    user.set_password(request.GET["to"])
    await user.asave()
    # Django compares with request.user, which would query synchronously here.
    request.user = user
    await aupdate_session_auth_hash(request, user)
    return HttpResponse("changed")


def flush(request: HttpRequest) -> HttpResponse:
    request.session.flush()
    return HttpResponse("flushed")
