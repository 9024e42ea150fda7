"""A site whose users come with the verdict: its views, its backends, and browsers signed in."""

from __future__ import annotations

import asyncio
import threading
from types import SimpleNamespace

import pytest
from django.contrib.auth import backends
from django.http import HttpResponse
from django.urls import path

from sessions_hub import auth
from sessions_hub.lifecycle import lend
from sessions_hub.models import Session
from tests.contract.browser import Browser
from tests.lifecycle.stores import change_store, store
from tests.urls import urlpatterns as common

OURS = "sessions_hub.auth.ModelBackend"
OURS_ALLOW_ALL = "sessions_hub.auth.AllowAllUsersModelBackend"
DJANGO = "django.contrib.auth.backends.ModelBackend"
HERE = "tests.lifecycle.joined_site"

seen = SimpleNamespace()


def look(request):
    """Keeps the user for the test to look at."""
    seen.request, seen.user = request, request.user
    return HttpResponse(request.user.get_username())


async def alook(request):
    seen.request, seen.user = request, await request.auser()
    return HttpResponse(seen.user.get_username())


def look_twice(request):
    """What others in the request find, before and after `request.user` is worked out."""
    backend = auth.ModelBackend()
    pk = Session.objects.get().user_id
    seen.before = backend.get_user(pk)
    first = request.user.pk
    seen.after = backend.get_user(pk)
    seen.user = request.user
    return HttpResponse(first)


async def spawn(request):
    """A task and a thread started in the request, before the user is worked out."""
    backend = auth.ModelBackend()
    row = await Session.objects.aget()
    seen.release = asyncio.Event()

    async def later():
        await seen.release.wait()
        return lend.take_user(row.user_id)

    in_thread = []
    thread = threading.Thread(target=lambda: in_thread.append(lend.take_user(row.user_id)))
    thread.start()
    thread.join()
    task = asyncio.create_task(later())
    seen.user = await request.auser()
    seen.release.set()
    seen.found = [await task, *in_thread, lend.take_user(row.user_id)]
    seen.fresh = await backend.aget_user(row.user_id)
    return HttpResponse("done")


def change_and_look(request):
    """As an impersonating view does: the session is another user's by now."""
    request.session.flush()
    seen.user = request.user
    return HttpResponse(request.user.get_username())


def swap_and_look(request):
    request.session["_auth_user_id"] = request.GET["to"]
    seen.user = request.user
    return HttpResponse(request.user.get_username())


def another_session_and_look(request):
    """As a proxy for several sites does: the session is another one of the same user."""
    request.session = store(seen.other)
    seen.user = request.user
    return HttpResponse(request.user.get_username())


def stream(request):
    seen.request = request
    return HttpResponse("not read")


urlpatterns = [
    *common,
    path("look/", look),
    path("alook/", alook),
    path("look-twice/", look_twice),
    path("spawn/", spawn),
    path("change-and-look/", change_and_look),
    path("swap-and-look/", swap_and_look),
    path("another-session-and-look/", another_session_and_look),
    path("stream/", stream),
]


def early_reader(get_response):
    def middleware(request):
        bool(request.user.is_authenticated)
        return get_response(request)

    return middleware


class Unmixed(auth.VerdictUserMixin, backends.ModelBackend):
    """Reads users as Django does."""


class ByCache(backends.ModelBackend):
    """Reads users in a way of its own."""

    def get_user(self, user_id):
        user = super().get_user(user_id)
        if user is not None:
            user.from_cache = True
        return user


class MixedByCache(auth.VerdictUserMixin, ByCache):
    """The mixin in front of it must not hide that way."""


class OnTop(auth.ModelBackend):
    """A site's own, on top of ours."""

    def get_user(self, user_id):
        user = super().get_user(user_id)
        if user is not None:
            user.seen_by = "OnTop"
        return user


@pytest.fixture(autouse=True)
def site(settings, more_views):
    settings.ROOT_URLCONF = HERE
    settings.AUTHENTICATION_BACKENDS = [OURS, DJANGO]
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "otp" not in name.lower()]


@pytest.fixture(autouse=True)
def nothing_kept():
    vars(seen).clear()


def signed_in_by(backend: str, mode: str = "sync") -> Browser:
    """A browser whose sign-in names a backend; what is compiled once is compiled."""
    browser = Browser(mode)
    browser.sign_in("ada")
    if browser.mode == "sync":
        change_store(browser, _auth_user_backend=backend)
        browser.get("/look/")
    return browser


def anew(browser: Browser, mode: str = "sync") -> Browser:
    """A client with the same cookies, whose middleware is built anew."""
    other = Browser(mode)
    other.client.cookies = browser.client.cookies
    return other


@pytest.fixture
def fast(user):
    return signed_in_by(OURS)
