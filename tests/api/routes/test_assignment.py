"""No caller writes a column that is not theirs to write (ASVS 15.3.3, CWE-915)."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db.models import Model
from django.test import Client

from sessions_hub.models import AuthenticationMethod, Device, Session, SessionToken
from tests.api.staff.conftest import make_staff, token_of
from tests.api.tokens.conftest import Program

from .table import TABLE
from .test_answers import rows
from .visitors import ALL_SCOPES

pytestmark = pytest.mark.django_db(databases="__all__")

# What callers may say, by route. Whatever else is a column or a key of an answer is refused.
MEMBERS = {
    "POST sessions/": {
        "session_type",
        "name",
        "scopes",
        "audience",
        "lifetime",
        "username",
        "password",
        "code",
        "factor",
    },
    "PATCH sessions/<pk>/": {"metadata", "name"},
    "PATCH devices/<pk>/": {"name", "trusted"},
    "POST sessions/current/extend/": {"lifetime"},
    "POST sessions/current/step-up/": {"password", "code", "factor"},
    "POST sessions/<pk>/provider-tokens/": set(),
    "POST staff/sessions/": {
        "user",
        "session_type",
        "name",
        "scopes",
        "audience",
        "lifetime",
        "ip",
        "user_agent",
    },
    "POST staff/sessions/<pk>/extend/": {"lifetime"},
    "POST staff/sessions/end/": {
        "user",
        "session_type",
        "network",
        "country_code",
        "os_code",
        "method",
        "tenant_id",
        "autonomous_system",
        "os_version_below",
        "client_code",
        "client_version_below",
        # Of the sessions that are ended.
        "assurance_level",
        "assurance_level_below",
        "issued_before",
        "last_used_before",
        "device",
        "dry_run",
        "limit",
    },
    "POST staff/users/<pk>/impersonate/": {"reason"},
}
# They read no body, whatever is sent.
WITHOUT_BODY = {
    "POST sessions/current/rotate/",
    "POST sessions/end-others/",
    "POST sessions/end-all/",
    "DELETE sessions/<pk>/",
    "DELETE devices/<pk>/",
    "DELETE staff/sessions/<pk>/",
}
# One token in a form; the rest of the form is not looked at.
FORMS = {"POST introspect/", "POST revoke/"}
MODELS: tuple[type[Model], ...] = (
    Session,
    Device,
    SessionToken,
    AuthenticationMethod,
    get_user_model(),
)
# What answers show under other names, and what other packages would call it.
FURTHER = {
    "user_id",
    "impersonator",
    "impersonator_id",
    "acr",
    "aal",
    "amr",
    "trusted",
    "is_trusted",
    "active",
    "status",
    "current",
    "secret",
    "token",
    "scope",
    "permissions",
    "__class__",
    "pk",
    "",
    "user__is_superuser",
}
COLUMNS = FURTHER | {
    name
    for model in MODELS
    for field in model._meta.concrete_fields
    for name in (field.name, field.attname)
}


def by(name: str, world: Any) -> Any:
    """Whoever may make this call."""
    if name.startswith("POST staff/users/"):
        return world.settled("root", None)
    if "staff/" in name:
        return token_of(make_staff("root", is_superuser=True), *ALL_SCOPES)
    # Only a program says how long it wants to last; only a browser is given provider tokens.
    return world.settled("owner" if "provider-tokens" in name else "token", None)


def test_every_call_that_writes_says_what_it_takes():
    writing = {call.name for call in TABLE.values() if call.verb != "GET"}
    assert writing == MEMBERS.keys() | WITHOUT_BODY | FORMS


@pytest.mark.parametrize("name", MEMBERS)
def test_a_column_that_is_not_the_caller_s_is_refused_by_name(name, world, settings):
    settings.SESSIONS_HUB_THROTTLES = {}
    call, client = TABLE[name], by(name, world)
    world.ask(client, "GET", "sessions/current/", {})
    before = rows()
    assert isinstance(call.body, dict)
    foreign = sorted(COLUMNS - MEMBERS[name])
    # Each by itself, beside what is good; and all at once, whatever they are set to.
    for column in foreign:
        response = world.ask(client, call.verb, call.path, {**call.body, column: "3"})
        assert response.status_code == 400, (column, response.content)
        assert list(response.json()["errors"]) == [column]
    for value in (None, 3, True, {"id": 1}, "2099-01-01T00:00:00Z"):
        sent = {**call.body, **dict.fromkeys(foreign, value)}
        response = world.ask(client, call.verb, call.path, sent)
        assert (response.status_code, sorted(response.json()["errors"])) == (400, foreign)
    assert rows() == before


@pytest.mark.parametrize("name", sorted(WITHOUT_BODY))
def test_a_call_without_a_body_takes_nothing_from_one(name, world):
    """The rows are as after the same call with nothing sent, but for what it makes up anew."""
    call, client = TABLE[name], by(name, world)
    world.ask(client, "GET", "sessions/current/", {})
    path = "/api/" + world.filled(call.path)
    assert isinstance(client, Program)
    kept = Session.objects.order_by("pk").values_list("pk", "user", "assurance_level")
    limits = Session.objects.order_by("pk").values_list("expires_at", "session_type", "scopes")
    before = list(kept), list(limits)
    sent = {**dict.fromkeys(COLUMNS, "3"), "user": str(world.bob.pk), "assurance_level": 3}
    assert client.call(call.verb.lower(), path, sent).status_code < 300
    assert (list(kept), list(limits)) == before
    assert not Session.objects.filter(user=world.bob).exists()
    assert not Session.objects.exclude(impersonator_session_id=None).exists()


@pytest.mark.parametrize("value", ["regular_login", "impersonation", "service_account", "x", 3])
def test_a_key_of_one_s_own_is_an_api_key_and_nothing_else(value, world):
    owner = world.settled("owner", None)
    before = rows()
    response = world.ask(owner, "POST", "sessions/", {"session_type": value})
    assert response.status_code == 400
    assert list(response.json()["errors"]) == ["session_type"]
    assert rows() == before


@pytest.mark.parametrize("value", ["impersonation", "temporary", "account_recovery", "x"])
def test_staff_start_no_session_of_a_type_that_comes_about_by_itself(value, world):
    root = world.settled("root", None)
    before = rows()
    body = {"user": "{user}", "session_type": value}
    response = world.ask(root, "POST", "staff/sessions/", body)
    assert (response.status_code, list(response.json()["errors"])) == (400, ["session_type"])
    assert rows() == before


@pytest.mark.parametrize("name", MEMBERS)
def test_a_body_that_is_no_object_writes_nothing(name, world):
    call, client = TABLE[name], by(name, world)
    world.ask(client, "GET", "sessions/current/", {})
    before = rows()
    if isinstance(client, Program):
        given = {"authorization": f"Bearer {client.secret}", **client.headers}
        client = Client(headers=given)
    path = "/api/" + world.filled(call.path)
    for body in ("[]", "null", "3", '"x"', '[{"user": 1}]', "{", "\x00", '{"a":1}{"b":2}'):
        response = client.generic(call.verb, path, body, content_type="application/json")
        assert response.status_code == 400, (body, response.content)
    assert rows() == before
