"""All 93 properties of four systems' Session objects have their place here.

One by one: where each lives in the rows, and that a real sign-in fills it with a
value of the right type. `key` is its name in the HTTP answer, which is compared
with the same literals in a test of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from sessions_hub.lifecycle import current_session, link
from sessions_hub.models import AuthenticationMethod, Session, SessionToken
from sessions_hub.understanding import geoip
from sessions_hub.understanding.amr import amr_of
from sessions_hub.understanding.countries import country_name
from tests.full_session import (
    ADDRESS,
    DIGEST,
    ENDED,
    EXPIRES,
    PIXEL,
    SIGNED_IN,
    STEPPED_UP,
    TOKEN_EXPIRES,
    USED,
    World,
    build_world,
    write_places,
)

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Property:
    """A property of another system: how it is read here, and what is expected.

    `value` is the literal, or a function of the world where the value is an id.
    """

    system: str
    name: str
    key: str
    read: Callable[[Session], Any]
    value: Any
    of: str = "open"


def methods(session: Session) -> list[AuthenticationMethod]:
    return list(session.authentication_methods.order_by("completed_at", "id"))


def first(session: Session) -> AuthenticationMethod:
    return methods(session)[0]


def factors(session: Session) -> list[str]:
    return list(dict.fromkeys(proof.method for proof in methods(session)))


def amr(session: Session) -> list[str]:
    return amr_of(methods(session), multi_factor=session.assurance_level >= 2)


def devices(session: Session) -> list[tuple[str, str, str]]:
    places = session.session_devices.order_by("first_seen_at")
    return [(place.ip, place.user_agent, place.location) for place in places]


def claims(session: Session) -> dict[str, Any]:
    return {
        "sid": str(session.pk),
        "sub": str(session.user_id),
        "exp": int(session.expires_at.timestamp()),
    }


def impersonator(session: Session) -> dict[str, str]:
    return {"email": session.impersonator.email, "reason": session.impersonation_reason}


def column(name: str) -> Callable[[Session], Any]:
    return lambda session: getattr(session, name)


def id_of(world: World) -> UUID:
    return link.read(world.request.session).marker.session_id


def user_of(world: World) -> Any:
    return world.request.user.pk


PROOFS = [("oidc", 1, SIGNED_IN), ("password", 1, STEPPED_UP), ("totp", 1, STEPPED_UP)]

ORY = [
    Property("Ory", "active", "active", lambda s: s.is_active(USED), True),
    Property("Ory", "authenticated_at", "authenticated_at", column("authenticated_at"), STEPPED_UP),
    Property(
        "Ory",
        "authentication_methods",
        "authentication_methods",
        lambda s: [(m.method, m.assurance_level, m.completed_at) for m in methods(s)],
        PROOFS,
    ),
    Property(
        "Ory",
        "authenticator_assurance_level",
        "assurance_level",
        lambda s: s.get_assurance_level_display(),
        "aal2",
    ),
    Property("Ory", "devices", "devices", devices, [(ADDRESS, PIXEL, "Berlin, DE")]),
    Property("Ory", "expires_at", "expires_at", column("expires_at"), EXPIRES),
    Property("Ory", "id", "id", column("pk"), id_of),
    Property("Ory", "identity", "user", column("user"), lambda world: world.request.user),
    Property("Ory", "issued_at", "issued_at", column("issued_at"), SIGNED_IN),
    Property(
        "Ory",
        "tokenized",
        "tokenized",
        claims,
        lambda world: {"sid": str(id_of(world)), "sub": str(user_of(world)), "exp": 1782734700},
    ),
]

_APPWRITE: list[tuple[Any, ...]] = [
    ("$id", "id", column("pk"), id_of),
    ("$createdAt", "issued_at", column("issued_at"), SIGNED_IN),
    ("userId", "user_id", column("user_id"), user_of),
    ("expire", "expires_at", column("expires_at"), EXPIRES),
    ("provider", "provider", lambda s: first(s).provider, "github"),
    ("providerUid", "provider_uid", lambda s: first(s).provider_uid, "583231"),
    (
        "providerAccessToken",
        "provider_access_token",
        lambda s: first(s).provider_access_token,
        "sealed-access",
    ),
    (
        "providerAccessTokenExpiry",
        "provider_access_token_expires_at",
        lambda s: first(s).provider_access_token_expires_at,
        TOKEN_EXPIRES,
    ),
    (
        "providerRefreshToken",
        "provider_refresh_token",
        lambda s: first(s).provider_refresh_token,
        "sealed-refresh",
    ),
    ("ip", "ip", column("ip"), ADDRESS),
    ("osCode", "os_code", column("os_code"), "AND"),
    ("osName", "os_name", column("os_name"), "Android"),
    ("osVersion", "os_version", column("os_version"), "13"),
    ("clientType", "client_type", column("client_type"), "browser"),
    ("clientCode", "client_code", column("client_code"), "CM"),
    ("clientName", "client_name", column("client_name"), "Chrome Mobile"),
    ("clientVersion", "client_version", column("client_version"), "120.0"),
    ("clientEngine", "client_engine", column("client_engine"), "Blink"),
    (
        "clientEngineVersion",
        "client_engine_version",
        column("client_engine_version"),
        "120.0.0.0",
    ),
    ("deviceName", "device_type", column("device_type"), "smartphone"),
    ("deviceBrand", "device_brand", column("device_brand"), "Google"),
    ("deviceModel", "device_model", column("device_model"), "Pixel 7 Pro"),
    ("countryCode", "country_code", column("country_code"), "DE"),
    ("countryName", "country_name", lambda s: country_name(s.country_code), "Germany"),
    ("current", "current", column("pk"), lambda world: current_session(world.request).pk),
]
_APPWRITE_SINCE_1_5: list[tuple[Any, ...]] = [
    ("factors", "factors", factors, ["oidc", "password", "totp"]),
    # The secret itself is shown once; the row keeps its digest.
    ("secret", "secret", lambda s: s.tokens.get().digest, DIGEST),
    ("mfaUpdatedAt", "mfa_updated_at", column("mfa_updated_at"), STEPPED_UP),
]
# The 29th, which came last.
APPWRITE_NEWEST = Property(
    "Appwrite 2", "$updatedAt", "updated_at", column("updated_at"), STEPPED_UP
)
APPWRITE_25 = [Property("Appwrite 1.4", *row) for row in _APPWRITE]
APPWRITE_28 = [Property("Appwrite 1.5", *row) for row in [*_APPWRITE, *_APPWRITE_SINCE_1_5]]

USSO = [
    Property("USSO", "uid", "id", column("pk"), id_of),
    Property("USSO", "created_at", "issued_at", column("issued_at"), SIGNED_IN),
    Property("USSO", "updated_at", "updated_at", column("updated_at"), STEPPED_UP),
    Property(
        "USSO", "is_deleted", "status", lambda s: s.status(ENDED) == "revoked", True, of="ended"
    ),
    Property("USSO", "meta_data", "metadata", column("metadata"), {"colour": "blue", "n": [1]}),
    Property("USSO", "user_id", "user_id", column("user_id"), user_of),
    Property("USSO", "tenant_id", "tenant_id", column("tenant_id"), "acme"),
    Property("USSO", "workspace_id", "workspace_id", column("workspace_id"), "berlin-office"),
    Property("USSO", "aud", "audience", column("audience"), "https://shop.example"),
    Property("USSO", "scopes", "scopes", column("scopes"), ["sessions:read", "devices:read"]),
    Property("USSO", "amr", "amr", amr, ["pwd", "otp", "mfa"]),
    Property("USSO", "last_used_at", "last_used_at", column("last_used_at"), USED),
    Property("USSO", "max_age_minutes", "max_age_minutes", lambda s: s.max_age // MINUTE, 20165),
    Property("USSO", "user_agent", "user_agent", column("user_agent"), PIXEL),
    Property("USSO", "ip", "ip", column("ip"), ADDRESS),
    Property("USSO", "location", "location", column("location"), "Berlin, DE"),
    Property("USSO", "session_type", "session_type", column("session_type"), "regular_login"),
]

WORKOS = [
    Property("WorkOS", "object", "object", lambda s: s._meta.model_name, "session"),
    Property("WorkOS", "id", "id", column("pk"), id_of),
    Property("WorkOS", "user_id", "user_id", column("user_id"), user_of),
    Property("WorkOS", "organization_id", "tenant_id", column("tenant_id"), "acme"),
    Property("WorkOS", "status", "status", lambda s: s.status(USED).value, "active"),
    Property("WorkOS", "auth_method", "auth_method", lambda s: first(s).method, "oidc"),
    Property("WorkOS", "ip_address", "ip", column("ip"), ADDRESS),
    Property("WorkOS", "user_agent", "user_agent", column("user_agent"), PIXEL),
    Property(
        "WorkOS",
        "impersonator",
        "impersonator",
        impersonator,
        {"email": "grace@example.com", "reason": "ticket 4711"},
        of="impersonation",
    ),
    Property("WorkOS", "expires_at", "expires_at", column("expires_at"), EXPIRES),
    Property("WorkOS", "ended_at", "ended_at", column("ended_at"), ENDED, of="ended"),
    Property("WorkOS", "created_at", "issued_at", column("issued_at"), SIGNED_IN),
    Property("WorkOS", "updated_at", "updated_at", column("updated_at"), STEPPED_UP),
]

PROPERTIES = [*ORY, *APPWRITE_28, *APPWRITE_25, *USSO, *WORKOS]


@pytest.fixture
def world(db, settings, tmp_path) -> World:
    write_places(tmp_path)
    settings.SESSIONS_HUB_GEOIP_PATH = tmp_path
    geoip._file.cache_clear()
    yield build_world()
    geoip._file.cache_clear()


def test_the_list_is_complete():
    counts = Counter(one.system for one in PROPERTIES)
    assert counts == {"Ory": 10, "Appwrite 1.5": 28, "Appwrite 1.4": 25, "USSO": 17, "WorkOS": 13}
    assert len(PROPERTIES) == 93
    assert len({(one.system, one.name) for one in PROPERTIES}) == 93
    assert all(one.key for one in PROPERTIES)


@pytest.mark.django_db(databases="__all__")
def test_every_property_has_its_value_and_type(world):
    for one in [*PROPERTIES, APPWRITE_NEWEST]:
        session = getattr(world, one.of)
        expected = one.value(world) if callable(one.value) else one.value
        found = one.read(session)
        assert found == expected, (one.system, one.name)
        assert found not in (None, "", [], {}), (one.system, one.name)
        same = type(found) is type(expected) or isinstance(found, type(expected))
        assert same, (one.system, one.name, type(found))


@pytest.mark.django_db(databases="__all__")
def test_current_is_the_session_of_the_request_and_no_other(world):
    assert current_session(world.request) == world.open
    assert current_session(world.request) not in (world.ended, world.impersonation)


@pytest.mark.django_db(databases="__all__")
def test_no_secret_is_stored_in_the_clear(world):
    assert {field.name for field in SessionToken._meta.fields} == {
        "id",
        "session",
        "digest",
        "key_id",
        "hint",
        "created_at",
        "replaced_at",
    }
