"""Which limits a session has, and what extends it. No clock, no database."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions_hub.lifecycle.policy import (
    BELIEVED_AHEAD,
    IMPERSONATION_LIFETIME,
    LONGEST,
    PROGRAMS,
    Expiry,
    Limits,
    Refusal,
    expiry,
    extension,
    idle_expiry,
    is_full,
    last_use,
    limits_for,
)
from sessions_hub.models import SessionType
from tests.factories import NOW

MICROSECOND = timedelta(microseconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
instants = st.datetimes(timezones=st.just(UTC))
durations = st.timedeltas(min_value=MICROSECOND)


class TestTypes:
    @pytest.mark.parametrize("profile", ["django", "nist"])
    @pytest.mark.parametrize(
        ("kind", "overall"),
        [
            ("temporary", 15 * MINUTE),
            ("account_recovery", HOUR),
            ("credential_recovery", HOUR),
            ("impersonation", HOUR),
            ("api_key", 400 * DAY),
            ("oauth_client", 400 * DAY),
            ("oauth_session", 400 * DAY),
            ("service_account", 400 * DAY),
        ],
    )
    def test_have_a_cap_each_in_both_profiles(self, profile, kind, overall):
        assert limits_for(profile, 1, kind) == Limits(overall)

    @pytest.mark.parametrize(
        ("profile", "kind", "overall"),
        [
            # Installing the hub signs nobody out.
            ("django", "regular_login", 400 * DAY),
            ("django", "one_time_access", 400 * DAY),
            ("nist", "regular_login", 30 * DAY),
            ("nist", "one_time_access", HOUR),
        ],
    )
    def test_of_plain_sign_ins_have_one_under_nist_alone(self, profile, kind, overall):
        assert limits_for(profile, 1, kind).overall == overall

    def test_all_have_a_limit(self):
        for kind in SessionType:
            for profile in ("django", "nist"):
                assert limits_for(profile, 0, kind).overall <= LONGEST

    def test_an_impersonations_is_known_to_others(self):
        assert limits_for("django", 1, "impersonation").overall == IMPERSONATION_LIFETIME


class TestStrictest:
    @pytest.mark.parametrize(
        ("level", "kind", "lifetimes", "is_below", "overall", "idle"),
        [
            pytest.param(2, "regular_login", {}, False, DAY, HOUR, id="profile"),
            pytest.param(2, "temporary", {}, False, 15 * MINUTE, HOUR, id="type and profile"),
            pytest.param(
                2, "regular_login", {"aal2": 2 * HOUR}, False, 2 * HOUR, HOUR, id="level"
            ),
            pytest.param(
                2, "regular_login", {"aal2": (2 * HOUR, 5 * MINUTE)}, False, 2 * HOUR, 5 * MINUTE,
                id="level with idle",
            ),
            pytest.param(
                2, "regular_login", {"aal2": (48 * HOUR, None)}, False, 48 * HOUR, None,
                id="replaced by a longer one",
            ),
            pytest.param(
                2, "regular_login", {"aal1": MINUTE}, False, DAY, HOUR, id="of another level"
            ),
            pytest.param(
                2, "regular_login", {"regular_login": (3 * HOUR, 7 * MINUTE)}, False, 3 * HOUR,
                7 * MINUTE, id="type",
            ),
            pytest.param(
                1, "regular_login", {"below_available": (HOUR, MINUTE)}, True, HOUR, MINUTE,
                id="below",
            ),
            pytest.param(
                1, "regular_login", {"below_available": (HOUR, MINUTE)}, False, 30 * DAY, None,
                id="not below",
            ),
            pytest.param(
                2, "regular_login",
                {"below_available": (5 * DAY, 2 * MINUTE), "aal2": (9 * HOUR, 3 * MINUTE)}, True,
                9 * HOUR, 2 * MINUTE, id="each from another key",
            ),
            pytest.param(
                1, "temporary", {"temporary": 2 * HOUR}, False, 2 * HOUR, None,
                id="a type's built-in cap replaced",
            ),
        ],
    )  # fmt: skip
    def test_of_profile_type_level_and_below_wins(
        self, level, kind, lifetimes, is_below, overall, idle
    ):
        limits = limits_for("nist", level, kind, lifetimes, is_below=is_below)
        assert limits == Limits(overall, idle)

    @pytest.mark.parametrize("kind", sorted(PROGRAMS))
    def test_programs_have_the_limits_of_their_type_alone(self, kind):
        lifetimes = {"aal1": MINUTE, "below_available": MINUTE, kind: (90 * DAY, 9 * DAY)}
        limits = limits_for("nist", 1, kind, lifetimes, is_below=True)
        assert limits == Limits(90 * DAY, 9 * DAY)

    @given(
        lifetimes=st.dictionaries(
            st.sampled_from(["aal0", "aal1", "aal2", "aal3", "below_available", "temporary"]),
            durations | st.tuples(durations, st.none() | durations),
        ),
        level=st.integers(0, 3),
        kind=st.sampled_from(SessionType.values),
        profile=st.sampled_from(["django", "nist"]),
    )
    def test_a_higher_level_below_never_lengthens(self, lifetimes, level, kind, profile):
        without = limits_for(profile, level, kind, lifetimes)
        below = limits_for(profile, level, kind, lifetimes, is_below=True)
        assert timedelta(0) < below.overall <= without.overall <= LONGEST
        assert without.idle is None or below.idle <= without.idle <= LONGEST

    @pytest.mark.parametrize(
        "value",
        [
            *(3600, "1h", (), (HOUR,), (HOUR, 5), (None, HOUR)),
            *(-HOUR, timedelta(0), (timedelta(0), None), (HOUR, -HOUR), (HOUR, timedelta(0))),
        ],
    )
    def test_what_is_no_lifetime_is_refused_by_name(self, value):
        with pytest.raises(ValueError, match="'aal1'"):
            limits_for("django", 1, lifetimes={"aal1": value})

    def test_nobody_is_below_who_is_not_said_to_be(self):
        assert limits_for("django", 1, lifetimes={"below_available": HOUR}).overall == LONGEST


class TestFullProof:
    @pytest.mark.parametrize(
        ("level", "proven", "full"),
        [
            pytest.param(1, 1, True, id="NIST 2.1.3: any factor of aal1"),
            pytest.param(2, 1, False, id="NIST 2.2.3: a password alone, before overall"),
            pytest.param(2, 2, True, id="NIST 2.2.3: both factors, also after overall"),
            pytest.param(3, 1, False, id="NIST 2.3.3: a password alone"),
            pytest.param(3, 2, False, id="NIST 2.3.3: less than aal3"),
            pytest.param(3, 3, True, id="NIST 2.3.3: aal3"),
            pytest.param(0, 0, True, id="nothing known, nothing more to prove"),
            pytest.param(1, 0, False, id="an unknown method"),
        ],
    )
    def test_is_of_the_sessions_level(self, level, proven, full):
        assert is_full(level, proven) is full


class TestLastUse:
    @pytest.mark.parametrize(
        ("stored", "result"),
        [
            (-DAY, timedelta(0)),
            (timedelta(0), timedelta(0)),
            (MINUTE, MINUTE),
            (BELIEVED_AHEAD, BELIEVED_AHEAD),
            (BELIEVED_AHEAD + MICROSECOND, timedelta(0)),
            (3650 * DAY, timedelta(0)),
        ],
    )
    def test_goes_back_only_where_it_is_not_believed(self, stored, result):
        assert last_use(NOW + stored, NOW) == NOW + result


class TestEndOfTime:
    @given(now=instants, proven_at=instants, age=durations, overall=durations, idle=durations)
    def test_no_instant_and_no_duration_overflows(self, now, proven_at, age, overall, idle):
        limits = limits_for("django", 1, lifetimes={"aal1": (overall, idle)})
        result = expiry(age=age, now=now, proven_at=proven_at, limits=limits)
        assert result.idle_expires_at <= result.expires_at
        assert idle_expiry(now, idle, result.expires_at) <= result.expires_at
        assert last_use(proven_at, now) >= now or proven_at > now

    def test_is_where_it_would_overflow(self):
        last = datetime.max.replace(tzinfo=UTC)
        assert expiry(age=DAY, now=last, proven_at=last, limits=Limits()).expires_at == last


@dataclass(frozen=True)
class Row:
    session_type: str = "regular_login"
    fully_authenticated_at: datetime = NOW - HOUR
    ended_at: datetime | None = None
    expires_at: datetime = NOW + HOUR
    idle_expires_at: datetime = NOW + HOUR


class TestExtension:
    LIMITS = Limits(24 * HOUR, 30 * MINUTE)

    @pytest.mark.parametrize(
        ("row", "refusal"),
        [
            (Row(ended_at=NOW), Refusal.ENDED),
            (Row(ended_at=NOW, expires_at=NOW), Refusal.ENDED),
            (Row(expires_at=NOW), Refusal.TOO_LATE),
            (Row(idle_expires_at=NOW), Refusal.TOO_LATE),
            (Row(session_type="impersonation"), Refusal.IMPERSONATION),
            (Row(session_type="impersonation", expires_at=NOW), Refusal.TOO_LATE),
            (Row(expires_at=NOW + 23 * HOUR, idle_expires_at=NOW + 30 * MINUTE), Refusal.CAPPED),
        ],
    )
    def test_is_refused_with_the_reason(self, row, refusal):
        assert extension(row, age=14 * DAY, now=NOW, limits=self.LIMITS) is refusal

    @pytest.mark.parametrize(
        ("row", "age", "expires", "idle"),
        [
            # To the cap, and no further.
            (Row(), 14 * DAY, 23 * HOUR, HOUR),
            (Row(idle_expires_at=NOW + MINUTE), 14 * DAY, 23 * HOUR, 30 * MINUTE),
            # As far as was asked.
            (Row(), 2 * HOUR, 2 * HOUR, HOUR),
            # Never shorter; the rest begins anew.
            (Row(idle_expires_at=NOW + MINUTE), MINUTE, HOUR, 30 * MINUTE),
            (Row(expires_at=NOW + 23 * HOUR, idle_expires_at=NOW + MINUTE), DAY, 23 * HOUR,
             30 * MINUTE),
        ],
    )  # fmt: skip
    def test_reaches_the_cap_of_the_last_full_proof(self, row, age, expires, idle):
        new = extension(row, age=age, now=NOW, limits=self.LIMITS)
        assert new == Expiry(NOW + expires, 30 * MINUTE, NOW + idle)

    def test_without_an_idle_limit_both_move_together(self):
        new = extension(Row(), age=2 * HOUR, now=NOW, limits=Limits())
        assert new == Expiry(NOW + 2 * HOUR, None, NOW + 2 * HOUR)

    def test_a_cap_shortened_since_takes_nothing_away(self):
        row = replace(Row(), expires_at=NOW + 5 * DAY, idle_expires_at=NOW + 5 * DAY)
        assert extension(row, age=DAY, now=NOW, limits=Limits(HOUR)) is Refusal.CAPPED

    @given(
        age=durations,
        overall=durations,
        idle=st.none() | durations,
        left=st.timedeltas(min_value=MICROSECOND, max_value=LONGEST),
    )
    def test_passes_the_cap_for_nobody(self, age, overall, idle, left):
        row = replace(Row(), expires_at=NOW + left, idle_expires_at=NOW + left)
        limits = limits_for("django", 1, lifetimes={"aal1": (overall, idle)})
        new = extension(row, age=age, now=NOW, limits=limits)
        if isinstance(new, Expiry):
            cap = row.fully_authenticated_at + limits.overall
            assert row.expires_at <= new.expires_at <= max(cap, row.expires_at)
            assert new.idle_expires_at <= new.expires_at
