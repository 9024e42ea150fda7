"""The API on sites that ask everybody to sign in, and that check every form (CSRF)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from django.http import HttpResponse
from django.test import Client

from sessions_hub.models import Session
from tests.api.staff.conftest import make_staff, token_of

from .table import TABLE
from .test_answers import rows
from .visitors import ALL_SCOPES, FORM

pytestmark = pytest.mark.django_db(databases="__all__")

WRITES = {name: call for name, call in TABLE.items() if call.verb != "GET"}


def send(client: Client, call: Any, world: Any, **headers: str) -> HttpResponse:
    path = "/api/" + world.filled(call.path)
    if call.query:
        path += f"?{call.query}"
    if isinstance(call.body, str):
        data = urlencode({"token": world.filled(call.body)})
        return client.generic(call.verb, path, data, content_type=FORM, headers=headers)
    body = {key: world.filled(value) for key, value in call.body.items()}
    send_it = getattr(client, call.verb.lower())
    if call.verb == "GET":
        return send_it(path, headers=headers)
    return send_it(path, body, content_type="application/json", headers=headers)


class TestLoginRequiredMiddleware:
    @pytest.fixture
    def asks_everybody(self, settings) -> Callable[..., None]:
        """Asks everybody to sign in from now on, the visitor's browser too."""

        def ask(visitor: Any = None) -> None:
            settings.MIDDLEWARE = [
                *settings.MIDDLEWARE,
                "django.contrib.auth.middleware.LoginRequiredMiddleware",
            ]
            if isinstance(visitor, Client):
                visitor.handler._middleware_chain = None
            # It would be felt.
            assert Client().get("/public/").status_code == 302

        return ask

    @pytest.mark.parametrize("who", ["token", "token-s", "owner", "anon"])
    @pytest.mark.parametrize("name", TABLE)
    def test_changes_no_answer(self, name, who, world, asks_everybody):
        call = TABLE[name]
        visitor = world.settled(who, call.permission)
        asks_everybody(visitor)
        path = f"{call.path}?{call.query}" if call.query else call.path
        response = world.ask(visitor, call.verb, path, call.body)
        assert response.status_code == call.expected(who)[0], response.content

    def test_lets_a_program_sign_in(self, ada, asks_everybody):
        asks_everybody()
        body = {"username": "ada", "password": "right-password"}
        response = Client().post("/api/sessions/", body, content_type="application/json")
        assert response.status_code == 201
        assert response.json()["secret"].startswith("shub_")


@pytest.mark.parametrize("name", WRITES)
class TestCsrf:
    def strict(self, world: Any, name: str) -> Client:
        """A browser of somebody who may do this, on a site that checks."""
        if name.startswith(("POST staff/", "DELETE staff/", "POST introspect", "POST revoke")):
            user = make_staff("root", is_superuser=True)
        else:
            user = world.ada
        client = Client(enforce_csrf_checks=True, headers={"user-agent": "Browser/1"})
        client.get("/sign-in/", {"user": user.get_username()})
        return client

    def test_is_asked_of_a_cookie_and_nothing_is_done_without(self, name, world):
        client = self.strict(world, name)
        client.get("/api/sessions/current/")
        before = rows()
        response = send(client, WRITES[name], world)
        assert (response.status_code, response.json()["code"]) == (403, "csrf_failed")
        # A token that is not the cookie's, and one in a query, are none.
        for headers in ({"x-csrftoken": "x" * 32}, {"x-csrftoken": ""}):
            assert send(client, WRITES[name], world, **headers).json()["code"] == "csrf_failed"
        assert rows() == before

    def test_is_met_by_the_cookie_s_own_token(self, name, world):
        client = self.strict(world, name)
        client.get("/accounts/login/")
        token = client.cookies["csrftoken"].value
        response = send(client, WRITES[name], world, **{"x-csrftoken": token})
        # A browser has no token to rotate.
        expected = {409} if name.endswith("rotate/") else {200, 201, 204}
        assert response.status_code in expected, response.content

    def test_a_token_beside_a_cookie_needs_none_and_leaves_the_cookie_s_rows_alone(
        self, name, world
    ):
        """A page of another site cannot send the header; whoever can needs no cookie."""
        client = self.strict(world, name)
        bearer = {"authorization": "Bearer shub_x"}
        client.get("/api/sessions/current/")
        before = rows()
        assert send(client, WRITES[name], world, **bearer).status_code == 401
        assert rows() == before
        assert Session.objects.count() >= 2


# Two take a browser, whatever the token may.
@pytest.mark.parametrize(
    "name", sorted(one for one in WRITES if not one.endswith(("impersonate/", "provider-tokens/")))
)
def test_csrf_is_never_asked_of_a_token(name, world):
    is_for_staff = "staff/" in name or "introspect" in name
    user = make_staff("root", is_superuser=True) if is_for_staff else world.ada
    program = token_of(user, *ALL_SCOPES)
    client = Client(enforce_csrf_checks=True, headers=program.headers)
    bearer = {"authorization": f"Bearer {program.secret}"}
    assert send(client, WRITES[name], world, **bearer).status_code < 300
