"""Plain Django views that programs use with a token, sync and async."""

from __future__ import annotations

import pytest
from asgiref.sync import async_to_sync
from django.conf import settings as django_settings
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.test import AsyncClient, Client
from django.urls import path
from rest_framework.authentication import SessionAuthentication
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response
from rest_framework.views import APIView

from sessions_hub.api.permissions import scope_required
from sessions_hub.credentials.secrets import new_secret
from sessions_hub.models import EndReason, Session
from sessions_hub.tokens import require_scope
from tests.system_checks import ids
from tests.urls import urlpatterns as common

pytestmark = [
    pytest.mark.django_db(transaction=True, databases="__all__"),
    pytest.mark.usefixtures("its_site"),
]

MIDDLEWARE = "sessions_hub.tokens.SessionTokenMiddleware"
SCOPE = "orders:read"


def told(request: HttpRequest, user, session) -> JsonResponse:
    return JsonResponse(
        {"user": user.get_username(), "session": str(session.pk) if session else None}
    )


@require_scope(SCOPE)
def orders(request):
    return told(request, request.user, request.hub_session)


@require_scope(SCOPE)
async def aorders(request):
    return told(request, await request.auser(), await request.ahub_session())


@require_scope(SCOPE)
@login_required
def guarded(request):
    return HttpResponse(request.user.get_username())


def unmarked(request):
    return HttpResponse(request.user.get_username() or "nobody")


@require_scope(SCOPE)
def sign_out(request):
    logout(request)
    return HttpResponse("out")


class Orders(APIView):
    """A view of the site's own that knows web sessions alone."""

    authentication_classes = (SessionAuthentication,)
    permission_classes = (IsAuthenticated, scope_required("orders:write"))

    def get(self, request):
        return Response(request.user.get_username())


urlpatterns = [
    path("rest/", require_scope(SCOPE)(Orders.as_view())),
    path("orders/", orders),
    path("aorders/", aorders),
    path("guarded/", guarded),
    path("unmarked/", unmarked),
    path("out/", sign_out),
    *common,
]


@pytest.fixture
def its_site(settings):
    settings.ROOT_URLCONF = "tests.api.tokens.test_plain_views"
    settings.MIDDLEWARE = [MIDDLEWARE, *django_settings.MIDDLEWARE]
    settings.SESSIONS_HUB_SCOPES = [SCOPE]


def call(route: str, secret: str | None, client: Client | None = None, verb: str = "get"):
    headers = {} if secret is None else {"authorization": f"Bearer {secret}"}
    if route.startswith("/a"):
        here = AsyncClient(enforce_csrf_checks=True)
        if client is not None:
            here.cookies = client.cookies
        return async_to_sync(getattr(here, verb))(route, headers=headers)
    here = client or Client(enforce_csrf_checks=True)
    return getattr(here, verb)(route, headers=headers)


@pytest.mark.parametrize("route", ["/orders/", "/aorders/"])
class TestAMarkedView:
    def test_is_used_by_a_program_as_its_user(self, issue, route):
        issued = issue(SCOPE)
        assert call(route, issued.secret).json() == {
            "user": "ada",
            "session": str(issued.session.pk),
        }

    def test_needs_no_csrf_token_of_one(self, issue, route):
        assert call(route, issue(SCOPE).secret, verb="post").status_code == 200

    def test_needs_one_of_everybody_else(self, db, route):
        assert call(route, None, verb="post").status_code == 403

    def test_refuses_a_token_that_is_not_valid(self, db, route):
        for secret in (new_secret(), "shub_x", "shub_\x00"):
            response = call(route, secret)
            assert response.status_code == 401
            assert response.json()["code"] == "invalid_token"
            assert 'error="invalid_token"' in response["WWW-Authenticate"]

    def test_refuses_a_token_without_the_scope(self, issue, route):
        response = call(route, issue("sessions:read").secret)
        assert (response.status_code, response.json()["code"]) == (403, "insufficient_scope")
        assert f'scope="{SCOPE}"' in response["WWW-Authenticate"]

    def test_is_the_token_s_user_s_whatever_cookie_comes_along(self, bob, sign_in, issue, route):
        browser = sign_in(bob)
        assert call(route, issue(SCOPE).secret, browser).json()["user"] == "ada"
        assert call(route, None, browser).json()["user"] == "bob"

    def test_leaves_other_bearer_tokens_to_the_site(self, db, route):
        assert call(route, "eyJhbGciOiJFUzI1NiJ9.e30.x").json()["user"] == ""

    def test_without_a_verdict_answers_503(self, issue, route, monkeypatch):
        secret = issue(SCOPE).secret

        def broken(*args):
            raise RuntimeError("no")

        monkeypatch.setattr("sessions_hub.tokens.find_bearer", broken)
        assert call(route, secret).status_code == 503


def test_a_view_that_asks_for_a_sign_in_is_satisfied(issue):
    assert call("/guarded/", issue(SCOPE).secret).content == b"ada"
    assert call("/guarded/", None).status_code == 302


def test_an_unmarked_view_knows_no_tokens(issue):
    assert call("/unmarked/", issue(SCOPE).secret).content == b"nobody"


def test_signing_out_ends_the_session_of_the_token(issue, bob, sign_in):
    issued = issue(SCOPE)
    assert call("/out/", issued.secret).status_code == 200
    row = Session.objects.get(pk=issued.session.pk)
    assert (row.end_reason, row.ended_by_label) == (EndReason.SIGNED_OUT, "ada")
    assert call("/orders/", issued.secret).status_code == 401


def test_a_scope_has_to_be_named():
    with pytest.raises(TypeError, match="at least one scope"):
        require_scope()


@pytest.mark.parametrize(
    "behind",
    [
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.LoginRequiredMiddleware",
    ],
)
def test_the_wrong_place_is_named(settings, behind):
    assert "E145" not in ids()
    settings.MIDDLEWARE = [behind, *(one for one in settings.MIDDLEWARE if one != behind)]
    assert "E145" in ids()


def test_a_scope_that_the_rest_view_behind_asks_for_is_needed_too(issue, bob, sign_in):
    """Also where its user is to be seen, and no token."""
    response = call("/rest/", issue(SCOPE).secret)
    assert (response.status_code, response.json()) == (
        403,
        {"detail": "This token may not do this."},
    )
    assert call("/rest/", issue(SCOPE, "orders:write").secret).json() == "ada"
    assert call("/rest/", None, sign_in(bob)).json() == "bob"
