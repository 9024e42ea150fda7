"""Every session type by the way a sign-in takes it, with its own limit."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth.tokens import default_token_generator
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from sessions_hub.lifecycle import start_session
from sessions_hub.lifecycle.policy import PROGRAMS
from sessions_hub.models import AssuranceLevel, Session, SessionType

from . import hooks

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

START = datetime(2030, 5, 1, 12, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
WEEKS = timedelta(weeks=2)
HOOKS = "tests.lifecycle.hooks"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


def row() -> Session:
    return Session.objects.get()


def methods() -> list[str]:
    return sorted(row().authentication_methods.values_list("method", flat=True))


def lasts() -> timedelta:
    return row().expires_at - START


def reset(browser, user, path: str):
    """Follow the link of a password reset and choose a new password."""
    # The token holds the time of the last sign-in.
    user.refresh_from_db()
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    page = browser.get(f"/{path}/{uid}/{default_token_generator.make_token(user)}/")
    new = {"new_password1": "quite-new-4711", "new_password2": "quite-new-4711"}
    return browser.post(page.headers["Location"], new)


class TestRecovery:
    @pytest.mark.parametrize("path", ["reset", "decorated-reset"])
    def test_a_reset_that_signs_in_is_one_and_proves_the_link(self, browser, user, path):
        assert reset(browser, user, path).status_code == 302
        assert browser.whoami() == "ada"
        assert row().session_type == SessionType.ACCOUNT_RECOVERY
        assert methods() == ["link_recovery"]
        assert row().assurance_level == AssuranceLevel.AAL1
        assert lasts() == HOUR

    def test_lasts_as_long_as_its_cap(self, browser, user, clock):
        reset(browser, user, "reset")
        clock.move_to(START + HOUR - timedelta(milliseconds=1))
        assert browser.whoami() == "ada"
        clock.move_to(START + HOUR)
        assert browser.whoami() is None

    def test_a_reset_that_does_not_sign_in_starts_nothing(self, browser, user):
        assert reset(browser, user, "plain-reset").status_code == 302
        assert not Session.objects.exists()

    def test_is_over_once_the_user_signs_in_with_the_password(self, browser, user, clock):
        reset(browser, user, "reset")
        clock.shift(MINUTE)
        browser.sign_in("ada")
        assert row().session_type == SessionType.REGULAR_LOGIN
        assert lasts() == MINUTE + WEEKS

    def test_allauths_record_of_one_counts(self, browser, user):
        browser.get("/sign-in-through-allauth/?user=ada&methods=password_reset,mfa:totp")
        assert row().session_type == SessionType.ACCOUNT_RECOVERY
        assert methods() == ["link_recovery", "totp"]

    def test_of_a_credential_is_said_by_the_site(self, browser, user):
        browser.get("/sign-in-and-say-more/?user=ada&session_type=credential_recovery")
        assert row().session_type == SessionType.CREDENTIAL_RECOVERY
        assert lasts() == HOUR

    def test_a_lifetime_of_the_sites_own(self, browser, user, settings):
        settings.SESSIONS_HUB_LIFETIMES = {"account_recovery": 3 * HOUR}
        reset(browser, user, "reset")
        assert lasts() == 3 * HOUR


class TestOneTimeAccess:
    @pytest.fixture(params=["magic_link", "sms", "code"])
    def backend(self, request, settings, monkeypatch):
        name = "MagicLinkBackend" if request.param == "magic_link" else "SmsBackend"
        path = f"{HOOKS}.{name}"
        settings.SESSIONS_HUB_BACKEND_METHODS = {path: request.param}
        settings.AUTHENTICATION_BACKENDS = [path]
        monkeypatch.setattr("tests.views.BACKEND", path)
        return request.param

    def test_is_a_link_or_a_code_alone(self, backend, browser, user):
        browser.sign_in("ada")
        assert row().session_type == SessionType.ONE_TIME_ACCESS
        assert methods() == [backend]

    def test_lasts_as_long_as_djangos_session(self, backend, browser, user):
        browser.sign_in("ada")
        assert lasts() == WEEKS

    def test_has_its_hour_under_nist(self, backend, browser, user, settings):
        settings.SESSIONS_HUB_LIMITS = "nist"
        browser.sign_in("ada")
        assert lasts() == HOUR

    def test_with_a_second_factor_is_a_regular_sign_in(self, backend, browser, user):
        browser.sign_in("ada")
        browser.get("/add-code/")
        assert row().session_type == SessionType.REGULAR_LOGIN

    def test_by_allauths_code(self, browser, user):
        browser.get("/sign-in-through-allauth/?user=ada&methods=code")
        assert row().session_type == SessionType.ONE_TIME_ACCESS

    def test_a_code_beside_a_password_is_none(self, browser, user):
        browser.get("/sign-in-through-allauth/?user=ada&methods=password,code")
        assert row().session_type == SessionType.REGULAR_LOGIN

    def test_is_what_the_better_account_says(self, browser, user):
        browser.get("/sign-in-and-say-more/?user=ada&method=magic_link")
        assert row().session_type == SessionType.ONE_TIME_ACCESS


class TestTemporary:
    def test_is_said_after_login(self, browser, user):
        browser.get("/sign-in-and-say-more/?user=ada&session_type=temporary")
        assert row().session_type == SessionType.TEMPORARY
        assert lasts() == 15 * MINUTE

    def test_is_said_by_the_setting(self, browser, user, settings):
        settings.SESSIONS_HUB_SESSION_TYPE = f"{HOOKS}.await_second_factor"
        hooks.asked.clear()
        browser.sign_in("ada")
        assert hooks.asked == [("ada", ["password"])]
        assert row().session_type == SessionType.TEMPORARY
        assert lasts() == 15 * MINUTE

    def test_ends_when_the_factor_does_not_come(self, browser, user, clock):
        browser.get("/sign-in-and-say-more/?user=ada&session_type=temporary")
        clock.shift(15 * MINUTE)
        assert browser.whoami() is None

    @pytest.mark.parametrize("app", ["otp_totp", "otp_static", "otp_email"])
    def test_is_a_regular_sign_in_once_the_factor_has_come(self, browser, user, clock, app):
        browser.get("/sign-in-and-say-more/?user=ada&session_type=temporary")
        clock.shift(5 * MINUTE)
        browser.get(f"/add-code/?app={app}")
        assert row().session_type == SessionType.REGULAR_LOGIN
        assert row().expires_at == START + 5 * MINUTE + WEEKS

    def test_the_factor_may_be_a_second_sign_in(self, browser, user, clock, settings):
        settings.SESSIONS_HUB_SESSION_TYPE = f"{HOOKS}.await_second_factor"
        browser.sign_in("ada")
        clock.shift(5 * MINUTE)
        browser.get("/sign-in-and-say-more/?user=ada&method=totp")
        assert row().session_type == SessionType.REGULAR_LOGIN

    def test_the_same_password_again_is_not_the_factor(self, browser, user, clock):
        browser.get("/sign-in-and-say-more/?user=ada&session_type=temporary")
        clock.shift(5 * MINUTE)
        browser.sign_in("ada")
        assert row().session_type == SessionType.TEMPORARY

    def test_stays_one_when_its_method_is_corrected(self, browser, user, settings):
        settings.SESSIONS_HUB_SESSION_TYPE = f"{HOOKS}.await_second_factor"
        browser.get("/sign-in-and-say-more/?user=ada&method=remote_user")
        assert row().session_type == SessionType.TEMPORARY

    def test_a_factor_in_the_same_request_makes_it_a_regular_one(self, browser, user, settings):
        settings.SESSIONS_HUB_SESSION_TYPE = f"{HOOKS}.await_second_factor"
        browser.get("/sign-in-with-code/?user=ada")
        assert row().session_type == SessionType.REGULAR_LOGIN
        assert lasts() == WEEKS

    @pytest.mark.parametrize("hook", ["nonsense", "fails", "not_there"])
    def test_a_hook_that_fails_lets_nobody_in(self, browser, user, settings, hook):
        settings.SESSIONS_HUB_SESSION_TYPE = f"{HOOKS}.{hook}"
        assert browser.sign_in("ada").status_code == 503
        assert browser.whoami() is None
        assert not Session.objects.exists()


class TestPrograms:
    @pytest.mark.parametrize("kind", sorted(PROGRAMS))
    @pytest.mark.parametrize("profile", ["django", "nist"])
    def test_start_in_code_and_last_as_long_as_said(self, user, settings, kind, profile):
        settings.SESSIONS_HUB_LIMITS = profile
        session = start_session(user, session_type=kind, lifetime=400 * DAY, method="token")
        session.refresh_from_db()
        assert session.session_type == kind
        assert session.expires_at == START + 400 * DAY
        assert session.idle_timeout is None

    @pytest.mark.parametrize("kind", sorted(PROGRAMS))
    def test_last_no_longer_than_their_type_may(self, user, settings, kind):
        settings.SESSIONS_HUB_LIFETIMES = {kind: (90 * DAY, 7 * DAY)}
        session = start_session(user, session_type=kind, lifetime=100 * DAY)
        assert session.expires_at == START + 90 * DAY
        assert session.idle_expires_at == START + 7 * DAY

    def test_an_impersonation_lasts_an_hour(self, user):
        session = start_session(user, session_type="impersonation", lifetime=DAY, method="server")
        assert session.expires_at == START + HOUR

    @pytest.mark.parametrize(
        "lifetime", [timedelta(0), -DAY, 400 * DAY + timedelta(microseconds=1), timedelta.max]
    )
    def test_a_lifetime_that_is_none_is_refused(self, user, lifetime):
        with pytest.raises(ValueError, match="at most 400 days"):
            start_session(user, session_type="api_key", lifetime=lifetime)
        assert not Session.objects.exists()
