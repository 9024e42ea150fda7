"""Which ended rows are kept no longer: by reason, by type, by both, by neither."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sessions_hub.lifecycle.guard import database
from sessions_hub.lifecycle.prune import count_prunable, delete_ended
from sessions_hub.lifecycle.retention import KEYS, Retention
from sessions_hub.models import EndReason, Session, SessionType
from tests.factories import NOW, make_session, make_user

pytestmark = pytest.mark.django_db(databases="__all__")

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("default", "others", "reason", "kind", "days"),
    [
        (90, {}, "signed_out", "regular_login", 90),
        (90, {"compromised": 400}, "compromised", "regular_login", 400),
        (90, {"compromised": 400}, "signed_out", "regular_login", 90),
        (90, {"impersonation": 400}, "impersonation_over", "impersonation", 400),
        (90, {"impersonation": 400}, "signed_out", "regular_login", 90),
        # Shorter than the default, too.
        (90, {"expired": 7}, "expired", "regular_login", 7),
        (90, {"api_key": 7}, "expired", "api_key", 7),
        # Of two that are named, the longer one.
        (90, {"expired": 7, "api_key": 400}, "expired", "api_key", 400),
        (90, {"expired": 400, "api_key": 7}, "expired", "api_key", 400),
        (90, {"expired": 7, "api_key": 8}, "expired", "api_key", 8),
        # For ever.
        (90, {"expired": None}, "expired", "regular_login", None),
        (90, {"expired": None, "api_key": 7}, "expired", "api_key", None),
        (90, {"expired": None}, "signed_out", "regular_login", 90),
        (None, {}, "signed_out", "regular_login", None),
        (None, {"expired": 7}, "expired", "regular_login", 7),
        (None, {"expired": 7}, "signed_out", "regular_login", None),
        (None, {"expired": 7}, "signed_out", "expired", None),
    ],
)
def test_a_row_is_kept_for_its_time_and_no_longer(default, others, reason, kind, days, settings):
    settings.SESSIONS_HUB_RETENTION = None if default is None else default * DAY
    settings.SESSIONS_HUB_RETENTION_FOR = {
        key: None if value is None else value * DAY for key, value in others.items()
    }
    retention = Retention.configured()
    if days is None:
        make_session(make_user(), NOW - 9999 * DAY, reason=reason, session_type=kind)
    else:
        at = NOW - days * DAY
        kept = make_session(make_user(), at, reason=reason, session_type=kind)
        over = make_session(kept.user, at - DAY / 86400, reason=reason, session_type=kind)
    expected = 0 if days is None else 1
    assert count_prunable(NOW, retention).deleted == expected
    assert sum(delete_ended(NOW, retention)) == expected
    if days is not None:
        assert list(Session.objects.using(database())) == [kept] != [over]


@pytest.mark.parametrize(("reason", "over"), [("expired", True), ("idle", False)])
def test_what_a_limit_ended_unnoticed_counts_by_the_limit(reason, over, settings):
    settings.SESSIONS_HUB_RETENTION_FOR = {"expired": 7 * DAY, "idle": 30 * DAY}
    ended = NOW - 8 * DAY
    late = {"expires_at": NOW + DAY} if reason == "idle" else {}
    make_session(
        make_user(), ended - DAY, **{"expires_at": ended, "idle_expires_at": ended, **late}
    )
    assert count_prunable(NOW, Retention.configured()).deleted == over


def test_no_word_is_both_a_reason_and_a_type():
    assert len(set(KEYS)) == len(EndReason.values) + len(SessionType.values)


def test_rows_that_are_kept_longer_are_passed_by_once(settings, django_assert_num_queries):
    settings.SESSIONS_HUB_RETENTION_FOR = {"compromised": 400 * DAY}
    user = make_user()
    for days in range(100, 106):
        make_session(user, NOW - days * DAY, reason="compromised" if days % 2 else "signed_out")
    assert list(delete_ended(NOW, Retention.configured(), batch_size=1)) == [1, 1, 1]
