"""How long a session lasts: Django's own expiry, the caps, and what use changes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from sessions_hub.lifecycle import MethodClaim, start_session
from sessions_hub.lifecycle.touch import touch
from sessions_hub.models import AssuranceLevel, EndReason, Session

from .conftest import START

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

WEEKS = timedelta(weeks=2)


def row() -> Session:
    return Session.objects.get()


class TestAtSignIn:
    def test_is_djangos_own(self, clock, signed_in):
        assert row().expires_at == START + WEEKS
        assert row().idle_expires_at == row().expires_at
        assert row().idle_timeout is None

    @pytest.mark.parametrize("seconds", [90, 3600, 86400 * 90])
    def test_follows_set_expiry_after_the_sign_in(self, clock, user, browser, seconds):
        browser.sign_in("ada", f"&expiry={seconds}")
        assert row().expires_at == START + timedelta(seconds=seconds)
        assert row().idle_expires_at == row().expires_at

    @pytest.mark.parametrize("days", [401, 3650])
    def test_is_capped_at_400_days(self, clock, user, browser, settings, days):
        settings.SESSION_COOKIE_AGE = days * 86400
        browser.sign_in("ada")
        assert row().expires_at == START + timedelta(days=400)
        assert start_session(user).expires_at == START + timedelta(days=400)

    def test_any_cookie_age_is_legal(self, clock, user, settings):
        settings.SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
        settings.SESSION_COOKIE_AGE = 10**15
        assert start_session(user).expires_at == START + timedelta(days=400)

    def test_a_session_of_the_browsers_lifetime_lasts_as_long_as_django_keeps_it(
        self, clock, user, browser, settings
    ):
        settings.SESSION_EXPIRE_AT_BROWSER_CLOSE = True
        browser.sign_in("ada")
        assert row().expires_at == START + WEEKS


class TestSliding:
    def test_use_alone_does_not_slide(self, clock, signed_in):
        clock.shift(timedelta(days=1))
        assert signed_in.whoami() == "ada"
        assert row().expires_at == START + WEEKS
        assert row().last_used_at == START + timedelta(days=1)

    @pytest.mark.parametrize("every_request", [False, True])
    def test_slides_when_django_saves_the_session(self, clock, signed_in, settings, every_request):
        settings.SESSION_SAVE_EVERY_REQUEST = every_request
        clock.shift(timedelta(days=1))
        signed_in.get("/public/" if every_request else "/save/")
        late = row().expires_at - (START + timedelta(days=1) + WEEKS)
        assert timedelta(0) <= late <= timedelta(seconds=60)
        assert row().idle_expires_at == row().expires_at

    def test_follows_a_shorter_expiry_set_later(self, clock, signed_in):
        clock.shift(timedelta(minutes=5))
        signed_in.get("/save/?expiry=600")
        late = row().expires_at - (timezone.now() + timedelta(seconds=600))
        assert timedelta(0) <= late <= timedelta(seconds=60)

    def test_does_not_slide_when_the_answer_is_not_saved(self, clock, signed_in):
        clock.shift(timedelta(days=1))
        signed_in.get("/save/?status=500")
        assert row().expires_at == START + WEEKS

    @pytest.mark.parametrize("age", [30, 300, 3600])
    @pytest.mark.parametrize("first", [0.001, 0.05, 0.09, 0.5])
    def test_activity_is_never_refused_before_django_would(
        self, clock, user, browser, settings, age, first
    ):
        settings.SESSION_SAVE_EVERY_REQUEST = True
        settings.SESSION_COOKIE_AGE = age
        browser.sign_in("ada")
        for share in (first, 0.95, first, 0.999, 0.0005, 0.9995):
            clock.shift(timedelta(seconds=age * share))
            assert browser.whoami() == "ada", share

    def test_sliding_ends_at_the_limit_of_the_level(self, clock, user, browser, settings):
        settings.SESSION_SAVE_EVERY_REQUEST = True
        settings.SESSIONS_HUB_LIMITS = "nist"
        browser.sign_in("ada")
        while timezone.now() < START + timedelta(days=26):
            clock.shift(timedelta(days=4))
            assert browser.whoami() == "ada"
        clock.move_to(START + timedelta(days=30) - timedelta(milliseconds=1))
        assert browser.whoami() == "ada"
        clock.move_to(START + timedelta(days=30))
        assert browser.whoami() is None
        assert row().ended_at == START + timedelta(days=30)


class TestNist:
    LIMITS = [
        (AssuranceLevel.AAL0, "unknown", timedelta(days=30), None),
        (AssuranceLevel.AAL1, "password", timedelta(days=30), None),
        (
            AssuranceLevel.AAL2,
            MethodClaim(method="passkey", user_verified=True),
            timedelta(hours=24),
            timedelta(hours=1),
        ),
        (
            AssuranceLevel.AAL3,
            MethodClaim(method="passkey", user_verified=True, backup_eligible=False),
            timedelta(hours=12),
            timedelta(minutes=15),
        ),
    ]

    @pytest.mark.parametrize(("level", "method", "overall", "idle"), LIMITS)
    def test_each_level_has_its_limits(self, clock, user, settings, level, method, overall, idle):
        settings.SESSIONS_HUB_LIMITS = "nist"
        settings.SESSION_COOKIE_AGE = 86400 * 365
        session = start_session(user, method=method)
        assert session.assurance_level == level
        assert session.expires_at == START + overall
        assert session.idle_timeout == idle
        assert session.idle_expires_at == START + (idle or overall)

    def test_an_idle_session_is_refused_at_the_very_instant(self, clock, signed_in):
        idle = timedelta(hours=1)
        Session.objects.update(idle_timeout=idle, idle_expires_at=START + idle)
        clock.shift(idle - timedelta(milliseconds=1))
        assert signed_in.whoami() == "ada"
        assert row().idle_expires_at == timezone.now() + idle
        clock.shift(idle)
        assert signed_in.whoami() is None
        assert row().end_reason == EndReason.IDLE
        assert row().ended_at == timezone.now()

    def test_use_never_moves_the_absolute_limit(self, clock, signed_in):
        limit = START + timedelta(hours=24)
        Session.objects.update(
            idle_timeout=timedelta(hours=1),
            idle_expires_at=START + timedelta(hours=1),
            expires_at=limit,
        )
        for _ in range(47):
            clock.shift(timedelta(minutes=30))
            assert signed_in.whoami() == "ada"
        clock.move_to(limit)
        assert signed_in.whoami() is None
        assert (row().end_reason, row().ended_at) == (EndReason.EXPIRED, limit)


class TestLastUse:
    def test_is_written_at_most_once_per_interval(self, clock, signed_in):
        clock.shift(timedelta(seconds=59))
        signed_in.whoami()
        assert row().last_used_at == START
        clock.shift(timedelta(seconds=1))
        signed_in.whoami()
        assert row().last_used_at == START + timedelta(seconds=60)
        clock.shift(timedelta(seconds=59))
        signed_in.whoami()
        assert row().last_used_at == START + timedelta(seconds=60)

    def test_follows_the_setting(self, clock, signed_in, settings):
        settings.SESSIONS_HUB_TOUCH_INTERVAL = timedelta(minutes=10)
        clock.shift(timedelta(minutes=9))
        signed_in.whoami()
        assert row().last_used_at == START
        clock.shift(timedelta(minutes=1))
        signed_in.whoami()
        assert row().last_used_at == timezone.now()

    def test_never_goes_back(self, clock, signed_in):
        future = START + timedelta(minutes=5)
        Session.objects.update(last_used_at=future)
        signed_in.get("/whoami/", user_agent="Another/2.0")
        assert row().last_used_at == future
        assert signed_in.whoami() == "ada"

    def test_is_no_reason_to_change_the_time_of_change(self, clock, signed_in):
        clock.shift(timedelta(hours=1))
        signed_in.whoami()
        assert row().updated_at == START


class TestStaleTouch:
    @pytest.fixture
    def shortened(self, monkeypatch):
        """Another request shortens the session between this one's verdict and its touch."""
        limit = START + timedelta(minutes=30)

        def late(*arguments):
            Session.objects.update(expires_at=limit, idle_expires_at=limit)
            return touch(*arguments)

        monkeypatch.setattr("sessions_hub.lifecycle.use.touch", late)
        return limit

    @pytest.mark.parametrize("idle", [None, timedelta(hours=1)])
    def test_does_not_take_back_what_another_request_moved(self, clock, signed_in, shortened, idle):
        Session.objects.update(idle_timeout=idle)
        clock.shift(120)
        assert signed_in.whoami() == "ada"
        assert row().last_used_at == START + timedelta(seconds=120)
        assert row().expires_at == shortened
        assert row().idle_expires_at == shortened

    def test_moves_the_idle_limit_alone(self, clock, signed_in):
        hour = timedelta(hours=1)
        Session.objects.update(idle_timeout=hour, idle_expires_at=START + hour)
        clock.shift(400)
        assert signed_in.whoami() == "ada"
        assert row().idle_expires_at == START + timedelta(seconds=400) + hour
        assert row().expires_at == START + WEEKS
