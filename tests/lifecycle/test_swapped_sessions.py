"""Views that put another Django session in place while they work, as APIs for apps do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

import pytest
from django.conf import settings
from django.contrib.auth import get_user, login, logout
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.functional import SimpleLazyObject

from sessions_hub.models import EndReason, Session
from tests.contract.browser import Browser
from tests.urls import urlpatterns as common
from tests.views import BACKEND, _user

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


@contextmanager
def swapped(request: HttpRequest) -> Iterator[None]:
    """Serve the session of a header; the browser's is put back behind it."""
    session, user = request.session, request.user
    store = import_module(settings.SESSION_ENGINE).SessionStore
    request.session = store(request.headers.get("x-session-token"))
    request.user = SimpleLazyObject(lambda: get_user(request))
    try:
        yield
        if request.session.modified and not request.session.is_empty():
            request.session.save()
    finally:
        request.session, request.user = session, user


def sign_in(request: HttpRequest) -> HttpResponse:
    with swapped(request):
        request.user = AnonymousUser()
        login(request, _user(request), backend=BACKEND)
        key = request.session.session_key
        if key is None:
            request.session.save()
            key = request.session.session_key
    return HttpResponse(key)


def sign_in_and_fail(request: HttpRequest) -> HttpResponse:
    return HttpResponse(sign_in(request).content, status=500)


def move(request: HttpRequest) -> HttpResponse:
    """Sign in to a session of its own, and leave the browser in it."""
    request.session = import_module(settings.SESSION_ENGINE).SessionStore()
    login(request, _user(request), backend=BACKEND)
    return HttpResponse("in", status=int(request.GET.get("status", 200)))


def whoami(request: HttpRequest) -> HttpResponse:
    with swapped(request):
        return HttpResponse(request.user.get_username())


def sign_out(request: HttpRequest) -> HttpResponse:
    with swapped(request):
        logout(request)
    return HttpResponse("out")


urlpatterns = [
    *common,
    path("app/sign-in/", sign_in),
    path("app/sign-in-and-fail/", sign_in_and_fail),
    path("app/whoami/", whoami),
    path("move/", move),
    path("app/sign-out/", sign_out),
]


@pytest.fixture(autouse=True)
def views(more_views, settings) -> None:
    settings.ROOT_URLCONF = __name__


def sign_in_app(browser: Browser, name: str = "ada") -> str:
    return browser.get(f"/app/sign-in/?user={name}").content.decode()


class TestAnApp:
    def test_is_signed_in_by_a_row_that_goes_on(self, user):
        app = Browser("sync")
        token = sign_in_app(app)
        row = Session.objects.get()
        assert (row.user, row.ended_at) == (user, None)
        assert app.get("/app/whoami/", x_session_token=token).content == b"ada"

    def test_costs_the_browser_beside_it_nothing(self, signed_in, make_user):
        mine = Session.objects.get()
        make_user("bob")
        sign_in_app(signed_in, "bob")
        mine.refresh_from_db()
        assert mine.ended_at is None
        assert signed_in.whoami() == "ada"
        assert Session.objects.active().count() == 2

    def test_signs_out_of_its_own(self, user):
        app = Browser("sync")
        token = sign_in_app(app)
        app.get("/app/sign-out/", x_session_token=token)
        assert Session.objects.get().end_reason == EndReason.SIGNED_OUT
        assert app.get("/app/whoami/", x_session_token=token).content == b""

    def test_whose_sign_out_leaves_the_browser_beside_it(self, signed_in, make_user):
        make_user("bob")
        token = sign_in_app(signed_in, "bob")
        signed_in.get("/app/sign-out/", x_session_token=token)
        assert signed_in.whoami() == "ada"
        assert Session.objects.active().get().user.get_username() == "ada"

    def test_that_was_told_no_key_is_not_signed_in(self, user):
        Browser("sync").get("/app/sign-in-and-fail/?user=ada")
        assert Session.objects.get().end_reason == EndReason.REVOKED_BY_POLICY

    def test_that_may_not_sign_in_once_more_costs_the_browser_nothing(
        self, signed_in, make_user, settings
    ):
        make_user("bob")
        settings.SESSIONS_HUB_MAX_SESSIONS = 1
        settings.SESSIONS_HUB_MAX_SESSIONS_ACTION = "refuse"
        sign_in_app(signed_in, "bob")
        assert signed_in.get("/app/sign-in/?user=bob").status_code == 409
        assert signed_in.whoami() == "ada"


class TestASessionThatStays:
    @pytest.mark.parametrize("name", ["ada", "bob"])
    def test_replaces_the_one_before(self, signed_in, make_user, name):
        make_user("bob")
        signed_in.get(f"/move/?user={name}")
        first, second = Session.objects.order_by("pk")
        assert first.end_reason == EndReason.REPLACED
        assert second.ended_at is None
        assert signed_in.whoami() == name
        assert signed_in.session_id() == str(second.pk)

    def test_is_none_where_its_client_was_not_told(self, user):
        browser = Browser("sync")
        browser.get("/move/?user=ada&status=500")
        assert Session.objects.get().end_reason == EndReason.REVOKED_BY_POLICY
        assert browser.whoami() is None
