"""Over ASGI a client may hang up while its request is being served: nothing stays half done."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth import alogin, login, logout
from django.core.handlers.asgi import ASGIHandler
from django.http import HttpRequest, HttpResponse
from django.urls import path

from sessions_hub import middleware
from sessions_hub.lifecycle.state import RequestState, state_of
from sessions_hub.models import EndReason, Session
from tests.contract.browser import CHROME, Browser
from tests.urls import urlpatterns as common
from tests.views import BACKEND, _auser, _user

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

# Set by a view that has got to where its client hangs up.
reached = threading.Event()
# Set once it has.
gone = threading.Event()


def wait_for_the_end() -> None:
    reached.set()
    gone.wait(10)


def sign_in(request: HttpRequest) -> HttpResponse:
    wait_for_the_end()
    # In its thread, which nobody stops.
    login(request, _user(request), backend=BACKEND)
    return HttpResponse("in")


async def asign_in(request: HttpRequest) -> HttpResponse:
    await alogin(request, await _auser(request), backend=BACKEND)
    reached.set()
    await asyncio.sleep(10)
    return HttpResponse("in")


def sign_out(request: HttpRequest) -> HttpResponse:
    wait_for_the_end()
    logout(request)
    return HttpResponse("out")


def work(request: HttpRequest) -> HttpResponse:
    request.session["cart"] = [1]
    wait_for_the_end()
    return HttpResponse("done")


def present_a_copied_secret(request: HttpRequest) -> HttpResponse:
    """As where REST framework has rolled a refused view back, and the end with it."""
    state_of(request).reused_id = Session.objects.get().pk
    wait_for_the_end()
    return HttpResponse("refused", status=401)


urlpatterns = [
    *common,
    path("slow-sign-in/", sign_in),
    path("aslow-sign-in/", asign_in),
    path("slow-sign-out/", sign_out),
    path("slow/", work),
    path("copied/", present_a_copied_secret),
]


@pytest.fixture(autouse=True)
def not_yet(more_views, settings) -> None:
    settings.ROOT_URLCONF = __name__
    reached.clear()
    gone.clear()


def hang_up_during(url: str, query: str = "", cookies: str = "") -> None:
    """Ask for a page, and be gone while its view is at work."""

    async def serve() -> None:
        inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        sent: list[dict[str, Any]] = []
        await inbox.put({"type": "http.request", "body": b"", "more_body": False})
        headers = [(b"host", b"testserver"), (b"user-agent", CHROME.encode())]
        if cookies:
            headers.append((b"cookie", cookies.encode()))
        scope = {
            "type": "http",
            "method": "GET",
            "path": url,
            "query_string": query.encode(),
            "headers": headers,
            "client": ("127.0.0.1", 4711),
        }

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        served = asyncio.create_task(ASGIHandler()(scope, inbox.get, send))
        assert await asyncio.to_thread(reached.wait, 10)
        await inbox.put({"type": "http.disconnect"})
        await asyncio.sleep(0.05)
        gone.set()
        await asyncio.wait_for(served, 10)
        assert sent == []

    async_to_sync(serve)()


def cookies_of(browser: Browser) -> str:
    return "; ".join(f"{name}={one.value}" for name, one in browser.cookies.items())


@pytest.mark.parametrize("url", ["/slow-sign-in/", "/aslow-sign-in/"])
def test_a_sign_in_that_nobody_waited_for_leaves_no_active_row(user, url):
    """Whoever clicks twice hangs up on the first click."""
    hang_up_during(url, "user=ada")
    row = Session.objects.get()
    assert row.end_reason == EndReason.REVOKED_BY_POLICY


def test_nor_one_whose_client_has_gone_while_it_was_written_down(user, monkeypatch):
    pending_work = middleware.pending_work

    def slow(request: HttpRequest, response: HttpResponse, state: RequestState) -> Any:
        if not gone.is_set():
            wait_for_the_end()
        return pending_work(request, response, state)

    monkeypatch.setattr(middleware, "pending_work", slow)
    hang_up_during("/asign-in/", "user=ada")
    assert Session.objects.get().end_reason == EndReason.REVOKED_BY_POLICY


def test_a_session_goes_on(signed_in):
    hang_up_during("/slow/", cookies=cookies_of(signed_in))
    assert signed_in.whoami() == "ada"
    assert Session.objects.get().ended_at is None


def test_a_sign_out_holds(signed_in):
    hang_up_during("/slow-sign-out/", cookies=cookies_of(signed_in))
    assert Session.objects.get().end_reason == EndReason.SIGNED_OUT
    assert signed_in.whoami() is None


def test_a_copied_secret_ends_its_session(signed_in):
    hang_up_during("/copied/")
    assert Session.objects.get().end_reason == EndReason.COMPROMISED
