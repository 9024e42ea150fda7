"""The numbers of the overview, held against a count in Python over made-up rows."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connections, router
from django.test.utils import CaptureQueriesContext

from sessions_hub.models import EndReason, FailedSignIns, Session
from sessions_hub.models.ids import id_at, time_of
from sessions_hub.reporting import InUse, Span, overview
from tests.bounded_sql import FROM_A_ROW_ON, assert_bounded
from tests.factories import (
    NOW,
    make_device,
    make_method,
    make_session,
    make_session_device,
    make_user,
)

pytestmark = pytest.mark.django_db(databases="__all__")

DAY = timedelta(days=1)
# Summer time begins on 29 March.
BERLIN, NEPAL = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Kathmandu")
LATE = datetime(2026, 4, 2, 12, tzinfo=UTC)
SPAN = Span(date(2026, 3, 25), date(2026, 4, 2), BERLIN)


def sign_in(user, at, **values):
    expires = values.pop("expires_at", LATE + 14 * DAY)
    return make_session(user, issued_at=at, expires_at=expires, idle_expires_at=expires, **values)


def look(span=SPAN, now=LATE, rows=None, **options):
    options.setdefault("is_all", rows is None)
    return overview(Session.objects.all() if rows is None else rows, span, now, **options)


def counts(breakdown):
    return {share.value: share.count for share in breakdown.shares}


def per_day(days):
    return {day.day: day.total for day in days if day.total}


@pytest.fixture
def user(db):
    return make_user()


@pytest.fixture
def history(user):
    """Three hundred sign-ins around the span, of every end there is."""
    numbers = random.Random(7)
    made = []
    for _ in range(300):
        at = LATE - timedelta(minutes=numbers.randrange(12 * 24 * 60))
        values = {
            "os_name": numbers.choice(["Windows", "Mac", ""]),
            "client_name": f"Client{numbers.randrange(14)}",
            "device_type": numbers.choice(["desktop", "smartphone", "phablet"]),
            "country_code": numbers.choice(["DE", "FR", ""]),
            "assurance_level": numbers.randrange(4),
            "tenant_id": numbers.choice(["acme", "Acme", ""]),
            "last_used_at": min(LATE, at + timedelta(minutes=numbers.randrange(5000))),
        }
        match numbers.randrange(3):
            case 0:
                ended = at + (LATE - at) * numbers.random()
                reason = numbers.choice(EndReason.values)
                values |= {"end_reason": reason, "ended_at": ended}
            case 1:
                values["expires_at"] = at + timedelta(minutes=numbers.randrange(20000))
        session = sign_in(user, at, **values)
        for method in numbers.sample(["password", "totp", "oidc"], numbers.randrange(1, 3)):
            make_method(session, method)
        made.append(session)
    return made


def outcome(session, now):
    end = session.how_ended(now)
    if end is None:
        return "open"
    if end.reason in ("expired", "idle"):
        return "expired"
    return "signed_out" if end.reason == "signed_out" else "ended"


@pytest.mark.parametrize("tenant", ["", "acme"])
@pytest.mark.parametrize("zone", [BERLIN, NEPAL, UTC])
def test_the_numbers_are_those_of_a_count_by_hand(history, tenant, zone):
    span = Span(SPAN.first, SPAN.last, zone)
    mine = [one for one in history if not tenant or one.tenant_id == tenant]
    inside = [
        one for one in mine if span.first <= one.issued_at.astimezone(zone).date() <= span.last
    ]
    found = look(span, tenant=tenant)
    days = {day.day: day.counts for day in found.sign_ins if day.counts}
    assert days == {
        day: Counter(
            outcome(one, LATE) for one in inside if one.issued_at.astimezone(zone).date() == day
        )
        for day in {one.issued_at.astimezone(zone).date() for one in inside}
    }
    assert counts(found.operating_systems) == Counter(one.os_name for one in inside)
    assert counts(found.device_types) == Counter(one.device_type for one in inside)
    assert counts(found.countries) == Counter(one.country_code for one in inside)
    assert counts(found.assurance_levels) == Counter(f"aal{one.assurance_level}" for one in inside)
    clients = Counter(one.client_name for one in inside)
    assert len(found.clients.shares) == 10
    assert all(share.count == clients[share.value] for share in found.clients.shares)
    assert found.clients.others + sum(counts(found.clients).values()) == len(inside)
    methods = Counter(proof.method for one in inside for proof in one.authentication_methods.all())
    assert counts(found.methods) == methods
    ends = [one.how_ended(LATE) for one in mine]
    assert counts(found.ends) == Counter(
        end.reason.value
        for end in ends
        if end and span.first <= end.at.astimezone(zone).date() <= span.last
    )


@pytest.mark.parametrize("tenant", ["", "acme"])
def test_sessions_in_use_are_those_used_since(history, tenant):
    mine = [one for one in history if not tenant or one.tenant_id == tenant]
    used = look(tenant=tenant).in_use
    assert used.now == sum(one.is_active(LATE) for one in mine)
    assert (used.day, used.week, used.month) == tuple(
        sum(one.last_used_at >= LATE - days * DAY for one in mine) for days in (1, 7, 30)
    )
    assert used.day > 0
    assert not used.is_capped


def test_a_disabled_user_has_no_active_session(user):
    sign_in(user, LATE - DAY)
    assert look().in_use.now == 1
    user.is_active = False
    user.save()
    assert look().in_use.now == 0


@pytest.mark.parametrize("zone", [BERLIN, NEPAL])
def test_a_day_begins_at_midnight_of_its_zone(user, zone):
    midnight = datetime(2026, 3, 30, tzinfo=zone)
    sign_in(user, midnight - timedelta(milliseconds=1))
    sign_in(user, midnight)
    found = look(Span(SPAN.first, SPAN.last, zone))
    assert per_day(found.sign_ins) == {date(2026, 3, 29): 1, date(2026, 3, 30): 1}


def test_what_is_outside_the_span_is_left_out(user):
    starts = SPAN.starts
    for at in (starts[0] - timedelta(milliseconds=1), starts[0], starts[-1]):
        sign_in(user, at, reason="signed_out", ended_at=at)
        make_device(user, id=id_at(at))
    found = look()
    assert per_day(found.sign_ins) == {SPAN.first: 1}
    assert per_day(found.new_devices) == {SPAN.first: 1}
    assert counts(found.ends) == {"signed_out": 1}


@pytest.mark.parametrize("zone", [BERLIN, NEPAL, UTC])
def test_those_that_failed_are_counted_on_their_day(db, zone):
    span = Span(SPAN.first, SPAN.last, zone)
    for start in span.starts:
        for minutes, slot in ((-15, 0), (0, 0), (0, 1)):
            at = start + timedelta(minutes=minutes)
            FailedSignIns.objects.create(starts_at=at, slot=slot, count=10**slot)
    # The quarter before midnight, and two slots of the one after it.
    assert look(span).failed == (12,) * len(span.days)
    assert look(span, tenant="acme").failed is None
    assert look(span, rows=Session.objects.filter(tenant_id="")).failed is None


def test_those_that_failed_before_the_newest_rows_begin_are_left_out(user):
    for days in (3, 2, 1):
        sign_in(user, LATE - days * DAY)
        FailedSignIns.objects.create(starts_at=LATE - days * DAY, slot=0, count=5)
    found = look(looks_through=2)
    assert sum(found.failed) == 10
    assert sum(per_day(found.sign_ins).values()) == 2
    assert [day.total for day in found.sign_ins[-3:]] == [1, 1, 0]


def test_the_ends_of_a_span_of_long_ago_and_the_use_of_late_are_both_counted(user):
    early = SPAN.starts[0] + DAY
    now = LATE + 100 * DAY
    late = {"ended_at": now - 2 * DAY, "last_used_at": now - 2 * DAY}
    for values in (
        {"ended_at": early, "end_reason": "signed_out", "last_used_at": early},
        {**late, "end_reason": "signed_out"},
        {**late, "end_reason": "compromised"},
    ):
        sign_in(user, early, **values)
    found = look(now=now)
    assert counts(found.ends) == {"signed_out": 1}
    assert (found.in_use.day, found.in_use.week, found.in_use.month) == (0, 2, 2)


def test_a_year_of_days_is_told_apart(user):
    span = Span(date(2025, 4, 2), date(2026, 4, 2), BERLIN)
    for day in (0, 1, 181, 364, 365):
        sign_in(user, span.starts[day])
    days = [number for number, day in enumerate(look(span).sign_ins) if day.total]
    assert days == [0, 1, 181, 364, 365]


def test_a_device_is_seen_through_the_sessions_on_it(user):
    mine = sign_in(user, LATE - DAY, tenant_id="acme")
    other = sign_in(user, LATE - DAY)
    for session in (mine, other):
        make_session_device(session, make_device(user, id=id_at(LATE - DAY)))
    assert sum(per_day(look().new_devices).values()) == 2
    assert sum(per_day(look(tenant="acme").new_devices).values()) == 1
    rows = Session.objects.filter(tenant_id="acme")
    assert sum(per_day(look(rows=rows).new_devices).values()) == 1


class TestHiddenRows:
    def test_count_nowhere(self, user, history):
        rows = Session.objects.filter(client_name="Client1")
        inside = [
            one
            for one in history
            if one.client_name == "Client1" and SPAN.starts[0] <= one.issued_at < SPAN.starts[-1]
        ]
        found = look(rows=rows)
        assert sum(day.total for day in found.sign_ins) == len(inside)
        assert counts(found.clients) == {"Client1": len(inside)}
        assert counts(found.countries) == Counter(one.country_code for one in inside)
        assert sum(counts(found.methods).values()) == sum(
            one.authentication_methods.count() for one in inside
        )
        whole = [one for one in history if one.client_name == "Client1"]
        assert found.in_use.month == len(whole)
        ends = [one.how_ended(LATE) for one in whole]
        assert sum(counts(found.ends).values()) == sum(
            bool(end and SPAN.starts[0] <= end.at < SPAN.starts[-1]) for end in ends
        )

    def test_a_join_of_the_site_s_own_counts_nothing_twice(self, user):
        session = sign_in(user, LATE - DAY)
        for method in ("password", "totp"):
            make_method(session, method)
        rows = Session.objects.filter(authentication_methods__completed_at__isnull=False)
        assert rows.count() == 2
        assert per_day(look(rows=rows).sign_ins) == {date(2026, 4, 1): 1}


class TestBounds:
    def test_the_newest_rows_alone_are_counted_and_it_is_told(self, user):
        rows = []
        for hour in range(5):
            at = LATE - timedelta(hours=9 - hour)
            rows.append(sign_in(user, at, end_reason="signed_out", ended_at=at))
            make_device(user, id=id_at(at))
        found = look(looks_through=3)
        assert sum(per_day(found.sign_ins).values()) == 3
        assert sum(per_day(found.new_devices).values()) == 3
        assert counts(found.ends) == {"signed_out": 3}
        assert found.looked_back_to == time_of(rows[2].pk)
        assert found.devices_back_to is not None
        assert found.ends_back_to == rows[2].ended_at
        assert (found.in_use.month, found.in_use.is_capped) == (3, True)

    def test_a_quarter_where_each_has_to_be_looked_up(self, user):
        for hour in range(3):
            session = sign_in(user, LATE - timedelta(hours=9 - hour))
            make_method(session)
            make_session_device(session, make_device(user, id=session.pk))
        joined = Session.objects.filter(authentication_methods__method="password")
        plain = Session.objects.filter(user=user)
        for rows, sign_ins, devices in ((joined, 2, 2), (plain, 3, 2), (None, 3, 3)):
            found = look(rows=rows, looks_through=8)
            assert sum(per_day(found.sign_ins).values()) == sign_ins
            assert sum(per_day(found.new_devices).values()) == devices

    def test_as_many_as_are_there_are_no_part(self, user):
        for hour in range(3):
            sign_in(user, LATE - timedelta(hours=9 - hour))
        found = look(looks_through=3)
        assert found.looked_back_to is None
        assert not found.in_use.is_capped
        assert look(looks_through=2).in_use.is_capped

    def test_each_query_is_a_range_of_an_index(self, history):
        with CaptureQueriesContext(connections[router.db_for_read(Session)]) as queries:
            look()
        assert len(queries) == 14
        for query in queries:
            sql = query["sql"].upper()
            where = sql.partition(" WHERE ")[2]
            assert any(
                column in where
                for column in ('"ID"', "`ID`", "ENDED_AT", "SESSION_ID", "STARTS_AT")
            ), sql

    def test_each_count_begins_at_a_row(self, history):
        with CaptureQueriesContext(connections[router.db_for_read(Session)]) as queries:
            look(looks_through=50)
        assert len(queries) == 14
        assert_bounded(queries, FROM_A_ROW_ON)


def test_nothing_at_all_is_counted_as_none(db):
    found = look(Span(NOW.date(), NOW.date(), UTC), NOW)
    assert [day.total for day in found.sign_ins] == [0]
    assert found.in_use == InUse(now=0, day=0, week=0, month=0, is_capped=False)
    assert found.unusual.shares == ()
