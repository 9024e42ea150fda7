"""Signing a program in: `POST sessions/` with credentials."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.contrib.auth.signals import user_logged_in, user_login_failed
from django.test import Client
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from sessions_hub.models import AuthenticationMethod, Device, Session, SessionToken
from tests.api.conftest import URL

from .conftest import AGENT, Program

pytestmark = [
    pytest.mark.django_db(databases="__all__"),
    pytest.mark.usefixtures("sign_in_on"),
]

GOOD = {"username": "ada", "password": "right-password"}


@pytest.fixture
def device(ada):
    return TOTPDevice.objects.create(user=ada, name="phone")


def code_of(device) -> str:
    return str(totp(device.bin_key)).zfill(6)


def keys(user) -> list[str]:
    """A source of factors: everybody has a security key."""
    return ["webauthn"]


def sign_in(data=None, **headers):
    return Program(**headers).call("post", URL, {**GOOD, **(data or {})})


def test_gives_a_session_and_its_secret_once(ada):
    response = sign_in({"name": "Shop on my phone", "scopes": ["sessions:read"]})
    assert response.status_code == 201
    body = response.json()
    secret = body["secret"]
    assert secret.startswith("shub_")
    assert response["Cache-Control"] == "no-store"
    assert not response.cookies
    row = Session.objects.get()
    assert body["id"] == str(row.pk)
    assert (row.user, row.session_type, row.name) == (ada, "regular_login", "Shop on my phone")
    assert (row.assurance_level, row.user_agent) == (1, AGENT)
    assert row.os_name == "iOS"
    assert [proof.method for proof in AuthenticationMethod.objects.all()] == ["password"]
    program = Program(secret)
    assert program.whoami().json()["id"] == str(row.pk)
    assert program.whoami().json()["current"] is True
    assert "secret" not in program.whoami().json()
    assert secret not in str(list(SessionToken.objects.values()))


@pytest.mark.parametrize(
    "data",
    [
        {"password": "wrong"},
        {"username": "nobody"},
        {"username": "nobody", "password": "wrong"},
        {"username": "adas"},
        {"password": "x" * 4096},
    ],
)
def test_wrong_credentials_get_one_answer(ada, data):
    response = sign_in(data)
    assert response.status_code == 401
    assert response.json()["code"] == "wrong_credentials"
    assert "WWW-Authenticate" in response
    assert not Session.objects.exists()


@pytest.mark.parametrize("backend", ["ModelBackend", "AllowAllUsersModelBackend"])
def test_a_disabled_user_gets_the_same_answer_as_a_wrong_password(ada, settings, backend):
    """Also where browsers let them in: a secret of theirs would open nothing."""
    settings.AUTHENTICATION_BACKENDS = [f"django.contrib.auth.backends.{backend}"]
    wrong = sign_in({"password": "wrong"})
    ada.is_active = False
    ada.save()
    disabled = sign_in()
    assert (disabled.status_code, disabled.content) == (wrong.status_code, wrong.content)
    assert dict(disabled.headers) == dict(wrong.headers)
    assert not Session.objects.exists()


@pytest.mark.parametrize("allowed", [(), ("totp",)])
def test_is_off_until_the_site_names_the_password(ada, settings, allowed):
    settings.SESSIONS_HUB_API_SIGN_IN = allowed
    response = sign_in()
    assert (response.status_code, response.json()["code"]) == (403, "sign_in_off")
    assert not Session.objects.exists()


class TestSecondFactor:
    def test_is_asked_for_and_no_token_is_given(self, ada, device):
        response = sign_in()
        assert response.status_code == 401
        body = response.json()
        assert body["code"] == "factors_needed"
        assert body["factors"] == [
            {"factor": f"otp:otp_totp.totpdevice/{device.pk}", "method": "totp", "name": "phone"}
        ]
        assert "secret" not in body
        assert not SessionToken.objects.exists()
        ada.refresh_from_db()
        assert ada.last_login is None

    def test_with_it_the_session_is_aal2(self, ada, device):
        body = sign_in({"code": code_of(device)}).json()
        assert body["assurance_level"] == "aal2"
        assert body["factors"] == ["password", "totp"]
        assert body["amr"] == ["pwd", "otp", "mfa"]

    def test_a_code_counts_once(self, ada, device):
        code = code_of(device)
        assert sign_in({"code": code}).status_code == 201
        device.refresh_from_db()
        TOTPDevice.objects.update(throttling_failure_count=0, throttling_failure_timestamp=None)
        assert sign_in({"code": code}).status_code == 401

    def test_a_wrong_code_is_told(self, ada, device):
        response = sign_in({"code": "000000"})
        assert (response.status_code, response.json()["code"]) == (401, "factors_needed")
        assert "not right" in response.json()["detail"]
        assert not SessionToken.objects.exists()

    def test_another_user_s_device_does_not_help(self, ada, bob, device):
        foreign = TOTPDevice.objects.create(user=bob, name="bob's")
        key = f"otp:otp_totp.totpdevice/{foreign.pk}"
        assert sign_in({"code": code_of(foreign), "factor": key}).status_code == 401

    def test_guessing_is_bounded(self, ada, device, settings):
        settings.SESSIONS_HUB_REAUTHENTICATE_ATTEMPTS = 3
        codes = [sign_in({"code": "000000"}).status_code for _ in range(5)]
        assert codes == [401, 401, 401, 429, 429]
        limited = sign_in({"code": code_of(device)})
        assert limited.json()["code"] == "too_many_attempts"
        assert int(limited["Retry-After"]) > 0

    def test_of_a_kind_the_site_does_not_take_here_is_named_and_not_offered(
        self, ada, device, settings
    ):
        settings.SESSIONS_HUB_API_SIGN_IN = ["password"]
        for data in ({}, {"code": code_of(device)}):
            body = sign_in(data).json()
            assert (body["methods"], body["factors"]) == (["totp"], [])
            assert "with a browser" in body["detail"]

    def test_that_takes_a_browser_is_named_beside_the_others(self, ada, device, settings):
        settings.SESSIONS_HUB_FACTOR_SOURCES = [f"{__name__}.keys"]
        body = sign_in().json()
        assert body["methods"] == ["totp", "webauthn"]
        assert [one["method"] for one in body["factors"]] == ["totp"]
        TOTPDevice.objects.all().delete()
        body = sign_in().json()
        assert (body["code"], body["methods"]) == ("factors_needed", ["webauthn"])
        assert body["factors"] == []
        assert not SessionToken.objects.exists()

    def test_leaves_no_trace_in_a_browser_s_session(self, ada, device, browser):
        before = dict(browser.session.items())
        data = {**GOOD, "code": code_of(device)}
        browser.logout()
        response = browser.post(URL, data, content_type="application/json")
        assert response.status_code == 201
        assert not set(browser.session.keys()) - set(before)


class TestSignals:
    def test_a_sign_in_is_told_as_any_other(self, ada):
        heard = []

        def hear(sender, request, user, **kwargs):
            heard.append((sender, user))

        user_logged_in.connect(hear)
        try:
            sign_in()
        finally:
            user_logged_in.disconnect(hear)
        assert heard == [(type(ada), ada)]
        ada.refresh_from_db()
        assert ada.last_login is not None
        assert Session.objects.count() == 1

    def test_a_failure_is_told_so_that_lockouts_count(self, ada):
        heard = []

        def hear(sender, credentials, request, **kwargs):
            heard.append(credentials["username"])

        user_login_failed.connect(hear)
        try:
            sign_in({"password": "wrong"})
        finally:
            user_login_failed.disconnect(hear)
        assert heard == ["ada"]


class TestWhatIsAskedFor:
    @pytest.mark.parametrize(
        "data",
        [
            {"assurance_level": "aal3"},
            {"user": 1},
            {"expires_at": "2099-01-01T00:00:00Z"},
            {"ended_at": None},
            {"impersonator": 1},
            {"session_type": "impersonation"},
            {"session_type": "service_account"},
            {"lifetime": 0},
            {"lifetime": -1},
            {"lifetime": 10**12},
            {"lifetime": "1e400"},
            {"lifetime": None, "scopes": "sessions:read"},
            {"scopes": ["with space"]},
            {"scopes": ["sessions:read"] * 51},
            {"name": "x" * 101},
            {"audience": "x" * 65},
            {"username": ["ada"]},
            {"username": "a\x00da"},
            {"password": "right-\x00password"},
            {"password": {}},
            {"code": "1" * 65},
        ],
    )
    def test_what_cannot_be_had_is_an_error_and_nothing_is_made(self, ada, data):
        response = sign_in(data)
        assert (response.status_code, response.json()["code"]) == (400, "invalid"), response.json()
        assert not Session.objects.exists()

    @pytest.mark.parametrize("body", [[], "x", 7, None])
    def test_a_body_that_is_no_object_is_an_error(self, ada, body):
        response = Client().post(URL, json.dumps(body), "application/json")
        assert response.status_code == 400

    @pytest.mark.parametrize(
        ("scope", "is_staff", "status"),
        [
            ("sessions:read", False, 201),
            ("devices:write", False, 201),
            ("staff", False, 403),
            ("staff", True, 201),
            ("introspect", False, 403),
            ("introspect", True, 201),
            ("orders:read", False, 403),
        ],
    )
    def test_scopes_are_the_hub_s_own_and_the_site_s(self, ada, scope, is_staff, status):
        ada.is_staff = is_staff
        ada.save()
        response = sign_in({"scopes": [scope]})
        assert response.status_code == status
        if status == 403:
            assert response.json()["scopes"] == [scope]

    def test_a_scope_of_the_site_s_own_is_to_be_had(self, ada, settings):
        settings.SESSIONS_HUB_SCOPES = ["orders:read"]
        assert sign_in({"scopes": ["orders:read"]}).json()["scopes"] == ["orders:read"]

    def test_a_lifetime_is_in_seconds(self, ada):
        sign_in({"lifetime": 3600})
        assert Session.objects.get().max_age == timedelta(hours=1)

    def test_the_limits_of_the_type_hold(self, ada, settings):
        settings.SESSIONS_HUB_LIFETIMES = {"api_key": timedelta(days=1)}
        sign_in({"lifetime": 86400 * 30, "session_type": "api_key"})
        assert Session.objects.get().max_age == timedelta(days=1)

    def test_a_limit_on_sessions_holds(self, ada, settings):
        settings.SESSIONS_HUB_MAX_SESSIONS = 1
        settings.SESSIONS_HUB_MAX_SESSIONS_ACTION = "refuse"
        assert sign_in().status_code == 201
        refused = sign_in()
        assert (refused.status_code, refused.json()["code"]) == (409, "too_many_sessions")
        assert SessionToken.objects.count() == 1


class TestDevice:
    def test_is_named_by_the_app(self, ada):
        sign_in(**{"x-device-id": "B7E6"})
        sign_in(**{"x-device-id": "B7E6"})
        sign_in(**{"x-device-id": "other"})
        assert Device.objects.count() == 2

    def test_is_its_kind_where_the_app_names_none(self, ada):
        sign_in()
        sign_in()
        sign_in(**{"user-agent": "python-requests/2.32"})
        assert Device.objects.count() == 2

    def test_is_named_in_at_most_128_characters(self, ada):
        sign_in(**{"x-device-id": "x" * 128})
        sign_in()
        assert Device.objects.count() == 2

    def test_an_app_cannot_name_a_browser_s_key(self, ada, browser):
        cookie = browser.cookies["sessions_hub_device"]
        key = cookie.value.split(":")[0]
        sign_in(**{"x-device-id": key})
        assert Device.objects.count() == 2

    @pytest.mark.parametrize("value", ["", " ", "x" * 129])
    def test_what_is_no_name_names_none(self, ada, value):
        sign_in(**{"x-device-id": value})
        sign_in()
        assert Device.objects.count() == 1
