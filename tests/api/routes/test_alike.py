"""Unknown, malformed, ended, expired, disabled: nobody who presents one learns which it is."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connections
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import path

from sessions_hub.credentials.secrets import new_secret
from sessions_hub.lifecycle.guard import database
from sessions_hub.models import Session
from sessions_hub.tokens import require_scope
from tests.api.conftest import CHROME
from tests.api.staff.conftest import make_staff, token_of
from tests.api.tokens.conftest import AGENT
from tests.urls import urlpatterns as common

from .credentials import MALFORMED, OVER
from .table import TABLE
from .visitors import ALL_SCOPES, FORM

pytestmark = [
    pytest.mark.django_db(transaction=True, databases="__all__"),
    pytest.mark.urls(__name__),
]

PLAIN = "/orders/"


@require_scope("orders:read")
def orders(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.user.get_username())


urlpatterns = [path("orders/", orders), *common]


@pytest.fixture(autouse=True)
def middleware(settings) -> None:
    settings.SESSIONS_HUB_SCOPES = ["orders:read"]
    settings.MIDDLEWARE = [
        "sessions_hub.tokens.SessionTokenMiddleware",
        *settings.MIDDLEWARE,
    ]


# Every call that somebody has to be signed in for, with some id.
CALLS = [
    *((call.verb, f"/api/{call.path.replace('<pk>', '0')}", call.body) for call in TABLE.values()),
    ("GET", PLAIN, {}),
]
CALLS = [one for one in CALLS if "jwks" not in one[1]]
EACH_CALL = pytest.mark.parametrize("call", CALLS, ids=lambda call: f"{call[0]} {call[1]}")


def answer(client: Client, call: tuple[str, str, Any]) -> tuple[int, bytes, dict[str, str]]:
    """Status, body and headers: all that is to be seen."""
    verb, address, body = call
    if isinstance(body, str):
        response = client.generic(verb, address, urlencode({"token": "x"}), content_type=FORM)
    else:
        response = client.generic(verb, address, "{}", content_type="application/json")
    return response.status_code, response.content, dict(response.headers)


def by_token(secret: str) -> Client:
    return Client(headers={"authorization": f"Bearer {secret}", "user-agent": AGENT})


def by_cookie(key: str) -> Client:
    client = Client(headers={"user-agent": CHROME})
    client.cookies["sessionid"] = key
    return client


def statements() -> CaptureQueriesContext:
    return CaptureQueriesContext(connections[database()])


@pytest.mark.parametrize("call", CALLS, ids=lambda call: f"{call[0]} {call[1]}")
def test_a_malformed_secret_is_401_without_a_query(db, call):
    unknown = answer(by_token(new_secret()), call)
    assert unknown[0] == 401
    for name, text in MALFORMED.items():
        if call[1] == PLAIN and not text.startswith("shub_"):
            # Another kind of token, which a plain view's site may know.
            continue
        with statements() as made:
            assert answer(by_token(text), call) == unknown, name
        assert len(made) == 0, name


@EACH_CALL
def test_an_unknown_secret_is_401_with_one_query(db, call):
    with statements() as made:
        status, body, headers = answer(by_token(new_secret()), call)
    assert status == 401
    assert b'"code":"invalid_token"' in body.replace(b": ", b":")
    assert headers["Cache-Control"] == "no-store"
    assert 'error="invalid_token"' in headers["WWW-Authenticate"]
    assert len(made) == 1


@pytest.mark.parametrize("over", OVER, ids=lambda one: one.__name__)
def test_a_secret_that_is_over_is_answered_like_an_unknown_one(over, ada):
    program = token_of(ada, *ALL_SCOPES, "orders:read")
    client = by_token(program.secret)
    assert client.get(PLAIN).status_code == client.get("/api/sessions/current/").status_code == 200
    over(program.session)
    for call in CALLS:
        with statements() as made:
            assert answer(client, call) == answer(by_token(new_secret()), call), call
        assert len(made) == 2, call


@pytest.fixture
def service(db) -> Client:
    """May ask about tokens, and end anybody's session."""
    root = make_staff("root", is_superuser=True)
    return by_token(token_of(root, *ALL_SCOPES).secret)


@pytest.mark.parametrize("route", ["introspect", "revoke"])
class TestAskedAbout:
    def ask(self, client: Client, route: str, token: str) -> tuple[int, bytes, dict[str, str]]:
        form = urlencode({"token": token}, errors="surrogatepass")
        response = client.post(f"/api/{route}/", form, content_type=FORM)
        return response.status_code, response.content, dict(response.headers)

    @pytest.mark.parametrize("over", OVER, ids=lambda one: one.__name__)
    def test_one_that_is_over_is_like_an_unknown_one(self, route, over, ada, service):
        program = token_of(ada)
        over(program.session)
        before = list(Session.objects.order_by("pk").values("pk", "ended_at"))
        unknown = self.ask(service, route, new_secret())
        assert unknown[0] == 200
        assert self.ask(service, route, program.secret) == unknown
        assert list(Session.objects.order_by("pk").values("pk", "ended_at")) == before

    def test_a_malformed_one_is_too_and_costs_no_query_of_its_own(self, route, service):
        # All is known of who asks.
        unknown = self.ask(service, route, new_secret())
        with statements() as asked:
            self.ask(service, route, new_secret())
        for name, text in MALFORMED.items():
            if not text:
                continue
            with statements() as made:
                given = self.ask(service, route, text)
            if len(text) < 1_000_000:
                assert given == unknown, name
            else:
                assert given[0] in {200, 413}, name
            assert len(made) < len(asked), name


COOKIES = {
    "short": "x",
    "unknown": "z" * 32,
    "NUL": "\x00" * 32,
    "xff": "\xff" * 32,
    "not ascii": "é" * 32,
    "spaces": "a b c d e f g h i j",
    "long": "x" * 100_000,
    "quote": "'" * 32,
}


@pytest.mark.parametrize("over", OVER, ids=lambda one: one.__name__)
def test_a_cookie_that_is_over_is_answered_like_an_unknown_one(over, ada, sign_in):
    browser = sign_in(ada)
    assert browser.get("/api/sessions/").status_code == 200
    key = browser.cookies["sessionid"].value
    over(Session.objects.get(pk=browser.session_id))
    told = [answer(by_cookie(key), call) for call in CALLS[:-1]]
    assert told == [answer(by_cookie("z" * 32), call) for call in CALLS[:-1]]


@pytest.mark.parametrize("name", COOKIES)
def test_a_malformed_cookie_is_too_and_costs_one_query(name, db):
    call = ("GET", "/api/sessions/", {})
    unknown = answer(by_cookie("z" * 32), call)
    assert unknown[0] == 401
    with CaptureQueriesContext(connections["default"]) as made:
        assert answer(by_cookie(COOKIES[name]), call) == unknown
    assert len(made) <= 1
