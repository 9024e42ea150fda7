"""`POST sessions/current/step-up/` by a browser: the key changes, and nobody else gets in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django_otp.plugins.otp_totp.models import TOTPDevice

from sessions_hub.lifecycle import attempts
from sessions_hub.models import AuthenticationMethod, EndReason, Session
from tests.account.conftest import token

from .conftest import CHROME, URL
from .test_impersonation import acting as acting
from .test_problems import problem

pytestmark = pytest.mark.django_db(databases="__all__")

STEP_UP = f"{URL}current/step-up/"
START = datetime(2030, 5, 1, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
PASSWORD = "right-password"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


@pytest.fixture
def device(ada) -> TOTPDevice:
    return TOTPDevice.objects.create(user=ada, name="phone", confirmed=True)


def prove(client, **data):
    return client.post(STEP_UP, data, content_type="application/json")


def row(client) -> Session:
    return Session.objects.get(pk=client.session_id)


def with_cookie(value: str) -> int:
    other = Client(headers={"user-agent": CHROME})
    other.cookies["sessionid"] = value
    return other.get(URL).status_code


class TestARightAnswer:
    def test_by_password_is_a_new_proof_of_the_same_session(self, clock, browser):
        clock.shift(HOUR)
        response = prove(browser, password=PASSWORD)
        assert response.status_code == 200
        body = response.json()
        assert body["id"] == str(browser.session_id)
        assert body["current"] is True
        assert "secret" not in body
        assert body["authenticated_at"] == "2030-05-01T13:00:00Z"
        assert row(browser).fully_authenticated_at == START + HOUR
        assert [one["method"] for one in body["authentication_methods"]] == ["password"] * 2

    def test_changes_the_key(self, browser):
        stolen = browser.cookies["sessionid"].value
        prove(browser, password=PASSWORD)
        assert browser.cookies["sessionid"].value != stolen
        assert with_cookie(stolen) == 401
        assert browser.get(URL).status_code == 200

    def test_by_a_code_raises_the_level(self, clock, browser, device):
        clock.shift(HOUR)
        body = prove(browser, code=token(device)).json()
        assert (body["assurance_level"], body["factors"]) == ("aal2", ["password", "totp"])
        assert body["mfa_updated_at"] == body["authenticated_at"] == "2030-05-01T13:00:00Z"
        # A code alone is no full proof: the absolute limit counts from the sign-in.
        assert row(browser).fully_authenticated_at == START
        assert AuthenticationMethod.objects.filter(method="totp").count() == 1
        browser.get(URL)
        assert AuthenticationMethod.objects.filter(method="totp").count() == 1

    def test_by_both_at_once(self, browser, device):
        key = f"otp:{device.persistent_id}"
        body = prove(browser, password=PASSWORD, code=token(device), factor=key).json()
        assert (body["assurance_level"], body["amr"]) == ("aal2", ["pwd", "otp", "mfa"])

    def test_opens_what_asked_for_a_fresh_proof(self, clock, browser):
        clock.shift(HOUR)
        assert browser.post(f"{URL}end-others/").status_code == 403
        prove(browser, password=PASSWORD)
        assert browser.post(f"{URL}end-others/").status_code == 200

    def test_lets_a_held_session_go_on(self, settings, browser):
        Session.objects.update(proof_required_at=START)
        assert browser.get(URL).status_code == 401
        assert prove(browser, password="wrong").status_code == 403
        assert browser.get(URL).status_code == 401
        assert prove(browser, password=PASSWORD).status_code == 200
        assert browser.get(URL).status_code == 200

    def test_a_better_hash_in_passing_keeps_the_sign_in(self, browser, settings):
        settings.PASSWORD_HASHERS = [
            "django.contrib.auth.hashers.ScryptPasswordHasher",
            *settings.PASSWORD_HASHERS,
        ]
        assert prove(browser, password=PASSWORD).status_code == 200
        assert browser.get(URL).status_code == 200


class TestAWrongAnswer:
    @pytest.mark.parametrize(
        "given",
        [
            {"password": "wrong"},
            {"code": "000000"},
            {"password": "wrong", "code": "right"},
            {"password": PASSWORD, "code": "000000"},
            {"code": "right", "factor": "otp:otp_totp.totpdevice/0"},
            {"code": "right", "factor": "elsewhere:1"},
        ],
    )
    def test_changes_nothing(self, given, browser, device):
        before = Session.objects.values().get()
        key = browser.cookies["sessionid"].value
        if given.get("code") == "right":
            given = {**given, "code": token(device)}
        assert problem(prove(browser, **given)) == (403, "wrong_proof")
        assert Session.objects.values().get() == before
        assert browser.cookies["sessionid"].value == key
        assert AuthenticationMethod.objects.count() == 1

    def test_does_not_use_a_code_up_beside_a_wrong_password(self, browser, device):
        code = token(device)
        prove(browser, password="wrong", code=code)
        assert prove(browser, password=PASSWORD, code=code).status_code == 200

    def test_is_counted_and_the_right_one_comes_too_late(self, browser, settings):
        settings.SESSIONS_HUB_REAUTHENTICATE_ATTEMPTS = 3
        got = [prove(browser, password="wrong").status_code for _ in range(4)]
        assert got == [403, 403, 403, 429]
        response = prove(browser, password=PASSWORD)
        assert problem(response) == (429, "too_many_attempts")
        assert int(response["Retry-After"]) == 900

    def test_is_counted_together_with_the_page_that_asks(self, browser, ada, settings):
        settings.SESSIONS_HUB_REAUTHENTICATE_ATTEMPTS = 3
        for _ in range(3):
            attempts.may_try(f"password:{ada.pk}")
        assert problem(prove(browser, password=PASSWORD)) == (429, "too_many_attempts")

    def test_a_right_password_forgives_no_wrong_codes(self, browser, device, settings):
        settings.SESSIONS_HUB_REAUTHENTICATE_ATTEMPTS = 3
        for _ in range(3):
            assert prove(browser, code="000000").status_code == 403
            assert prove(browser, password=PASSWORD).status_code == 200
        assert problem(prove(browser, code=token(device))) == (429, "too_many_attempts")
        assert prove(browser, password=PASSWORD).status_code == 200


class TestAnotherIdentity:
    def test_cannot_be_named(self, bob, browser):
        response = prove(browser, username="bob", password=PASSWORD)
        assert problem(response) == (400, "invalid")
        assert list(response.json()["errors"]) == ["username"]

    def test_another_users_password_or_code_is_wrong(self, ada, bob, browser):
        bob.set_password("bobs-password")
        bob.save()
        foreign = TOTPDevice.objects.create(user=bob, name="bob's", confirmed=True)
        assert prove(browser, password="bobs-password").status_code == 403
        key = f"otp:{foreign.persistent_id}"
        assert prove(browser, code=token(foreign), factor=key).status_code == 403
        assert row(browser).user == ada

    def test_an_impersonator_proves_nothing(self, ada, acting):
        assert problem(prove(acting, password=PASSWORD)) == (403, "impersonation")
        impersonation = Session.objects.get(session_type="impersonation")
        assert impersonation.assurance_level == 0


class TestTheSession:
    def test_that_needs_a_full_proof_is_told_so(self, clock, browser, device, settings):
        settings.SESSIONS_HUB_LIFETIMES = {"aal2": HOUR}
        clock.shift(HOUR)
        assert problem(prove(browser, code=token(device))) == (409, "full_proof_needed")
        clock.shift(timedelta(minutes=1))
        assert prove(browser, password=PASSWORD, code=token(device)).status_code == 200

    def test_that_has_ended_is_not_proven(self, browser):
        Session.objects.update(ended_at=START, end_reason=EndReason.REVOKED_BY_STAFF)
        assert prove(browser, password=PASSWORD).status_code == 401
        assert AuthenticationMethod.objects.count() == 1


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"password": "", "code": ""},
        {"factor": "x"},
        {"password": ["x"]},
        {"password": "a\x00"},
        {"password": "\ud800"},
        {"password": "x" * 4097},
        {"password": PASSWORD, "assurance_level": "aal3"},
    ],
)
def test_what_cannot_be_an_answer_is_an_error_and_no_attempt(body, browser, settings):
    settings.SESSIONS_HUB_REAUTHENTICATE_ATTEMPTS = 1
    assert problem(prove(browser, **body)) == (400, "invalid")
    assert prove(browser, password=PASSWORD).status_code == 200


def test_asks_for_the_csrf_token(ada, sign_in):
    client = sign_in(ada, enforce_csrf_checks=True)
    assert problem(prove(client, password=PASSWORD)) == (403, "csrf_failed")


def test_a_user_without_a_password_proves_none(browser, ada):
    ada.set_unusable_password()
    ada.save()
    session = browser.session
    session["_auth_user_hash"] = ada.get_session_auth_hash()
    session.save()
    assert problem(prove(browser, password=PASSWORD)) == (403, "wrong_proof")
