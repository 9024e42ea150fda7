"""What a proxy is told: whose request it is, and whether enough was proven."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.utils import timezone

from sessions_hub.models import AuthenticationMethod, Session
from tests.api.conftest import URL, make_user
from tests.api.conftest import ada as ada
from tests.api.conftest import browser as browser
from tests.api.conftest import sign_in as sign_in
from tests.api.tokens.conftest import Program
from tests.api.tokens.conftest import issue as issue
from tests.api.tokens.conftest import program as program

pytestmark = pytest.mark.django_db(databases="__all__")

CURRENT = f"{URL}current/"


def test_whose_it_is_stands_in_headers(ada, browser):
    response = browser.get(CURRENT)
    assert response["X-Session-Id"] == str(browser.session_id)
    assert response["X-Session-User"] == str(ada.pk)
    assert response["X-Session-Username"] == "ada"
    assert response["X-Session-Assurance-Level"] == "aal1"


def test_the_level_is_what_the_standing_proofs_give(browser):
    """As `?require=` and a signed token of the same session judge it."""
    Session.objects.filter(pk=browser.session_id).update(assurance_level=2)
    assert browser.get(CURRENT, {"require": "aal2"}).status_code == 401
    assert browser.get(CURRENT)["X-Session-Assurance-Level"] == "aal1"


@pytest.mark.parametrize(
    ("has", "asked", "status"),
    [
        ((), "", 200),
        ((), "reports:read", 403),
        (("reports:write",), "reports:read", 403),
        (("reports:read",), "reports:read", 200),
        (("reports:read",), "reports:read reports:write", 403),
        (("reports:read", "reports:write"), "reports:read reports:write", 200),
    ],
)
def test_a_scope_can_be_asked_of_tokens(program, browser, has, asked, status):
    path = f"{CURRENT}?{urlencode({'scope': asked})}"
    response = program(*has).call("get", path)
    assert response.status_code == status
    if status == 200:
        assert response["X-Session-Scopes"] == " ".join(sorted(has))
    else:
        assert response.json()["code"] == "insufficient_scope"
    assert browser.get(path).status_code == 200


def test_what_kind_of_session_it_is_is_told(issue, browser):
    assert browser.get(CURRENT)["X-Session-Type"] == "regular_login"
    Session.objects.filter(pk=browser.session_id).update(session_type="temporary")
    assert browser.get(CURRENT)["X-Session-Type"] == "temporary"
    issued = issue(audience="shop", session_type="api_key")
    answer = Program(issued.secret).whoami()
    assert (answer["X-Session-Type"], answer["X-Session-Audience"]) == ("api_key", "shop")


def test_a_head_request_is_answered_alike(browser):
    response = browser.head(CURRENT)
    assert response.status_code == 200
    assert response["X-Session-Username"] == "ada"
    assert response.content == b""


@pytest.mark.parametrize(
    "name", ["a b", "a\r\nX-Admin: yes", "Größe", "ada@example.com", "\U0001d4b6"]
)
def test_no_name_can_be_more_than_a_value(db, sign_in, name):
    response = sign_in(make_user(name)).get(CURRENT)
    value = response["X-Session-Username"]
    assert value.isascii()
    assert not set(value) & set(" \r\n:,;")
    assert "X-Admin" not in response.headers


def test_nobody_is_401_and_has_no_headers(client):
    response = client.get(CURRENT)
    assert response.status_code == 401
    assert not [name for name in response.headers if name.startswith("X-Session")]


def test_a_program_is_answered_without_a_scope(program):
    assert program().whoami()["X-Session-Username"] == "ada"


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 200),
        ("?require=aal0", 200),
        ("?require=aal1", 200),
        ("?require=available", 200),
        ("?require=aal2", 401),
        ("?require=aal3", 401),
        ("?max_age=900", 200),
        ("?require=aal1&max_age=3601", 200),
        ("?max_age=0", 401),
        ("?require=aal4", 400),
        ("?require=", 200),
        ("?max_age=", 400),
        ("?max_age=-1", 400),
        ("?max_age=1.5", 400),
        ("?max_age=٣", 400),
        ("?max_age=9999999999", 400),
    ],
)
def test_a_level_and_an_age_can_be_asked_for(browser, query, status):
    response = browser.get(CURRENT + query)
    assert response.status_code == status
    if status == 401:
        assert "insufficient_user_authentication" in response["WWW-Authenticate"]


def test_an_old_proof_is_not_a_fresh_one(browser):
    then = timezone.now() - timedelta(minutes=16)
    AuthenticationMethod.objects.update(completed_at=then)
    response = browser.get(f"{CURRENT}?max_age=900")
    assert response.status_code == 401
    assert 'max_age="900"' in response["WWW-Authenticate"]
    assert Session.objects.get().ended_at is None


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("scope=reports:read&scope=", "scope"),
        ("scope=&scope=reports:read", "scope"),
        ("require=aal2&require=aal0", "require"),
        ("max_age=0&max_age=900", "max_age"),
        ("tokenize_as=orders&tokenize_as=orders", "tokenize_as"),
        # Misspelt, it would ask for nothing.
        ("scopes=reports:read", "scopes"),
        ("Scope=reports:read", "Scope"),
        ("required=aal2", "required"),
        # Of lists alone.
        ("cursor=1", "cursor"),
    ],
)
def test_what_is_asked_twice_or_in_unknown_words_lets_nobody_in(program, browser, query, code):
    path = f"{CURRENT}?{query}"
    for response in (program().call("get", path), browser.get(path)):
        assert response.status_code == 400
        assert code in response.json()["errors"]
        assert not [name for name in response.headers if name.startswith("X-Session")]


@pytest.mark.parametrize(
    "address",
    [
        "/reports/",
        "/reports/?a=1&scope=",
        "/reports/?&require=aal0&max_age=900&scope=",
        "/reports/?&forwarded=&scope=",
        "/reports/?x=1&fields=user&page=2&scope=openid",
        "",
    ],
)
@pytest.mark.parametrize(
    ("asked", "status"), [("scope=reports:read", 403), ("require=aal2", 401), ("fields=id", 200)]
)
def test_the_address_behind_forwarded_asks_for_nothing(program, asked, status, address):
    """Envoy puts it there as its client has written it."""
    response = program().call("get", f"{CURRENT}?{asked}&forwarded={address}")
    assert response.status_code == status
    if status == 200:
        assert response.json().keys() == {"id"}


def test_an_address_alone_asks_for_nothing(browser):
    assert browser.get(f"{CURRENT}?forwarded=/reports/?scope=x&nonsense=1").status_code == 200
