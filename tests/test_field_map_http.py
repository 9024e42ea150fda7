"""The 93 properties of four systems, read over HTTP from sessions that were made over HTTP.

A provider and what it gave, a second factor, a place and a phone; another session that
ended, one that somebody else acts in, and a program. Each value is compared with a literal
as JSON has it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import jwt
import pytest
import time_machine
from django.contrib.auth import get_user_model, login
from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path
from django_otp.plugins.otp_totp.models import TOTPDevice

from sessions_hub.lifecycle import current_session, record_provider
from sessions_hub.models import AuthenticationMethod, Session
from sessions_hub.understanding import geoip
from tests.account.conftest import token
from tests.credentials.conftest import entry
from tests.credentials.forging import AUDIENCE, ISSUER
from tests.credentials.keys import FIRST
from tests.factories import make_user
from tests.full_session import (
    ADDRESS,
    ENDED,
    PIXEL,
    SIGNED_IN,
    STEPPED_UP,
    TOKEN_EXPIRES,
    USED,
    write_places,
)
from tests.test_field_map import APPWRITE_NEWEST, PROPERTIES, Property
from tests.urls import urlpatterns as common

API = "/api/sessions/"
PASSWORD = "right-password"

# Told by a call of its own, and in no session.
OF_THE_PROVIDER = {"provider_access_token", "provider_refresh_token"}
# Only a program's session has these; its secret stands in the answer that made it.
OF_PROGRAMS = {"audience", "scopes", "secret"}


def provider_callback(request: HttpRequest) -> HttpResponse:
    """What django-allauth does once a provider has answered."""
    request.session["account_authentication_methods"] = [
        {
            "method": "socialaccount",
            "provider": "github",
            "uid": "583231",
            "at": SIGNED_IN.timestamp(),
        }
    ]
    user = get_user_model()._default_manager.get_by_natural_key("ada")
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    record_provider(
        current_session(request),
        "github",
        "583231",
        access_token=EXPECTED["provider_access_token"],
        refresh_token=EXPECTED["provider_refresh_token"],
        expires_at=TOKEN_EXPIRES,
    )
    return HttpResponse("in")


urlpatterns = [*common, path("provider/callback/", provider_callback)]


def office(request: HttpRequest, user: Any) -> tuple[str, str]:
    """Where everybody is."""
    return "acme", "berlin-office"


@dataclass(frozen=True)
class Answers:
    """What was answered of each session, and who its user is."""

    open: dict[str, Any]
    ended: dict[str, Any]
    impersonation: dict[str, Any]
    program: dict[str, Any]
    provider: dict[str, Any]
    keys: dict[str, Any]
    ids: dict[str, str]
    user: Any

    def of(self, one: Property) -> dict[str, Any]:
        """The answer that has this property."""
        if one.key in OF_THE_PROVIDER:
            return self.provider
        return getattr(self, "program" if one.key in OF_PROGRAMS else one.of)


def expected(one: Property, answers: Answers) -> Any:
    """The literal a property must be."""
    match one.key:
        case "id":
            return answers.ids[one.of]
        case "user_id":
            return str(answers.user.pk)
        case "user":
            return {"id": str(answers.user.pk), "username": "ada", "display": "ada"}
        case "status":
            return "revoked" if one.of == "ended" else "active"
    return EXPECTED[one.key]


EXPECTED: dict[str, Any] = {
    "object": "session",
    "active": True,
    "current": True,
    "session_type": "regular_login",
    "tenant_id": "acme",
    "workspace_id": "berlin-office",
    "audience": "https://shop.example",
    "scopes": ["devices:read", "sessions:read"],
    "metadata": {"colour": "blue", "n": [1]},
    "issued_at": "2026-06-15T12:00:00Z",
    "authenticated_at": "2026-06-15T12:05:00Z",
    "mfa_updated_at": "2026-06-15T12:05:00Z",
    "updated_at": "2026-06-15T12:05:00Z",
    "last_used_at": "2026-06-15T12:10:00Z",
    "expires_at": "2026-06-29T12:05:00Z",
    "max_age_minutes": 20165,
    "ended_at": "2026-06-15T12:30:00Z",
    "assurance_level": "aal2",
    "auth_method": "oidc",
    "factors": ["oidc", "password", "totp"],
    "amr": ["pwd", "otp", "mfa"],
    "provider": "github",
    "provider_uid": "583231",
    "provider_access_token": "access-s3cr3t",
    "provider_access_token_expires_at": "2026-06-15T20:00:00Z",
    "provider_refresh_token": "refresh-s3cr3t",
    "ip": ADDRESS,
    "user_agent": PIXEL,
    "os_code": "AND",
    "os_name": "Android",
    "os_version": "13",
    "client_type": "browser",
    "client_code": "CM",
    "client_name": "Chrome Mobile",
    "client_version": "120.0",
    "client_engine": "Blink",
    "client_engine_version": "120.0.0.0",
    "device_type": "smartphone",
    "device_brand": "Google",
    "device_model": "Pixel 7 Pro",
    "country_code": "DE",
    "country_name": "Germany",
    "location": "Berlin, DE",
    "impersonator": {"email": "grace@example.com", "reason": "ticket 4711"},
}


@pytest.fixture
def site(settings, tmp_path):
    write_places(tmp_path)
    settings.ROOT_URLCONF = __name__
    settings.SESSIONS_HUB_GEOIP_PATH = tmp_path
    settings.SESSIONS_HUB_TENANT = f"{__name__}.office"
    settings.SESSIONS_HUB_API_SIGN_IN = ["password", "totp"]
    settings.SESSIONS_HUB_ENCRYPTION_KEYS = [FIRST]
    settings.SESSIONS_HUB_EXPOSE_PROVIDER_TOKENS = True
    settings.SESSIONS_HUB_JWT_KEYS = [entry()]
    settings.SESSIONS_HUB_JWT_ISSUER = ISSUER
    settings.SESSIONS_HUB_TOKENIZE_TEMPLATES = {
        "orders": {"audience": AUDIENCE, "ttl": timedelta(minutes=5)}
    }
    geoip._file.cache_clear()
    cache.clear()
    yield
    geoip._file.cache_clear()


def phone() -> Client:
    return Client(headers={"user-agent": PIXEL}, REMOTE_ADDR=ADDRESS)


def send(client: Client, verb: str, url: str, **data: Any) -> dict[str, Any]:
    response = getattr(client, verb)(url, data, content_type="application/json")
    assert response.status_code in {200, 201}, response.content
    return response.json()


def newest() -> str:
    return str(Session.objects.order_by("-pk").values_list("pk", flat=True)[0])


@pytest.fixture
def answers(db, site) -> Answers:
    ada = make_user("ada", email="ada@example.com")
    grace = make_user("grace", email="grace@example.com")
    for user in (ada, grace):
        user.set_password(PASSWORD)
        user.save()
    grace.user_permissions.add(Permission.objects.get(codename="impersonate_user"))
    device = TOTPDevice.objects.create(user=ada, name="phone", confirmed=True)
    mine, leaving, staff = phone(), phone(), phone()
    ids = {}
    with time_machine.travel(SIGNED_IN, tick=False) as clock:
        mine.get("/provider/callback/")
        ids["open"] = newest()
        clock.shift(timedelta(seconds=1))
        leaving.get("/sign-in/", {"user": "ada"})
        ids["ended"] = newest()
        staff.get("/sign-in/", {"user": "grace"})
        clock.move_to(STEPPED_UP)
        send(mine, "post", f"{API}current/step-up/", password=PASSWORD, code=token(device))
        send(mine, "patch", f"{API}{ids['open']}/", metadata={"colour": "blue", "n": [1]})
        staff.post(f"/account/impersonate/{ada.pk}/", {"reason": "ticket 4711"})
        ids["impersonation"] = newest()
        clock.shift(timedelta(minutes=1))
        program = send(
            phone(),
            "post",
            API,
            username="ada",
            password=PASSWORD,
            code=token(device),
            audience="https://shop.example",
            scopes=["sessions:read", "devices:read"],
        )
        clock.move_to(USED)
        # The use of one request is written when it is over, and told by the next.
        mine.get("/whoami/")
        current = mine.get(f"{API}current/?tokenize_as=orders").json()
        handed_out = send(mine, "post", f"{API}{ids['open']}/provider-tokens/")
        impersonation = mine.get(f"{API}{ids['impersonation']}/").json()
        clock.move_to(ENDED)
        assert leaving.delete(f"{API}{ids['ended']}/").status_code == 204
        ended = mine.get(f"{API}{ids['ended']}/").json()
    (provider,) = handed_out["provider_tokens"]
    keys = Client().get("/api/.well-known/jwks.json").json()
    return Answers(current, ended, impersonation, program, provider, keys, ids, ada)


@pytest.mark.django_db(databases="__all__")
def test_every_property_is_answered_with_its_value_and_type(answers):
    compared = [one for one in [*PROPERTIES, APPWRITE_NEWEST] if one.key not in BELOW]
    assert {one.key for one in PROPERTIES} - {one.key for one in compared} == BELOW
    for one in compared:
        found, wanted = answers.of(one)[one.key], expected(one, answers)
        assert found == wanted, (one.system, one.name)
        assert type(found) is type(wanted), (one.system, one.name)
        assert found not in (None, "", [], {}), (one.system, one.name)


# What holds ids of its own, and what is another one each time: compared below.
BELOW = {"authentication_methods", "devices", "tokenized", "secret"}


@pytest.mark.django_db(databases="__all__")
def test_the_token_says_whose_session_it_is_and_until_when(answers):
    claims = jwt.decode(
        answers.open["tokenized"],
        jwt.PyJWKSet.from_dict(answers.keys).keys[0],
        algorithms=["ES256"],
        audience=AUDIENCE,
        issuer=ISSUER,
        # Of 2026.
        options={"verify_exp": False, "verify_iat": False, "verify_nbf": False},
    )
    assert (claims["sid"], claims["sub"]) == (answers.ids["open"], str(answers.user.pk))
    # Five minutes after it was made.
    assert (claims["exp"], type(claims["exp"])) == (1781525700, int)


@pytest.mark.django_db(databases="__all__")
def test_the_nested_ones_are_answered_too(answers):
    proofs = answers.open["authentication_methods"]
    assert [(one["method"], one["assurance_level"], one["completed_at"]) for one in proofs] == [
        ("oidc", "aal1", "2026-06-15T12:00:00Z"),
        ("password", "aal1", "2026-06-15T12:05:00Z"),
        ("totp", "aal1", "2026-06-15T12:05:00Z"),
    ]
    assert (proofs[0]["provider"], proofs[0]["organization"]) == ("github", "")
    (place,) = answers.open["devices"]
    shown = (place["ip"], place["user_agent"], place["location"])
    assert shown == (ADDRESS, PIXEL, "Berlin, DE")


@pytest.mark.django_db(databases="__all__")
def test_the_secret_stands_in_the_answer_that_made_it_and_in_no_other(answers):
    assert isinstance(answers.program["secret"], str)
    assert answers.program["secret"].startswith("shub_")
    for answer in (answers.open, answers.ended, answers.impersonation):
        assert "secret" not in answer


@pytest.mark.django_db(databases="__all__")
def test_what_the_provider_gave_is_in_no_session(answers):
    shown = [answers.open, answers.ended, answers.impersonation, answers.program]
    assert "s3cr3t" not in str(shown)
    for key in OF_THE_PROVIDER:
        assert key not in answers.open
    stored = AuthenticationMethod.objects.get(session=answers.ids["open"], provider="github")
    assert "s3cr3t" not in stored.provider_access_token + stored.provider_refresh_token


@pytest.mark.django_db(databases="__all__")
def test_one_session_is_current_and_no_other(answers):
    assert answers.open["current"] is True
    assert answers.ended["current"] is answers.impersonation["current"] is False
