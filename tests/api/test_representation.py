"""The session object: its keys, their types, and what they say."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone, translation

from sessions_hub.api.representation import represent
from sessions_hub.models import AuthenticationMethod, Device, Session, SessionDevice

from .conftest import URL, link

pytestmark = pytest.mark.django_db(databases="__all__")

TEXT, TIME, NULL = str, "time", type(None)
# Key → the types its value may have.
KEYS = {
    "object": {TEXT},
    "id": {TEXT},
    "active": {bool},
    "current": {bool},
    "status": {TEXT},
    "session_type": {TEXT},
    "name": {TEXT},
    "user_id": {TEXT},
    "user": {dict},
    "tenant_id": {TEXT},
    "workspace_id": {TEXT},
    "audience": {TEXT},
    "scopes": {list},
    "metadata": {dict},
    "issued_at": {TIME},
    "authenticated_at": {TIME},
    "mfa_updated_at": {TIME, NULL},
    "last_used_at": {TIME},
    "updated_at": {TIME},
    "expires_at": {TIME},
    "idle_expires_at": {TIME},
    "max_age_minutes": {int},
    "ended_at": {TIME, NULL},
    "end_reason": {TEXT},
    "ended_by": {dict, NULL},
    "assurance_level": {TEXT},
    "auth_method": {TEXT},
    "factors": {list},
    "amr": {list},
    "provider": {TEXT},
    "provider_uid": {TEXT},
    "provider_access_token_expires_at": {TIME, NULL},
    "authentication_methods": {list},
    "ip": {TEXT, NULL},
    "user_agent": {TEXT},
    "os_code": {TEXT},
    "os_name": {TEXT},
    "os_version": {TEXT},
    "client_type": {TEXT},
    "client_code": {TEXT},
    "client_name": {TEXT},
    "client_version": {TEXT},
    "client_engine": {TEXT},
    "client_engine_version": {TEXT},
    "device_id": {TEXT, NULL},
    "device_name": {TEXT},
    "device_type": {TEXT},
    "device_brand": {TEXT},
    "device_model": {TEXT},
    "country_code": {TEXT},
    "country_name": {TEXT},
    "location": {TEXT},
    "devices": {list},
    "impersonator": {dict, NULL},
}
RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


def type_of(key: str, value: object) -> object:
    if key.endswith("_at") and isinstance(value, str):
        assert RFC3339.fullmatch(value), (key, value)
        return TIME
    return type(value)


@pytest.fixture
def rich(ada, bob) -> Session:
    """A session that uses every column."""
    start = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
    session = Session.objects.create(
        user=ada,
        session_type="impersonation",
        name="laptop",
        tenant_id="t",
        workspace_id="w",
        audience="a",
        scopes=["sessions:read"],
        metadata={"color": "red"},
        assurance_level=2,
        issued_at=start,
        authenticated_at=start,
        mfa_updated_at=start,
        last_used_at=start,
        updated_at=start,
        expires_at=start + timedelta(minutes=90, seconds=59),
        idle_expires_at=start + timedelta(minutes=30),
        ended_at=start + timedelta(minutes=5),
        end_reason="revoked_by_staff",
        ended_by=bob,
        ended_by_label="bob",
        impersonator=bob,
        impersonation_reason="ticket 7",
        ip="192.0.2.1",
        country_code="DE",
        city="Berlin",
        user_agent="x",
        os_code="WIN",
    )
    device = Device.objects.create(user=ada, name="my laptop")
    for minutes, ip in [(5, "192.0.2.2"), (0, "192.0.2.1")]:
        SessionDevice.objects.create(
            session=session,
            device=device,
            fingerprint=ip,
            ip=ip,
            first_seen_at=start + timedelta(minutes=minutes),
        )
    AuthenticationMethod.objects.create(
        session=session, method="totp", assurance_level=1, completed_at=start + timedelta(minutes=1)
    )
    AuthenticationMethod.objects.create(
        session=session,
        method="oidc",
        assurance_level=1,
        completed_at=start,
        provider="github",
        provider_uid="4711",
        provider_access_token="secret-ciphertext",
        provider_refresh_token="secret-ciphertext",
        provider_access_token_expires_at=start,
        upstream_amr=["pwd", "made-up", 3],
    )
    return session


def test_has_exactly_these_keys_of_these_types(ada, browser, rich):
    for row in browser.get(URL).json()["results"]:
        assert set(row) == set(KEYS)
        for key, value in row.items():
            assert type_of(key, value) in KEYS[key], (key, value)


def test_is_the_same_wherever_it_is_read(browser):
    listed = browser.get(URL).json()["results"][0]
    assert browser.get(link(browser.session_id)).json() == listed
    assert browser.get(f"{URL}current/").json() == listed


def test_says_what_the_row_says(ada, bob, browser, rich):
    row = browser.get(link(rich)).json()
    places = row.pop("devices")
    methods = row.pop("authentication_methods")
    expected = {
        "object": "session",
        "id": str(rich.pk),
        "active": False,
        "current": False,
        "status": "revoked",
        "user_id": str(ada.pk),
        "user": {"id": str(ada.pk), "username": "ada", "display": "ada"},
        "scopes": ["sessions:read"],
        "metadata": {"color": "red"},
        "issued_at": "2026-03-01T12:00:00Z",
        "max_age_minutes": 90,
        "ended_at": "2026-03-01T12:05:00Z",
        "end_reason": "revoked_by_staff",
        "ended_by": {"id": str(bob.pk), "username": "bob"},
        "assurance_level": "aal2",
        "auth_method": "impersonation",
        "factors": ["oidc", "totp"],
        "amr": ["pwd", "otp", "mfa"],
        "provider": "github",
        "provider_uid": "4711",
        "provider_access_token_expires_at": "2026-03-01T12:00:00Z",
        "ip": "192.0.2.1",
        "device_name": "my laptop",
        "country_code": "DE",
        "country_name": "Germany",
        "location": "Berlin, DE",
        "impersonator": {"email": "bob@example.com", "reason": "ticket 7"},
    }
    assert {key: row[key] for key in expected} == expected
    assert [place["ip"] for place in places] == ["192.0.2.1", "192.0.2.2"]
    assert [method["method"] for method in methods] == ["oidc", "totp"]
    assert "secret-ciphertext" not in str([row, methods])


def test_of_a_password_names_the_user_as_the_providers_user(browser):
    row = browser.get(f"{URL}current/").json()
    assert row["auth_method"] == "password"
    assert (row["provider"], row["provider_uid"]) == ("email", "ada")
    assert (row["factors"], row["amr"]) == (["password"], ["pwd"])
    assert row["os_name"] == "Windows"
    assert row["device_id"] == row["devices"][0]["device_id"]
    assert row["ended_at"] is row["ended_by"] is row["impersonator"] is None


def test_says_expired_before_anything_has_stamped_it(ada, browser, other_session):
    past = timezone.now() - timedelta(hours=1)
    row = browser.get(link(other_session(ada, expires_at=past, idle_expires_at=past))).json()
    assert (row["status"], row["active"], row["end_reason"]) == ("expired", False, "expired")
    assert row["ended_at"] == row["expires_at"]


def test_names_the_country_in_the_readers_language(rich):
    now = timezone.now()
    with translation.override("de"):
        assert represent(rich, current_id=None, now=now)["country_name"] == "Deutschland"


def test_keeps_the_actors_name_when_the_actor_is_gone(rich):
    Session.objects.filter(pk=rich.pk).update(
        ended_by=None, impersonator=None, impersonator_label="bob"
    )
    rich.refresh_from_db()
    shown = represent(rich, current_id=None, now=timezone.now())
    assert shown["ended_by"] == {"id": None, "username": "bob"}
    assert shown["impersonator"] == {"email": "bob", "reason": "ticket 7"}


@pytest.mark.parametrize(
    ("method", "provider", "amr"),
    [
        ("password", "email", ["pwd"]),
        ("anonymous", "anonymous", []),
        ("magic_link", "magic-url", []),
        ("sms", "phone", ["otp", "sms"]),
        ("code", "token", ["otp"]),
        ("token", "token", []),
        ("server", "server", []),
        ("webauthn", "", ["pop"]),
        ("passkey", "", ["pop", "user", "mfa"]),
        ("unknown", "", []),
    ],
)
def test_of_one_method(method, provider, amr, ada, other_session):
    session = other_session(ada, assurance_level=2 if method == "passkey" else 1)
    AuthenticationMethod.objects.filter(session=session).update(method=method)
    shown = represent(session, current_id=None, now=timezone.now())
    assert (shown["auth_method"], shown["factors"]) == (method, [method])
    assert (shown["provider"], shown["amr"]) == (provider, amr)
