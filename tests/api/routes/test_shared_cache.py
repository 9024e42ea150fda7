"""Behind a cache of whole pages that all visitors share, nobody gets another's (ASVS 14.3.2)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from sessions_hub.tokens import require_scope
from tests.admin.site import urlpatterns as admin_site
from tests.api.conftest import CHROME
from tests.api.staff.conftest import ALL, make_staff, token_of
from tests.api.tokens.conftest import AGENT
from tests.credentials.conftest import entry
from tests.urls import urlpatterns as common

from .table import TABLE
from .visitors import ALL_SCOPES

pytestmark = [
    pytest.mark.django_db(transaction=True, databases="__all__"),
    pytest.mark.urls(__name__),
]


@require_scope("orders:read")
def orders(request: HttpRequest) -> HttpResponse:
    """A view of the site's own that takes tokens."""
    return HttpResponse(request.user.get_username())


def own_session(request: HttpRequest) -> HttpResponse:
    """A view of the site's own that reads the session and nothing else."""
    return HttpResponse(str(request.hub_session.pk) if request.hub_session else "")


async def aown_session(request: HttpRequest) -> HttpResponse:
    """The same, async."""
    session = await request.ahub_session()
    return HttpResponse(str(session.pk) if session else "")


urlpatterns = [
    path("orders/", orders),
    path("aown-session/", aown_session),
    path("own-session/", own_session),
    *admin_site[:1],
    *common[1:],
]


@pytest.fixture(autouse=True, params=[True, False], ids=["saved on every request", "as usual"])
def cached_site(request: Any, settings: Any) -> None:
    settings.SESSION_SAVE_EVERY_REQUEST = request.param
    settings.SESSIONS_HUB_SCOPES = ["orders:read"]
    settings.SESSIONS_HUB_JWT_KEYS = [entry()]
    settings.MIDDLEWARE = [
        "django.middleware.cache.UpdateCacheMiddleware",
        "sessions_hub.tokens.SessionTokenMiddleware",
        *settings.MIDDLEWARE,
        "django.middleware.cache.FetchFromCacheMiddleware",
    ]


@pytest.fixture(autouse=True)
def still_clock() -> Iterator[None]:
    with time_machine.travel(datetime(2030, 5, 1, 12, 0, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def people(world, still_clock) -> dict[str, Client]:
    """Who asks, in the order they ask in; nobody's cookies change by it."""
    grace = make_staff("grace", *ALL)
    root = make_staff("root", is_superuser=True)
    scopes = (*ALL_SCOPES, "orders:read")
    people = {
        "nobody": Client(headers={"user-agent": CHROME}),
        "ada": world.sign_in(world.ada),
        "bob": world.sign_in(world.bob),
        "grace": world.sign_in(grace),
        "root": world.sign_in(root),
        "ada's program": by_token(token_of(world.ada, *scopes).secret),
        "bob's program": by_token(token_of(world.bob, *scopes).secret),
        "ada's other program": by_token(token_of(world.ada, *scopes).secret),
        "root's program": by_token(token_of(root, *scopes).secret),
        "nobody again": Client(headers={"user-agent": CHROME}),
    }
    for client in people.values():
        # What a first use leaves behind is behind them.
        client.get("/api/sessions/current/")
    return people


def by_token(secret: str) -> Client:
    return Client(headers={"authorization": f"Bearer {secret}", "user-agent": AGENT})


def pages(world: Any) -> list[str]:
    """Every address of the hub that can be got, and the site's own that show whose it is."""
    admin = "/admin/sessions_hub"
    return [
        *(
            f"/api/{world.filled(call.path)}"
            for call in TABLE.values()
            if call.verb == "GET" and not call.query
        ),
        "/account/reauthenticate/",
        f"/account/impersonate/{world.ada.pk}/",
        "/account/impersonate/stop/",
        f"{admin}/session/",
        f"{admin}/session/{world.session.pk}/change/",
        f"{admin}/session/{world.session.pk}/end/",
        f"{admin}/session/{world.session.pk}/history/",
        f"{admin}/device/",
        f"{admin}/authenticationmethod/",
        "/orders/",
        "/own-session/",
        "/aown-session/",
        "/whoami/",
        "/username/",
    ]


def told(client: Client, page: str) -> tuple[int, str]:
    """Status and body, without what differs between any two answers to one visitor."""
    response = client.get(page)
    text = response.content.decode()
    for line in [one for one in text.splitlines() if "csrfmiddlewaretoken" in one]:
        text = text.replace(line, "")
    return response.status_code, text


def test_everybody_gets_their_own_page(world, people):
    """What they are told after all the others is what they are told by an empty cache."""
    for page in pages(world):
        alone = {}
        for who, client in people.items():
            cache.clear()
            alone[who] = told(client, page)
        for order in (list(people), list(people)[::-1]):
            cache.clear()
            for who in order:
                assert told(people[who], page) == alone[who], (page, who)


def test_nobody_gets_another_s_cookie(world, people):
    for page in pages(world):
        cache.clear()
        for who, client in people.items():
            mine = client.cookies.get("sessionid")
            before = mine.value if mine is not None else None
            response = client.get(page)
            for name in ("sessionid", "sessions_hub_device"):
                if name in response.cookies and response.cookies[name].value:
                    assert response.cookies[name].value == before, (page, who, name)
                    assert before is not None, (page, who)
