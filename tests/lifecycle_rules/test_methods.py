"""Which proofs are read from a backend's path and from a session's data."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions_hub.models import Method
from sessions_hub.understanding.methods import claim_of_backend, claims_in_session

BACKENDS = "tests.lifecycle_rules.backends"
AT = 1_780_000_000.25
# What JSON sessions and pickled ones hold.
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.binary(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
records = st.dictionaries(
    st.sampled_from(["method", "type", "provider", "uid", "at", "passwordless"]),
    values | st.sampled_from(["password", "mfa", "socialaccount", "webauthn", "totp"]),
)


class TestBackend:
    @pytest.mark.parametrize(
        ("path", "method"),
        [
            ("django.contrib.auth.backends.ModelBackend", "password"),
            ("django.contrib.auth.backends.AllowAllUsersModelBackend", "password"),
            ("django.contrib.auth.backends.RemoteUserBackend", "remote_user"),
            ("django.contrib.auth.backends.AllowAllUsersRemoteUserBackend", "remote_user"),
            (f"{BACKENDS}.HouseBackend", "password"),
            (f"{BACKENDS}.HeaderBackend", "remote_user"),
            (f"{BACKENDS}.CompanyLogin", "oidc"),
            (f"{BACKENDS}.LonelyBackend", "unknown"),
            (f"{BACKENDS}.function_backend", "unknown"),
            (f"{BACKENDS}.NotThere", "unknown"),
            ("no.such.module.Backend", "unknown"),
            ("nodots", "unknown"),
            ("", "unknown"),
            (".", "unknown"),
            ("a..b", "unknown"),
            ("\x00.x", "unknown"),
        ],
    )
    def test_its_class_or_any_it_derives_from_tells(self, path, method):
        assert claim_of_backend(path).method == method

    def test_the_setting_beats_the_class(self, settings):
        path = f"{BACKENDS}.HouseBackend"
        settings.SESSIONS_HUB_BACKEND_METHODS = {path: "magic_link"}
        assert claim_of_backend(path).method == "magic_link"

    def test_only_a_federated_backend_names_a_provider(self):
        assert claim_of_backend(f"{BACKENDS}.OIDCAuthenticationBackend").provider == "keycloak"
        assert claim_of_backend(f"{BACKENDS}.HouseBackend").provider == ""
        assert claim_of_backend(f"{BACKENDS}.CompanyLogin").provider == "c" * 64
        assert claim_of_backend(f"{BACKENDS}.OddlyNamed").provider == ""


class TestOtp:
    @pytest.mark.parametrize(
        ("device", "method"),
        [
            ("otp_totp.totpdevice/1", "totp"),
            ("otp_hotp.hotpdevice/1", "totp"),
            ("otp_static.staticdevice/1", "lookup_secret"),
            ("otp_email.emaildevice/1", "code"),
            ("otp_twilio.twiliosmsdevice/1", "sms"),
            ("otp_webauthn.webauthncredential/1", "webauthn"),
            # Another device is one factor, but nobody knows of which kind.
            ("house.paperdevice/1", "code"),
        ],
    )
    def test_the_device_names_the_method(self, device, method):
        (claim,) = claims_in_session({"otp_device_id": device}, "1")
        assert (claim.method, claim.key) == (method, f"otp:{device}")
        assert claim.factor == claim.key

    @pytest.mark.parametrize("device", [None, "", "otp_totp.totpdevice", 7, ["a/b"], b"a/b"])
    def test_anything_else_is_no_device(self, device):
        assert claims_in_session({"otp_device_id": device}, "1") == []


class TestAllauth:
    @pytest.mark.parametrize(
        ("record", "method"),
        [
            ({"method": "password"}, "password"),
            ({"method": "code"}, "code"),
            ({"method": "password_reset"}, "link_recovery"),
            ({"method": "mfa", "type": "totp"}, "totp"),
            ({"method": "mfa", "type": "recovery_codes"}, "lookup_secret"),
            ({"method": "mfa", "type": "webauthn"}, "webauthn"),
            ({"method": "mfa", "type": "webauthn", "passwordless": True}, "passkey"),
            ({"method": "mfa", "type": "totp", "passwordless": True}, "totp"),
            ({"method": "mfa", "type": "palm"}, "unknown"),
            ({"method": "mfa"}, "unknown"),
            ({"method": "semaphore"}, "unknown"),
            ({}, "unknown"),
        ],
    )
    def test_records_become_methods(self, record, method):
        data = {"account_authentication_methods": [{**record, "at": AT}]}
        (claim,) = claims_in_session(data, "1")
        assert claim.method == method
        assert claim.completed_at == datetime.fromtimestamp(AT, UTC)

    @pytest.mark.parametrize(
        ("record", "factor", "verified"),
        [
            ({"method": "mfa", "type": "totp", "id": 7}, "allauth:mfa.authenticator/7", None),
            ({"method": "mfa", "type": "webauthn", "id": 8}, "allauth:mfa.authenticator/8", None),
            (
                {"method": "mfa", "type": "webauthn", "id": 8, "passwordless": True},
                "allauth:mfa.authenticator/8",
                True,
            ),
            ({"method": "mfa", "type": "totp", "id": 7, "passwordless": True}, None, None),
            ({"method": "mfa", "type": "totp"}, "", None),
            ({"method": "password", "id": 7}, "", None),
        ],
    )
    def test_a_record_names_its_authenticator(self, record, factor, verified):
        data = {"account_authentication_methods": [{**record, "at": AT}]}
        (claim,) = claims_in_session(data, "1")
        assert factor is None or claim.factor == factor
        # allauth asks for user verification where it asks for nothing else.
        assert (claim.user_verified, claim.backup_eligible) == (verified, None)

    def test_a_social_login_names_provider_and_user(self):
        record = {"method": "socialaccount", "provider": "p" * 99, "uid": "u" * 999, "at": AT}
        (claim,) = claims_in_session({"account_authentication_methods": [record]}, "1")
        assert (claim.method, claim.provider, claim.provider_uid) == ("oidc", "p" * 64, "u" * 255)

    def test_a_social_login_without_a_provider_has_none(self):
        data = {"account_authentication_methods": [{"method": "socialaccount", "uid": None}]}
        (claim,) = claims_in_session(data, "1")
        assert (claim.method, claim.provider, claim.provider_uid) == ("oidc", "", "")

    @pytest.mark.parametrize(
        ("owner", "count"), [("1", 1), (1, 1), (None, 1), ("2", 0), (2, 0), ("", 0)]
    )
    def test_records_of_another_user_are_void(self, owner, count):
        data = {
            "account_authentication_methods": [{"method": "password", "at": AT}],
            "account_authentication_methods_user": owner,
        }
        assert len(claims_in_session(data, "1")) == count

    def test_two_proofs_at_two_times_are_told_apart(self):
        records = [{"method": "password", "at": AT}, {"method": "password", "at": AT + 1}]
        first, second = claims_in_session({"account_authentication_methods": records}, "1")
        assert first.key != second.key

    @pytest.mark.parametrize(
        "at", [None, "soon", 1e300, -1e300, float("nan"), float("inf"), [], 10**400]
    )
    def test_a_time_that_is_none_is_left_out(self, at):
        data = {"account_authentication_methods": [{"method": "password", "at": at}]}
        assert claims_in_session(data, "1")[0].completed_at is None

    def test_what_is_no_record_is_passed_over(self):
        records = [None, 1, "password", ["password"], {"method": "code", "at": AT}]
        (claim,) = claims_in_session({"account_authentication_methods": records}, "1")
        assert claim.method == "code"


@given(device=values, listed=values | st.lists(records | values, max_size=4), owner=values)
def test_garbage_never_raises_and_every_method_can_be_stored(device, listed, owner):
    data = {
        "otp_device_id": device,
        "account_authentication_methods": listed,
        "account_authentication_methods_user": owner,
    }
    for claim in claims_in_session(data, "1"):
        assert claim.method in Method.values
        assert len(claim.provider) <= 64
        assert len(claim.factor) <= 255
        assert len(claim.provider_uid) <= 255


@given(path=st.text(max_size=40))
def test_no_path_raises(path):
    assert claim_of_backend(path).method in Method.values
