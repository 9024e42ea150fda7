"""What moves the limits of a session and what does not, over HTTP and in odd clocks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone

from sessions_hub.lifecycle import limits, start_session
from sessions_hub.lifecycle.guard import database
from sessions_hub.lifecycle.touch import touch
from sessions_hub.lifecycle.verdicts import fetch_verdict
from sessions_hub.models import AssuranceLevel, EndReason, Session
from tests.contract.browser import Browser

from .conftest import START

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

SECOND, MINUTE, HOUR, DAY = (
    timedelta(seconds=1),
    timedelta(minutes=1),
    timedelta(hours=1),
    timedelta(days=1),
)
WEEKS = timedelta(weeks=2)


def row() -> Session:
    return Session.objects.get()


class TestSetting:
    @pytest.mark.parametrize(
        ("lifetimes", "overall", "idle"),
        [
            ({"regular_login": HOUR}, HOUR, None),
            ({"regular_login": (HOUR, 5 * MINUTE)}, HOUR, 5 * MINUTE),
            ({"aal1": (2 * HOUR, 7 * MINUTE), "regular_login": HOUR}, HOUR, 7 * MINUTE),
            ({"aal2": HOUR, "api_key": HOUR}, WEEKS, None),
        ],
        ids=str,
    )
    def test_limits_a_sign_in(self, clock, user, browser, settings, lifetimes, overall, idle):
        settings.SESSIONS_HUB_LIFETIMES = lifetimes
        browser.sign_in("ada")
        assert row().expires_at == START + overall
        assert row().idle_timeout == idle
        assert row().idle_expires_at == START + (idle or overall)

    def test_limits_a_session_that_is_used_all_the_time(self, clock, user, browser, settings):
        settings.SESSIONS_HUB_LIFETIMES = {"regular_login": (HOUR, 5 * MINUTE)}
        settings.SESSION_SAVE_EVERY_REQUEST = True
        browser.sign_in("ada")
        for _ in range(19):
            clock.shift(3 * MINUTE)
            assert browser.whoami() == "ada"
        assert row().expires_at == START + HOUR
        clock.move_to(START + HOUR)
        assert browser.whoami() is None
        assert row().end_reason == EndReason.EXPIRED

    def test_the_idle_limit_ends_one_that_is_not(self, clock, user, browser, settings):
        settings.SESSIONS_HUB_LIFETIMES = {"regular_login": (HOUR, 5 * MINUTE)}
        browser.sign_in("ada")
        clock.shift(5 * MINUTE - timedelta(milliseconds=1))
        assert browser.whoami() == "ada"
        clock.shift(5 * MINUTE)
        assert browser.whoami() is None
        assert row().end_reason == EndReason.IDLE

    def test_remembering_a_visitor_reaches_no_further(self, clock, user, browser, settings):
        settings.SESSIONS_HUB_LIFETIMES = {"regular_login": 90 * DAY}
        browser.sign_in("ada", f"&expiry={86400 * 365}")
        assert row().expires_at == START + 90 * DAY

    @pytest.mark.parametrize("value", [0, "1h", {"aal1": 3600}])
    def test_one_that_makes_no_sense_lets_nobody_in(self, clock, user, browser, settings, value):
        settings.SESSIONS_HUB_LIFETIMES = value if isinstance(value, dict) else {"aal1": value}
        assert browser.sign_in("ada").status_code == 503
        assert not Session.objects.exists()


class TestBelowAvailable:
    @pytest.fixture
    def available(self, monkeypatch, settings):
        """The level of a user's factors, as `lifecycle.available` tells it."""
        asked: list[object] = []
        told = SimpleNamespace(level=AssuranceLevel.AAL2, asked=asked)

        def available_level(user):
            asked.append(user.get_username())
            if told.level is None:
                raise RuntimeError("no factor can be read")
            return told.level

        monkeypatch.setattr(limits, "available_level", available_level)
        settings.SESSIONS_HUB_LIFETIMES = {"below_available": (HOUR, 10 * MINUTE)}
        return told

    def test_limits_a_password_of_a_user_with_a_second_factor(self, clock, available, signed_in):
        assert row().expires_at == START + HOUR
        assert row().idle_timeout == 10 * MINUTE
        assert set(available.asked) == {"ada"}

    def test_does_not_limit_one_who_has_no_more(self, clock, available, user, browser):
        available.level = AssuranceLevel.AAL1
        browser.sign_in("ada")
        assert row().expires_at == START + WEEKS

    def test_is_over_once_the_factor_is_proven(self, clock, available, signed_in):
        clock.shift(5 * MINUTE)
        signed_in.get("/add-code/")
        assert row().assurance_level == AssuranceLevel.AAL2
        assert row().expires_at == START + 5 * MINUTE + WEEKS
        assert row().idle_timeout is None

    def test_use_does_not_stretch_it(self, clock, available, signed_in, settings):
        settings.SESSION_SAVE_EVERY_REQUEST = True
        for _ in range(6):
            clock.shift(9 * MINUTE)
            assert signed_in.whoami() == "ada"
        assert row().expires_at == START + HOUR

    def test_the_shorter_limit_holds_where_nobody_can_tell(self, clock, available, user, browser):
        available.level = None
        browser.sign_in("ada")
        assert row().expires_at == START + HOUR

    def test_is_not_asked_without_the_key(self, clock, available, user, browser, settings):
        settings.SESSIONS_HUB_LIFETIMES = {}
        browser.sign_in("ada")
        browser.get("/save/")
        assert available.asked == []

    def test_does_not_concern_programs(self, clock, available, user):
        start_session(user, session_type="api_key", lifetime=90 * DAY)
        assert row().expires_at == START + 90 * DAY
        assert available.asked == []


class TestAddedFactor:
    @pytest.fixture(autouse=True)
    def nist(self, settings) -> None:
        settings.SESSIONS_HUB_LIMITS = "nist"

    @pytest.mark.parametrize("expiry", [None, 86400 * 60])
    def test_brings_the_limits_of_its_level_and_use_does_not_undo_them(
        self, clock, signed_in, expiry
    ):
        clock.shift(HOUR)
        signed_in.get("/add-code/" + (f"?expiry={expiry}" if expiry else ""))
        assert row().assurance_level == AssuranceLevel.AAL2
        assert row().last_used_at == START + HOUR
        # From the password, which was the last full proof of what it was then.
        assert row().expires_at == START + DAY
        assert row().idle_expires_at == START + 2 * HOUR
        assert row().idle_timeout == HOUR
        signed_in.get("/save/")
        assert row().expires_at == START + DAY

    def test_in_the_sign_ins_own_request_too(self, clock, user, browser):
        browser.get(f"/sign-in-with-code/?user=ada&expiry={86400 * 60}")
        assert row().expires_at == START + DAY
        assert row().idle_timeout == HOUR

    def test_again_and_again_does_not_move_the_absolute_limit(self, clock, user, browser):
        browser.get("/sign-in-with-code/?user=ada")
        for number in range(23):
            clock.shift(HOUR - SECOND)
            browser.get(f"/add-code/?app=otp_static{number}")
        assert row().expires_at == START + DAY
        clock.move_to(START + DAY)
        assert browser.whoami() is None

    @pytest.mark.parametrize(
        ("app", "moves"), [("otp_totp", True), ("otp_webauthn", True), ("otp_email", False)]
    )
    def test_beside_the_password_it_is_a_full_proof_if_both_are(
        self, clock, user, browser, app, moves
    ):
        browser.get("/sign-in-with-code/?user=ada")
        clock.shift(HOUR / 2)
        # The same device again would be nothing new.
        browser.get(f"/sign-in-with-app/?user=ada&app={app}")
        proven = START + HOUR / 2 if moves else START
        assert row().fully_authenticated_at == proven
        assert row().expires_at == proven + DAY


class TestRaces:
    def test_a_touch_worked_out_before_a_step_up_does_not_undo_its_limits(self, clock, signed_in):
        before = fetch_verdict(row().pk, database())
        limit = START + HOUR
        Session.objects.update(
            assurance_level=AssuranceLevel.AAL2, expires_at=limit, idle_expires_at=limit
        )
        late = {"expires_at": START + WEEKS, "idle_expires_at": START + WEEKS}
        assert not touch(before, late, START + SECOND)
        assert row().expires_at == limit


class TestClocks:
    def test_of_two_nodes_the_later_last_use_stays(self, clock, signed_in):
        before = fetch_verdict(row().pk, database())
        assert touch(before, {}, START + 2 * MINUTE)
        # Both had read the row before either wrote.
        assert touch(before, {}, START + MINUTE)
        assert row().last_used_at == START + 2 * MINUTE

    @pytest.mark.parametrize(
        ("ahead", "after"),
        [(5 * MINUTE, 5 * MINUTE), (5 * MINUTE + SECOND, 0 * MINUTE), (3650 * DAY, 0 * MINUTE)],
        ids=str,
    )
    def test_a_last_use_far_ahead_is_put_right_by_the_next(self, clock, signed_in, ahead, after):
        Session.objects.update(last_used_at=START + ahead)
        assert signed_in.whoami() == "ada"
        assert row().last_used_at == START + after

    def test_one_far_ahead_does_not_keep_the_idle_limit_from_moving(self, clock, signed_in):
        Session.objects.update(
            last_used_at=START + DAY, idle_timeout=HOUR, idle_expires_at=START + MINUTE
        )
        signed_in.whoami()
        assert row().idle_expires_at == START + HOUR

    def test_signing_in_again_does_not_take_use_back(self, clock, signed_in):
        Session.objects.update(last_used_at=START + MINUTE)
        signed_in.sign_in("ada")
        assert row().last_used_at == START + MINUTE
        Session.objects.update(last_used_at=START + HOUR)
        signed_in.sign_in("ada")
        assert row().last_used_at == START

    def test_a_clock_set_back_ends_nothing_and_stretches_nothing(self, clock, signed_in):
        limit = row().expires_at
        clock.shift(10 * MINUTE)
        signed_in.whoami()
        clock.move_to(START - HOUR)
        assert signed_in.whoami() == "ada"
        assert row().expires_at == limit

    @pytest.mark.parametrize("skew", [-60, 60])
    def test_a_skewed_node_errs_by_its_skew_and_no_more(self, clock, user, browser, settings, skew):
        settings.SESSIONS_HUB_LIFETIMES = {"regular_login": (HOUR, 10 * MINUTE)}
        browser.sign_in("ada")
        clock.move_to(START + 10 * MINUTE - timedelta(seconds=abs(skew)) - SECOND)
        # This node's clock is off.
        clock.shift(timedelta(seconds=skew))
        assert browser.whoami() == "ada"
        assert abs(row().idle_expires_at - (START + 19 * MINUTE)) <= timedelta(seconds=61)

    @pytest.mark.parametrize(
        ("zone", "change"),
        [
            ("UTC", datetime(2026, 10, 25, 1, 0, tzinfo=UTC)),
            # 3:00 is 2:00 again.
            ("Europe/Berlin", datetime(2026, 10, 25, 1, 0, tzinfo=UTC)),
            ("Europe/Berlin", datetime(2026, 3, 29, 1, 0, tzinfo=UTC)),
            ("America/New_York", datetime(2026, 11, 1, 6, 0, tzinfo=UTC)),
            ("America/New_York", datetime(2026, 3, 8, 7, 0, tzinfo=UTC)),
            ("Asia/Kathmandu", datetime(2026, 10, 25, 1, 0, tzinfo=UTC)),
        ],
    )
    def test_half_an_hour_idle_is_that_across_a_change_of_clocks(
        self, make_user, settings, zone, change
    ):
        settings.TIME_ZONE = zone
        settings.SESSIONS_HUB_LIFETIMES = {"regular_login": (4 * HOUR, 30 * MINUTE)}
        make_user()
        begun = change - 15 * MINUTE
        browser = Browser("sync")
        with timezone.override(ZoneInfo(zone)), time_machine.travel(begun, tick=False) as clock:
            browser.sign_in("ada")
            assert row().idle_expires_at == begun + 30 * MINUTE
            clock.move_to(begun + 30 * MINUTE - timedelta(milliseconds=1))
            assert browser.whoami() == "ada"
            clock.shift(30 * MINUTE - timedelta(milliseconds=1))
            assert browser.whoami() == "ada"
            clock.shift(30 * MINUTE)
            assert browser.whoami() is None
        assert row().end_reason == EndReason.IDLE
        assert row().expires_at == begun + 4 * HOUR
