"""One rule says when a session is valid: SQL and Python agree on it, to the microsecond."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sessions_hub.lifecycle.guard import database
from sessions_hub.models import EndReason, Session, Status, querysets
from sessions_hub.models.querysets import LIMIT_REASONS
from tests.factories import NOW, build_session, make_user
from tests.users.models import Customer

pytestmark = pytest.mark.django_db(databases="__all__")

MICROSECOND = timedelta(microseconds=1)
NEAR = [-MICROSECOND, timedelta(0), MICROSECOND]
offsets = st.one_of(
    st.sampled_from(NEAR),
    st.timedeltas(min_value=timedelta(days=-500), max_value=timedelta(days=500)),
)
reasons = st.sampled_from(["", "", *EndReason.values])
moments = st.datetimes(
    min_value=datetime(2001, 1, 1), max_value=datetime(2099, 1, 1), timezones=st.just(NOW.tzinfo)
)
# Limits as distances from now, the position of the user, and the end.
shapes = st.lists(
    st.tuples(offsets, offsets, st.integers(0, 2), reasons, offsets), min_size=1, max_size=12
)
EVERY_SHAPE = [
    (expires, idle, user, reason, timedelta(0))
    for expires, idle, user, reason in product(
        NEAR, NEAR, range(3), ["", "expired", "idle", "signed_out"]
    )
]
fast = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture
def users():
    """Active, disabled, deleted."""
    return [make_user("ada"), make_user("bob", is_active=False), None]


def store(users, now, shapes) -> list[Session]:
    """The table with just these rows; as read back, users loaded."""
    rows = Session.objects.using(database())
    rows._raw_delete(rows.db)
    rows.bulk_create(
        build_session(
            users[user],
            now,
            expires_at=now + expires,
            idle_expires_at=now + idle,
            end_reason=reason,
            ended_at=now + ended if reason else None,
        )
        for expires, idle, user, reason, ended in shapes
    )
    return list(rows.select_related("user"))


def ids(rows) -> set:
    found = [row.pk for row in rows]
    assert len(found) == len(set(found))
    return set(found)


def assert_agreement(rows: list[Session], now: datetime) -> None:
    sessions = Session.objects.using(database())
    active, expired, revoked = (
        ids(sessions.active(now)),
        ids(sessions.expired(now)),
        ids(sessions.revoked(now)),
    )
    assert active == {row.pk for row in rows if row.is_active(now)}
    assert active == {row.pk for row in rows if row.status(now) is Status.ACTIVE}
    assert expired == {row.pk for row in rows if row.status(now) is Status.EXPIRED}
    assert revoked == {row.pk for row in rows if row.status(now) is Status.REVOKED}
    assert expired == {
        row.pk for row in rows if (end := row.how_ended(now)) and end.reason in LIMIT_REASONS
    }
    assert ids(sessions.ended()) == {row.pk for row in rows if row.ended_at is not None}
    # Each row has one status.
    assert active | expired | revoked == ids(rows)
    assert len(active) + len(expired) + len(revoked) == len(rows)


class TestStatus:
    def test_sql_and_python_agree_at_every_boundary(self, users):
        rows = store(users, NOW, EVERY_SHAPE)
        assert len(rows) == 108
        assert_agreement(rows, NOW)

    @fast
    @given(now=moments, shapes=shapes)
    def test_sql_and_python_agree_at_any_time(self, users, now, shapes):
        assert_agreement(store(users, now, shapes), now)

    def test_they_agree_where_users_cannot_be_inactive(self, users, monkeypatch):
        users[1] = None
        # A model without the column.
        monkeypatch.setattr(querysets, "get_user_model", lambda: Customer)
        assert_agreement(store(users, NOW, EVERY_SHAPE), NOW)

    def test_the_very_instant_of_a_limit_is_over(self):
        user = make_user()
        for row in (build_session(user, expires_at=NOW), build_session(user, idle_expires_at=NOW)):
            assert row.is_active(NOW - MICROSECOND)
            assert not row.is_active(NOW)
            assert row.status(NOW) is Status.EXPIRED

    def test_now_is_the_default(self, users):
        far = timedelta(days=30000)
        store(users, NOW, [(far, far, 0, "", far), (-far / 2, far, 0, "", far)])
        assert [Session.objects.active().count(), Session.objects.expired().count()] == [1, 1]
        assert Session.objects.revoked().count() == 0


class TestHowEnded:
    def test_the_first_limit_names_time_and_reason(self):
        row = build_session(
            None, expires_at=NOW - timedelta(hours=1), idle_expires_at=NOW - timedelta(hours=2)
        )
        assert row.how_ended(NOW) == (NOW - timedelta(hours=2), EndReason.IDLE)

    def test_the_absolute_limit_wins_a_tie(self):
        row = build_session(None, expires_at=NOW, idle_expires_at=NOW)
        assert row.how_ended(NOW) == (NOW, EndReason.EXPIRED)

    def test_a_stamped_end_stays_what_it_was(self):
        row = build_session(None, reason="signed_out", expires_at=NOW - timedelta(days=1))
        assert row.how_ended(NOW) == (NOW, EndReason.SIGNED_OUT)

    def test_none_while_active(self):
        assert build_session(None).how_ended(NOW) is None

    def test_max_age_counts_from_the_sign_in(self):
        row = build_session(None, issued_at=NOW, expires_at=NOW + timedelta(hours=3))
        assert row.max_age == timedelta(hours=3)


class TestStampExpired:
    @fast
    @given(now=moments, shapes=shapes)
    def test_stamps_what_a_read_had_computed(self, users, now, shapes):
        rows = store(users, now, shapes)
        self.assert_stamped(rows, now)

    def test_stamps_every_boundary(self, users):
        rows = store(users, NOW, EVERY_SHAPE)
        self.assert_stamped(rows, NOW)

    def assert_stamped(self, rows: list[Session], now: datetime) -> None:
        before = {row.pk: (row, row.how_ended(now), row.status(now)) for row in rows}
        due = {row.pk for row in rows if row.ended_at is None and row.how_ended(now)}
        sessions = Session.objects.using(database())
        assert sessions.stamp_expired(now, batch_size=5) == len(due)
        for row in sessions.select_related("user"):
            was, end, status = before[row.pk]
            assert row.how_ended(now) == end
            assert row.status(now) is status
            assert (row.ended_at, row.end_reason) == ((end.at, end.reason) if end else (None, ""))
            assert row.updated_at == (now if row.pk in due else was.updated_at)
            assert row.ended_by is None
        assert sessions.stamp_expired(now) == 0
