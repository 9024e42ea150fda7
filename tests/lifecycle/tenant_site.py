"""A site of several tenants, whose answer the tests choose."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import path

from sessions_hub.lifecycle import aswitch_tenant, switch_tenant
from sessions_hub.models import Session

from .urls import urlpatterns as common

ANSWER: list = []
ASKED: list = []


def tenant_of(request, user):
    """SESSIONS_HUB_TENANT of these tests: what stands in ANSWER."""
    ASKED.append((request, user))
    answer = ANSWER[0]
    if isinstance(answer, Exception):
        raise answer
    return answer() if callable(answer) else answer


def switch(request):
    before = request.hub_session.tenant_id
    switch_tenant(request, request.GET["to"], request.GET.get("in", ""))
    return HttpResponse(f"{before} {request.hub_session.tenant_id}")


async def aswitch(request):
    session = await aswitch_tenant(request, request.GET["to"])
    return HttpResponse(session.tenant_id)


urlpatterns = [*common, path("switch-tenant/", switch), path("aswitch-tenant/", aswitch)]


def place() -> tuple[str, str]:
    session = Session.objects.get()
    return session.tenant_id, session.workspace_id
