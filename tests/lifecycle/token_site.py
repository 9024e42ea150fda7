"""Views for the tests of provider tokens: those of impersonation, and the one that reads."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth import get_user_model
from django.http import HttpRequest, JsonResponse
from django.urls import path

from sessions_hub.lifecycle import ProviderTokensDenied, aprovider_tokens, provider_tokens
from sessions_hub.lifecycle.provider_tokens import ProviderTokens

from .impersonating import urlpatterns as common


def _answer(found: list[ProviderTokens]) -> JsonResponse:
    return JsonResponse({"tokens": [[one.access_token, one.refresh_token] for one in found]})


def _denied(denial: ProviderTokensDenied) -> JsonResponse:
    lacking = denial.shortfall
    return JsonResponse({"code": denial.code, "challenge": lacking and lacking.challenge})


def tokens(request: HttpRequest) -> JsonResponse:
    """`?session=` of somebody, read by the request's user or by `?by=`."""
    by = request.user
    if name := request.GET.get("by"):
        by = get_user_model()._default_manager.get(username=name)
    try:
        return _answer(provider_tokens(UUID(request.GET["session"]), by=by, request=request))
    except ProviderTokensDenied as denial:
        return _denied(denial)


async def atokens(request: HttpRequest) -> JsonResponse:
    try:
        found = await aprovider_tokens(
            UUID(request.GET["session"]), by=await request.auser(), request=request
        )
    except ProviderTokensDenied as denial:
        return _denied(denial)
    return _answer(found)


urlpatterns = [*common, path("tokens/", tokens), path("atokens/", atokens)]
