"""Every route and every visitor: the answer is the one that is declared (ASVS 8.2.1)."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.http import HttpResponse
from django.urls import include, path
from rest_framework.views import APIView

from sessions_hub.api import urls
from sessions_hub.api.devices import DeviceViewSet
from sessions_hub.models import AuthenticationMethod, Device, Session, SessionToken
from tests.credentials.shown import found_in

from . import found
from .table import TABLE
from .visitors import VISITORS

pytestmark = pytest.mark.django_db(databases="__all__")

# What a use leaves behind, whatever the answer is.
TOUCHED = {"last_used_at", "idle_expires_at", "updated_at", "current_fingerprint"}
# Whose rows ada's are.
OF_ADA = {"owner", "aal1", "stale", "acting", "token", "bare"}


def rows() -> list[Any]:
    """All that a call could change of what is stored."""
    kept = [field.name for field in Session._meta.fields if field.name not in TOUCHED]
    return [
        list(Session.objects.order_by("pk").values(*kept)),
        list(Device.objects.order_by("pk").values("pk", "name", "trusted_at", "forgotten_at")),
        list(SessionToken.objects.order_by("pk").values()),
        list(AuthenticationMethod.objects.order_by("pk").values()),
        LogEntry.objects.count(),
    ]


class TestTheTable:
    def test_has_every_route_and_no_other(self):
        assert {call.name for call in TABLE.values()} == found.calls()

    def test_has_every_visitor(self):
        assert {tuple(call.answers) for call in TABLE.values()} == {tuple(VISITORS)}

    def test_would_miss_a_new_route_wherever_it_is_included(self):
        class More(APIView):
            def put(self, request: Any) -> HttpResponse: ...

        class WithMore(DeviceViewSet):
            def merge(self, request: Any) -> HttpResponse: ...

        further = [
            *urls.urlpatterns,
            path("staff/deep/", include(([path("<pk>/more/", More.as_view())], "more"))),
            path("devices/merge/", WithMore.as_view({"post": "merge"})),
        ]
        new = {"PUT staff/deep/<pk>/more/", "POST devices/merge/"}
        assert found.calls(further) - found.calls() == new


# What shows a secret, to whoever is let in: what is stored for that, and what is new.
SHOWS = {"POST sessions/<pk>/provider-tokens/": {"access token", "refresh token"}}
MAKES_ONE = {
    "POST sessions/",
    "POST sessions/current/rotate/",
    "POST sessions/current/step-up/",
    "POST staff/sessions/",
}


@pytest.mark.parametrize("who", VISITORS)
@pytest.mark.parametrize("name", TABLE)
def test_the_answer_is_the_declared_one_and_shows_no_secret(name, who, world, caplog):
    caplog.set_level(logging.DEBUG)
    call = TABLE[name]
    visitor = world.settled(who, call.permission)
    before = rows()
    path = f"{call.path}?{call.query}" if call.query else call.path
    response = world.ask(visitor, call.verb, path, call.body)
    shown = f"{dict(response.headers)} {response.cookies} {response.content.decode()}"
    logged = " ".join(f"{one.getMessage()} {vars(one)}" for one in caplog.records)
    assert response.status_code < 300 or found_in(shown, world.seeds.all) == []
    assert world.seeds.named(found_in(shown, world.seeds.all)) <= SHOWS.get(name, set())
    if made := response.content and response.json().get("secret"):
        assert name in MAKES_ONE
        assert found_in(f"{dict(response.headers)} {response.cookies} {logged}", [made]) == []
    assert found_in(logged, world.seeds.all) == []
    status, code = call.expected(who)
    assert response.status_code == status, response.content
    if code is not None:
        assert response.json()["code"] == code
        assert rows() == before
    elif who not in OF_ADA and not call.path.startswith(("staff/", "introspect/")):
        # A stranger's answer has nothing of hers.
        for one in (world.session, world.device):
            assert str(one.pk) not in response.content.decode()


OTHER_VERBS = {
    path: sorted({*found.VERBS, "OPTIONS"} - verbs) for path, verbs in found.routes().items()
}


def refusals(who: str, path: str) -> set[int]:
    """How a verb may be refused that a route does not take."""
    if path == ".well-known/jwks.json":
        return {405}
    if who == "owner" and path.startswith(("staff/", "introspect/")):
        # Not let in at all.
        return {403}
    # A token has no scope for what there is not.
    return {"anon": {401}, "owner": {405}, "root": {405}, "token": {403, 405}}[who]


@pytest.mark.parametrize("path", OTHER_VERBS)
@pytest.mark.parametrize("who", ["anon", "owner", "root", "token"])
def test_what_a_route_does_not_take_it_does_not_do(path, who, world):
    visitor = world.settled(who, None)
    before = rows()
    for verb in OTHER_VERBS[path]:
        assert world.ask(visitor, verb, path, {}).status_code in refusals(who, path), verb
    assert rows() == before


@pytest.mark.parametrize("who", ["anon", "other", "owner", "token"])
def test_head_is_get_without_a_body(who, world):
    for call in TABLE.values():
        if call.verb == "GET" and not call.query:
            response = world.ask(world.visitor(who, None), "HEAD", call.path, {})
            assert response.status_code == call.expected(who)[0], call.path
            assert response.content == b""
