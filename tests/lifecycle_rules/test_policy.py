"""How long a session lasts, to the microsecond and without a clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions_hub.lifecycle.policy import (
    GENERATION_GRACE,
    LONGEST,
    Limits,
    Verdict,
    evaluate,
    expiry,
    idle_expiry,
    limits_for,
    outlasts,
    touch_interval,
)
from sessions_hub.models.validity import end_by_limit
from tests.factories import NOW

MICROSECOND = timedelta(microseconds=1)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
lifetimes = st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=36500))


@dataclass(frozen=True)
class Row:
    ended_at: datetime | None = None
    expires_at: datetime = NOW + HOUR
    idle_expires_at: datetime = NOW + HOUR
    generation: int = 3
    generation_changed_at: datetime | None = None


class TestEvaluate:
    @pytest.mark.parametrize(
        ("row", "verdict"),
        [
            (Row(), Verdict.VALID),
            (Row(ended_at=NOW), Verdict.ENDED),
            # A skewed clock may put the end later: it is an end all the same.
            (Row(ended_at=NOW + DAY), Verdict.ENDED),
            (Row(ended_at=NOW, expires_at=NOW), Verdict.ENDED),
            (Row(expires_at=NOW + MICROSECOND), Verdict.VALID),
            (Row(expires_at=NOW), Verdict.LIMIT_PASSED),
            (Row(expires_at=NOW - MICROSECOND), Verdict.LIMIT_PASSED),
            (Row(idle_expires_at=NOW + MICROSECOND), Verdict.VALID),
            (Row(idle_expires_at=NOW), Verdict.LIMIT_PASSED),
            (Row(idle_expires_at=NOW - MICROSECOND), Verdict.LIMIT_PASSED),
        ],
    )
    def test_end_and_limits(self, row, verdict):
        assert evaluate(row, NOW) is verdict
        assert evaluate(row, NOW, row.generation) is verdict

    @pytest.mark.parametrize(
        ("presented", "changed_at", "verdict"),
        [
            (3, None, Verdict.VALID),
            (3, NOW, Verdict.VALID),
            # The one before, until the newest has come back, at most 30 seconds.
            (2, NOW, Verdict.VALID),
            (2, NOW - GENERATION_GRACE + MICROSECOND, Verdict.VALID),
            (2, NOW - GENERATION_GRACE, Verdict.REPLAYED),
            (2, None, Verdict.REPLAYED),
            (1, NOW, Verdict.REPLAYED),
            (0, NOW, Verdict.REPLAYED),
            (4, NOW, Verdict.REPLAYED),
            (-1, NOW, Verdict.REPLAYED),
        ],
    )
    def test_generations(self, presented, changed_at, verdict):
        assert evaluate(Row(generation_changed_at=changed_at), NOW, presented) is verdict

    def test_an_older_cookie_never_outlives_an_end(self):
        row = Row(ended_at=NOW, generation_changed_at=NOW)
        assert evaluate(row, NOW, 2) is Verdict.ENDED

    def test_without_replayable_cookies_generations_do_not_matter(self):
        assert evaluate(Row(generation=9), NOW, None) is Verdict.VALID

    def test_the_grace_is_half_a_minute(self):
        assert timedelta(seconds=30) == GENERATION_GRACE


class TestEndByLimit:
    @pytest.mark.parametrize(
        ("expires", "idle", "reason"),
        [
            (HOUR, HOUR, None),
            (timedelta(0), timedelta(0), "expired"),
            (timedelta(0), HOUR, "expired"),
            (HOUR, timedelta(0), "idle"),
            (-HOUR, -MINUTE, "expired"),
            (-MINUTE, -HOUR, "idle"),
        ],
    )
    def test_names_the_first_limit(self, expires, idle, reason):
        end = end_by_limit(NOW + expires, NOW + idle, NOW)
        assert (end and end.reason) == reason


class TestLimits:
    @pytest.mark.parametrize(
        ("profile", "level", "overall", "idle"),
        [
            ("django", 0, 400 * DAY, None),
            ("django", 3, 400 * DAY, None),
            ("nist", 0, 30 * DAY, None),
            ("nist", 1, 30 * DAY, None),
            ("nist", 2, 24 * HOUR, HOUR),
            ("nist", 3, 12 * HOUR, 15 * MINUTE),
        ],
    )
    def test_by_profile_and_level(self, profile, level, overall, idle):
        assert limits_for(profile, level) == Limits(overall, idle)

    def test_there_is_no_endless_session(self):
        assert timedelta(days=400) == LONGEST
        assert Limits().overall == LONGEST


class TestExpiry:
    @pytest.mark.parametrize(
        ("age", "proven", "limits", "lasts"),
        [
            # Django's own age, sliding.
            (14 * DAY, NOW, Limits(), 14 * DAY),
            (14 * DAY, NOW - 300 * DAY, Limits(), 14 * DAY),
            # At most 400 days from the last full proof, and from now on.
            (36500 * DAY, NOW, Limits(), 400 * DAY),
            (14 * DAY, NOW - 399 * DAY, Limits(), DAY),
            (14 * DAY, NOW - 401 * DAY, Limits(), -DAY),
            (14 * DAY, NOW - HOUR, Limits(24 * HOUR, HOUR), 23 * HOUR),
            (HOUR, NOW - HOUR, Limits(24 * HOUR, HOUR), HOUR),
            (timedelta(0), NOW, Limits(), timedelta(0)),
        ],
    )
    def test_the_absolute_limit(self, age, proven, limits, lasts):
        result = expiry(age=age, now=NOW, proven_at=proven, limits=limits)
        assert result.expires_at == NOW + lasts
        assert result.idle_timeout == limits.idle
        assert result.idle_expires_at == idle_expiry(NOW, limits.idle, result.expires_at)

    @pytest.mark.parametrize(
        ("timeout", "left", "lasts"),
        [(None, DAY, DAY), (HOUR, DAY, HOUR), (HOUR, MINUTE, MINUTE), (HOUR, HOUR, HOUR)],
    )
    def test_the_idle_limit_never_lies_behind_the_absolute_one(self, timeout, left, lasts):
        assert idle_expiry(NOW, timeout, NOW + left) == NOW + lasts

    @given(age=lifetimes, since=lifetimes, overall=lifetimes, idle=st.none() | lifetimes)
    def test_holds_for_any_lifetime(self, age, since, overall, idle):
        limits = Limits(min(overall, LONGEST), idle)
        result = expiry(age=age, now=NOW, proven_at=NOW - min(since, LONGEST), limits=limits)
        assert result.idle_expires_at <= result.expires_at <= NOW + min(age, LONGEST)
        assert result.idle_expires_at == result.expires_at or idle is not None


class TestOutlasts:
    @pytest.mark.parametrize(
        ("since", "overall", "expected"),
        [
            (timedelta(0), HOUR, True),
            (HOUR - MICROSECOND, HOUR, True),
            # As everywhere: at the limit it is over.
            (HOUR, HOUR, False),
            (HOUR + MICROSECOND, HOUR, False),
            (30 * DAY, LONGEST, True),
        ],
    )
    def test_counts_from_the_last_full_proof(self, since, overall, expected):
        assert outlasts(Limits(overall), proven_at=NOW - since, now=NOW) is expected


class TestTouchInterval:
    @pytest.mark.parametrize(
        ("longest", "lifetimes", "interval"),
        [
            (MINUTE, (), MINUTE),
            (MINUTE, (None,), MINUTE),
            (MINUTE, (14 * DAY,), MINUTE),
            (MINUTE, (10 * MINUTE,), MINUTE),
            (MINUTE, (MINUTE,), 6 * SECOND),
            (MINUTE, (14 * DAY, MINUTE, None), 6 * SECOND),
            (SECOND, (MINUTE,), SECOND),
            (MINUTE, (timedelta(0),), timedelta(0)),
        ],
    )
    def test_is_a_tenth_of_the_shortest_lifetime_at_most(self, longest, lifetimes, interval):
        assert touch_interval(longest, *lifetimes) == interval
