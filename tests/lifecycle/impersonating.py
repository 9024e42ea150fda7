"""People, views and a browser for the tests of impersonation."""

from __future__ import annotations

from typing import Any

from asgiref.sync import sync_to_async
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.contrib.auth.views import PasswordChangeView
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views import View

from sessions_hub.impersonation import forbid_impersonation
from sessions_hub.lifecycle import (
    ImpersonationDenied,
    astart_impersonation,
    astop_impersonation,
    start_impersonation,
    stop_impersonation,
)
from sessions_hub.models import Device, Session
from tests.contract.browser import Browser

from .urls import urlpatterns as common

REASON = "ticket 4711"


def make_staff(name: str = "grace", *permissions: str, **values: Any) -> Any:
    """A member of staff who may act as others."""
    user = get_user_model()._default_manager.create_user(
        username=name,
        password="right-password",
        email=f"{name}@example.com",
        is_staff=True,
        **values,
    )
    for codename in permissions or ("impersonate_user",):
        user.user_permissions.add(Permission.objects.get(codename=codename))
    return user


def impersonate(browser: Browser, name: str = "ada", reason: str = REASON) -> HttpResponse:
    """POST to the view that starts an impersonation."""
    return browser.post(browser.twin("/impersonate/") + f"?user={name}", {"reason": reason})


def stop(browser: Browser) -> HttpResponse:
    """POST to the view that stops it."""
    return browser.post(browser.twin("/stop/"))


def the_impersonation(**filters: Any) -> Session:
    return Session.objects.select_related("user", "impersonator").get(
        session_type="impersonation", **filters
    )


def own(name: str = "grace") -> Session:
    """The newest session somebody has signed in to."""
    rows = Session.objects.filter(user__username=name, session_type="regular_login")
    return rows.order_by("-pk").first()


def everything() -> list[dict[str, Any]]:
    """All that is stored of sessions and devices, to see that nothing has changed."""
    return [*Session.objects.order_by("pk").values(), *Device.objects.order_by("pk").values()]


def _target(request: HttpRequest) -> Any:
    return get_user_model()._default_manager.filter(username=request.GET["user"]).first()


def _status(request: HttpRequest) -> int:
    return int(request.GET.get("status", 200))


def start_view(request: HttpRequest) -> HttpResponse:
    try:
        session = start_impersonation(request, _target(request), request.POST.get("reason", ""))
    except ImpersonationDenied as denial:
        return JsonResponse({"code": denial.code, "text": str(denial)}, status=403)
    return JsonResponse(
        {"session": str(session.pk), "user": request.user.get_username()}, status=_status(request)
    )


async def astart_view(request: HttpRequest) -> HttpResponse:
    target = await sync_to_async(_target)(request)
    try:
        session = await astart_impersonation(request, target, request.POST.get("reason", ""))
    except ImpersonationDenied as denial:
        return JsonResponse({"code": denial.code, "text": str(denial)}, status=403)
    user = await request.auser()
    return JsonResponse(
        {"session": str(session.pk), "user": user.get_username()}, status=_status(request)
    )


def stop_view(request: HttpRequest) -> HttpResponse:
    try:
        user = stop_impersonation(request)
    except ImpersonationDenied as denial:
        return JsonResponse({"code": denial.code}, status=403)
    return JsonResponse({"user": user.get_username()}, status=_status(request))


async def astop_view(request: HttpRequest) -> HttpResponse:
    try:
        user = await astop_impersonation(request)
    except ImpersonationDenied as denial:
        return JsonResponse({"code": denial.code}, status=403)
    return JsonResponse({"user": user.get_username()}, status=_status(request))


def start_and_roll_back(request: HttpRequest) -> HttpResponse:
    from django.db import transaction

    from sessions_hub.lifecycle.guard import database

    start_impersonation(request, _target(request), REASON)
    transaction.set_rollback(True, using=database())
    return HttpResponse("no", status=403)


def verify_code(request: HttpRequest) -> HttpResponse:
    """As django_otp.login() does."""
    request.session["otp_device_id"] = "otp_totp.totpdevice/1"
    return HttpResponse("verified")


@forbid_impersonation
def delete_account(request: HttpRequest) -> HttpResponse:
    return HttpResponse("deleted")


@forbid_impersonation
async def adelete_account(request: HttpRequest) -> HttpResponse:
    return HttpResponse("deleted")


class Keys(View):
    def get(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse("keys")


class AsyncKeys(View):
    async def get(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse("keys")


class MyPasswordChange(PasswordChangeView):
    success_url = "/public/"
    template_name = "admin/login.html"


urlpatterns = [
    path("impersonate/", start_view),
    path("aimpersonate/", astart_view),
    path("stop/", stop_view),
    path("astop/", astop_view),
    path("start-and-roll-back/", start_and_roll_back),
    path("verify-code/", verify_code),
    path("delete-account/", delete_account),
    path("adelete-account/", adelete_account),
    path("keys/", forbid_impersonation(Keys.as_view())),
    path("akeys/", forbid_impersonation(AsyncKeys.as_view())),
    path("password/", MyPasswordChange.as_view()),
    *common,
]
