"""What follows from the policies of the views is not only documented: every operation does it."""

from __future__ import annotations

import json
import re
from uuid import uuid4

import pytest
from django.db import DatabaseError
from django.test import Client
from django.utils import timezone

pytest.importorskip("jsonschema", reason="the extra [openapi] is not installed")
from sessions_hub.credentials.scopes import Scope
from sessions_hub.models import Session
from tests.api.staff.conftest import ALL, make_staff, token_of

from .document import document
from .recorder import complaints

pytestmark = pytest.mark.django_db(databases="__all__")

FORM = "application/x-www-form-urlencoded"
OPERATIONS = [
    pytest.param(path, verb, operation, id=operation["operationId"])
    for path, item in document()["paths"].items()
    for verb, operation in item.items()
]
EACH = pytest.mark.parametrize(("path", "verb", "operation"), OPERATIONS)
NOBODY_ASKED = "hub_get_key_set"
SIGN_IN = "hub_create_session"
PROVES = "hub_prove_current_session"


def only(*, without=(), **wanted):
    """The operations that have what is wanted: a body of a media type, or a method that writes."""
    found = []
    for one in OPERATIONS:
        _path, verb, operation = one.values
        content = operation.get("requestBody", {}).get("content", {})
        has_type = "media_type" not in wanted or wanted["media_type"] in content
        writes = not wanted.get("writes") or verb != "get"
        reads = not wanted.get("body") or content
        if has_type and writes and reads and operation["operationId"] not in without:
            found.append(one)
    return pytest.mark.parametrize(("path", "verb", "operation"), found)


@pytest.fixture
def desk():
    """The browser of somebody who may do everything."""
    make_staff("grace", *ALL)
    browser = Client(enforce_csrf_checks=True)
    browser.get("/sign-in/", {"user": "grace"})
    browser.cookies["csrftoken"] = "c" * 32
    return browser


@pytest.fixture
def call():
    def call(client, path, verb, body=b"{}", kind="application/json", **headers):
        headers.setdefault("x_csrftoken", "c" * 32)
        address = re.sub(r"\{\w+\}", str(uuid4()), path)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        response = client.generic(verb.upper(), address, body, content_type=kind, headers=named)
        assert list(complaints(verb.upper(), address, response)) == []
        is_problem = response.headers.get("Content-Type") == "application/problem+json"
        code = json.loads(response.content)["code"] if is_problem else ""
        return response.status_code, code

    return call


@EACH
def test_json_has_to_be_accepted(path, verb, operation, desk, call):
    answer = call(desk, path, verb, accept="text/html", sec_fetch_mode="cors")
    assert answer == (406, "not_acceptable")


@only(without=(NOBODY_ASKED,))
def test_a_token_has_to_be_valid(path, verb, operation, call):
    answer = call(Client(), path, verb, authorization="Bearer shub_no")
    assert answer == (401, "invalid_token")


@only(without=(NOBODY_ASKED, SIGN_IN))
def test_somebody_has_to_be_signed_in(path, verb, operation, call):
    assert call(Client(), path, verb) == (401, "not_authenticated")


@only(writes=True)
def test_cookies_need_a_csrf_token(path, verb, operation, desk, call):
    assert call(desk, path, verb, x_csrftoken="no") == (403, "csrf_failed")


@only(without=(PROVES,))
def test_a_held_session_has_to_be_proven_again(path, verb, operation, desk, call):
    Session.objects.update(proof_required_at=timezone.now())
    assert call(desk, path, verb) == (401, "reauthentication_required")
    assert call(desk, path, verb, sec_fetch_mode="navigate") == (302, "")


@EACH
def test_without_a_verdict_nobody_is_served(path, verb, operation, desk, call, monkeypatch):
    def fail(request):
        raise DatabaseError("gone")

    monkeypatch.setattr("sessions_hub.middleware.enforce", fail)
    assert call(desk, path, verb) == (503, "")


@only(without=(NOBODY_ASKED,))
def test_a_token_is_not_judged_without_a_database(path, verb, operation, call, monkeypatch):
    def fail(token, now, refused):
        raise DatabaseError("gone")

    monkeypatch.setattr("sessions_hub.api.authentication.find_bearer", fail)
    answer = call(Client(), path, verb, authorization="Bearer shub_no")
    assert answer == (503, "unavailable")


@only(without=(NOBODY_ASKED,))
def test_a_token_without_scopes_opens_what_says_so(path, verb, operation, desk, call):
    del desk
    user = make_staff("rear", *ALL)
    secret = token_of(user).secret
    status, code = call(Client(), path, verb, authorization=f"Bearer {secret}")
    named = [one["hubToken"] for one in operation["security"] if "hubToken" in one]
    if not named:
        assert (status, code) == (403, "permission_denied")
    elif named[0]:
        assert (status, code) == (403, "insufficient_scope")
    else:
        assert code != "insufficient_scope"


@pytest.mark.parametrize("is_staff", [True, False])
@only(without=(NOBODY_ASKED,))
def test_permissions_are_those_it_says(path, verb, operation, is_staff, call):
    user = make_staff("rear", is_staff=is_staff)
    secret = token_of(user, *Scope).secret
    status, code = call(Client(), path, verb, authorization=f"Bearer {secret}")
    is_refused = (status, code) == (403, "permission_denied")
    opens = any("hubToken" in one for one in operation["security"])
    assert is_refused == ("staff with the permission" in operation["description"] or not opens) or (
        operation["operationId"] == "hub_revoke_token" and not is_refused
    )


NOT_FOUND = (404, "not_found")


def reaches_its_body(operation) -> bool:
    """Whether a body is read before the row is looked for, which is not there here."""
    return "404" not in operation["responses"] or operation["operationId"] in {
        "hub_read_provider_tokens",
        "hub_staff_impersonate_user",
    }


@only(body=True)
def test_bodies_are_of_one_type(path, verb, operation, desk, call):
    answer = call(desk, path, verb, b"a", "text/csv")
    assert answer == ((415, "unsupported_media_type") if reaches_its_body(operation) else NOT_FOUND)


@only(body=True, media_type="application/json")
def test_bodies_are_json_of_bounded_size(path, verb, operation, desk, call):
    broken = call(desk, path, verb, b"{")
    large = call(desk, path, verb, b'{"a": "' + b"a" * 70000 + b'"}')
    if reaches_its_body(operation):
        assert broken == (400, "parse_error")
        assert large == (413, "too_large")
    else:
        assert {broken, large} == {NOT_FOUND}
