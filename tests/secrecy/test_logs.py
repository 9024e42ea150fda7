"""What opens something is in no line of any log, at any level, the database's own included."""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.utils import timezone

from sessions_hub.lifecycle.bearer import find_bearer
from sessions_hub.lifecycle.tokens import Issued, start_token_session
from sessions_hub.models import AuthenticationMethod, Device, Session, SessionDevice, SessionToken
from sessions_hub.understanding.methods import MethodClaim
from tests.credentials.shown import found_in

from .conftest import PASSWORD, Site, sign_in
from .seeds import ACCESS, CODE

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

# Of the events that are told on the way, these at least.
EVENTS = {
    "session.started",
    "session.ended",
    "session.proven",
    "sign_in.failed",
    "token.refused",
    "token.rotated",
    "provider_tokens.read",
    "impersonation.started",
    "staff.session_started",
}
FORM = "application/x-www-form-urlencoded"


def lines(caplog: Any) -> str:
    return "\n".join(f"{one.getMessage()} {vars(one)}" for one in caplog.records)


def use_everything(used: Site) -> list[str]:
    """Every way in which a secret comes in or goes out; the secrets that are made by it."""
    made: list[str] = []

    def call(verb: str, path: str, body: Any = None, secret: str = used.secret) -> Any:
        headers = {"authorization": f"Bearer {secret}"} if secret else {}
        client = Client(headers=headers, raise_request_exception=False)
        if isinstance(body, str):
            sent = urlencode({"token": body})
            return client.post(f"/api/{path}", sent, content_type=FORM)
        send = getattr(client, verb)
        response = send(f"/api/{path}", body or {}, content_type="application/json")
        if response.content and isinstance(answer := response.json(), dict):
            made.extend(one for one in [answer.get("secret")] if one)
        return response

    sign_in(used.ada)
    assert call("get", "sessions/current/").status_code == 200
    proof = {"username": "ada", "password": PASSWORD}
    # The password alone, a wrong one, and both.
    assert call("post", "sessions/", proof, secret="").json()["code"] == "factors_needed"
    assert call("post", "sessions/", {**proof, "password": "x"}, secret="").status_code == 401
    call("post", "sessions/", {**proof, "code": CODE}, secret="")
    rotated = call("post", "sessions/current/rotate/").json()["secret"]
    call("post", "sessions/current/step-up/", {"password": PASSWORD}, secret=rotated)
    call("post", "sessions/current/step-up/", {"password": "x"}, secret=rotated)
    # One that is none, but begins like one.
    call("get", "sessions/current/", secret=f"{rotated[:-1]}!")
    root = start_token_session(
        used.root,
        [MethodClaim(method="password")],
        scopes=["staff", "introspect"],
        now=timezone.now(),
    )
    made.append(root.secret)
    for path in ("introspect/", "revoke/"):
        assert call("post", path, rotated, secret=root.secret).status_code == 200
    started = call("post", "staff/sessions/", {"user": str(used.ada.pk)}, root.secret)
    assert started.status_code == 201
    tokens = f"/api/sessions/{used.session.pk}/provider-tokens/"
    shown = used.browser.post(tokens, {}, content_type="application/json")
    assert shown.json()["provider_tokens"][0]["provider_access_token"] == ACCESS
    key = used.browser.post("/api/sessions/", {"name": "k"}, content_type="application/json")
    made.append(key.json()["secret"])
    used.browser.post("/account/reauthenticate/", {"password": PASSWORD})
    used.staff.get("/admin/sessions_hub/session/")
    used.staff.post(f"/account/impersonate/{used.ada.pk}/", {"reason": "ticket 8"})
    used.browser.post("/accounts/logout/")
    assert len(made) >= 5
    return made


@pytest.mark.parametrize("with_statements", [False, True])
def test_no_line_has_one(with_statements, used, settings, caplog):
    # With DEBUG on Django logs every statement with its parameters.
    settings.DEBUG = with_statements
    caplog.set_level(logging.DEBUG)
    for name in ("django", "django.db.backends", "django.request", "sessions_hub"):
        caplog.set_level(logging.DEBUG, name)
    made = use_everything(used)
    said = lines(caplog)
    told = {getattr(one, "event", "") for one in caplog.records}
    assert told >= EVENTS
    assert ("INSERT INTO" in said) == with_statements
    opening = dict(used.seeds.plain)
    if with_statements:
        # django-otp looks for a code as it is, in a statement of its own.
        del opening["code"]
    assert used.seeds.named(found_in(said, opening.values())) == set()
    assert found_in(said, made) == []
    if not with_statements:
        assert used.seeds.named(found_in(said, used.seeds.stored.values())) == set()


def test_no_row_and_no_object_is_printed_with_one(used):
    found: list[Any] = []
    for model in (Session, Device, SessionDevice, SessionToken, AuthenticationMethod):
        found += list(model.objects.all())
    issued = start_token_session(used.ada, [MethodClaim(method="password")], now=timezone.now())
    assert isinstance(issued, Issued)
    bearer = find_bearer(issued.secret, timezone.now())
    assert bearer is not None
    said = " ".join(f"{one!r} {one}" for one in [*found, issued, bearer])
    assert len(found) > 8
    hidden = {**used.seeds.plain, **used.seeds.stored}
    assert found_in(said, [*hidden.values(), issued.secret]) == []
