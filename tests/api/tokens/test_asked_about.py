"""Secrets that a service asks about (RFC 7662) and gives back (RFC 7009)."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from django.test import Client

from sessions_hub.credentials.secrets import new_secret
from sessions_hub.lifecycle import end_session
from sessions_hub.models import EndReason, Session
from tests.api.signing import allow

pytestmark = pytest.mark.django_db(databases="__all__")

INTROSPECT, REVOKE = "/api/introspect/", "/api/revoke/"


def post(path: str, token: str, secret: str):
    headers = {"authorization": f"Bearer {secret}"} if secret else {}
    form = urlencode({"token": token})
    return Client(headers=headers).post(path, form, "application/x-www-form-urlencoded")


@pytest.fixture
def staff(bob):
    """Bob, who may ask about tokens."""
    allow(bob, "view_session")
    return bob


def test_a_service_learns_whose_it_is(issue, ada, staff):
    asked = issue("orders:read", "orders:write", audience="shop")
    body = post(INTROSPECT, asked.secret, issue("introspect", user=staff).secret).json()
    assert body == {
        "active": True,
        "token_type": "Bearer",
        "sub": str(ada.pk),
        "username": "ada",
        "sid": str(asked.session.pk),
        "scope": "orders:read orders:write",
        "exp": int(asked.session.expires_at.timestamp()),
        "acr": "aal1",
        "aud": "shop",
    }


@pytest.mark.parametrize("scopes", [(), ("sessions:read",), ("staff",)])
def test_a_service_without_the_scope_learns_nothing(issue, staff, scopes):
    response = post(INTROSPECT, issue().secret, issue(*scopes, user=staff).secret)
    assert (response.status_code, response.json()["code"]) == (403, "insufficient_scope")


def test_the_level_is_what_the_standing_proofs_give(issue, staff):
    asked = issue()
    Session.objects.filter(pk=asked.session.pk).update(assurance_level=2)
    body = post(INTROSPECT, asked.secret, issue("introspect", user=staff).secret).json()
    assert body["acr"] == "aal1"


@pytest.mark.parametrize("path", [INTROSPECT, REVOKE])
def test_asking_is_bounded_per_user(issue, staff, settings, path):
    settings.SESSIONS_HUB_THROTTLES = {"introspect": "2/minute"}
    service = issue("introspect", user=staff).secret
    assert [post(path, "x", service).status_code for _ in range(3)] == [200, 200, 429]
    assert post(path, "x", issue().secret).status_code != 429


@pytest.mark.parametrize("lost", ["is_staff", "permission"])
def test_a_service_learns_no_more_than_its_user_may(issue, staff, lost):
    """The scope outlasts what its user was when it was handed out."""
    asked, service = issue().secret, issue("introspect", user=staff).secret
    assert post(INTROSPECT, asked, service).status_code == 200
    if lost == "is_staff":
        type(staff).objects.filter(pk=staff.pk).update(is_staff=False)
    else:
        staff.user_permissions.clear()
    response = post(INTROSPECT, asked, service)
    assert (response.status_code, response.json()["code"]) == (403, "permission_denied")


def test_whatever_is_over_is_not_active(issue, staff):
    service, asked = issue("introspect", user=staff).secret, issue()
    assert post(INTROSPECT, asked.secret, service).json()["active"] is True
    end_session(asked.session, reason=EndReason.REVOKED_BY_USER)
    for token in (asked.secret, new_secret(), "shub_x", "x", "shub_\x00"):
        response = post(INTROSPECT, token, service)
        assert response.json() == {"active": False}, token


def test_a_program_gives_its_own_back_whatever_scopes_it_has(issue):
    issued = issue()
    assert post(REVOKE, issued.secret, issued.secret).status_code == 200
    assert Session.objects.get().end_reason == EndReason.SIGNED_OUT
    assert post(REVOKE, issued.secret, issued.secret).status_code == 401


@pytest.mark.parametrize(
    ("scopes", "status", "reason"),
    [((), 403, ""), (("sessions:write",), 200, EndReason.REVOKED_BY_USER)],
)
def test_another_of_one_s_own_needs_the_scope(issue, scopes, status, reason):
    other = issue()
    assert post(REVOKE, other.secret, issue(*scopes).secret).status_code == status
    other.session.refresh_from_db()
    assert other.session.end_reason == reason


def test_another_user_s_is_not_ended(issue, bob):
    other = issue()
    response = post(REVOKE, other.secret, issue("sessions:write", user=bob).secret)
    assert response.status_code == 403
    other.session.refresh_from_db()
    assert other.session.ended_at is None
