"""Numbers about sign-ins: what they count, and what they cost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connections, router
from django.test.utils import CaptureQueriesContext

from sessions_hub.models import Session
from sessions_hub.models.ids import first_id_at, id_at
from sessions_hub.reporting import Breakdown, Share, shared_address, statistics
from tests.factories import NOW, build_session, make_device, make_method, make_session, make_user

pytestmark = pytest.mark.django_db(databases="__all__")

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def user(db):
    return make_user()


def sign_in(user: Any, ago: timedelta, **values: Any) -> Session:
    """A session that began so long ago and is good for two weeks from NOW on."""
    return make_session(user, issued_at=NOW - ago, **values)


def queries() -> CaptureQueriesContext:
    return CaptureQueriesContext(connections[router.db_for_read(Session)])


def store(user: Any, count: int, address: str | None = "10.0.0.1", **values: Any) -> None:
    """`count` sign-ins, later than those stored before."""
    at = NOW + HOUR * Session.objects.count()
    values = {"current_fingerprint": "f" * 32, **values}
    Session.objects.bulk_create(
        build_session(user, at + timedelta(seconds=n), ip=address, **values) for n in range(count)
    )


class TestSharedAddress:
    @pytest.mark.parametrize(
        "address",
        [
            *("127.0.0.1", "10.1.2.3", "172.31.0.1", "192.168.0.1", "169.254.1.1"),
            *("100.64.0.1", "100.127.255.254", "0.0.0.0", "::1", "fd12::1", "fe80::1", None),
        ],
    )
    def test_one_that_is_not_public_is_told(self, user, address):
        store(user, 5, address)
        shared = shared_address(5)
        assert shared is not None
        assert (shared.address, shared.sign_ins) == (address or "", 5)

    @pytest.mark.parametrize(
        "address", ["8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1", "64:ff9b::a00:1"]
    )
    def test_a_public_one_is_not(self, user, address):
        store(user, 5, address)
        assert shared_address(5) is None

    def test_too_few_sign_ins_tell_nothing(self, user):
        store(user, 4)
        assert shared_address(5) is None
        store(user, 1)
        assert shared_address(5) is not None

    def test_a_hundred_are_looked_at_by_default(self, user):
        store(user, 99)
        assert shared_address() is None
        store(user, 1)
        assert shared_address().sign_ins == 100

    @pytest.mark.parametrize("other", ["10.0.0.2", "8.8.8.8", None])
    def test_one_other_address_among_the_last_is_enough(self, user, other):
        store(user, 2)
        store(user, 1, other)
        store(user, 4)
        assert shared_address(5) is None

    def test_only_the_last_count(self, user):
        store(user, 3, "8.8.8.8")
        store(user, 5)
        assert shared_address(5) is not None
        assert shared_address(6) is None
        store(user, 1, "8.8.8.8")
        assert shared_address(5) is None

    @pytest.mark.parametrize(
        "values",
        [
            *({"session_type": kind} for kind in ("api_key", "oauth_client", "service_account")),
            # Made without a request: no client was seen.
            {"current_fingerprint": "", "address": None},
        ],
        ids=lambda values: str(values.get("session_type", "no client")),
    )
    def test_what_no_visitor_signed_in_to_does_not_count(self, user, values):
        store(user, 5)
        store(user, 3, **{"address": "10.9.9.9", **values})
        assert shared_address(5).address == "10.0.0.1"
        assert shared_address(6) is None

    def test_it_is_one_bounded_query_by_primary_key(self, user):
        store(user, 5)
        with queries() as ran:
            shared_address(5)
        (sql,) = (one["sql"].upper() for one in ran)
        assert "ORDER BY" in sql
        assert sql.rstrip().endswith("DESC LIMIT 25")
        assert "WHERE" not in sql

    def test_the_advice_names_the_address_and_the_settings(self, user):
        store(user, 5)
        advice = shared_address(5).advice
        for words in ("last 5 ", "10.0.0.1", "TRUSTED_PROXIES", "PROXY_COUNT", "docs/install.md"):
            assert words in advice

    def test_the_advice_for_no_address_is_the_socket(self, user):
        store(user, 5, None)
        advice = shared_address(5).advice
        for words in ("without an address", "['unix']", "PROXY_COUNT", "docs/install.md"):
            assert words in advice


class TestStatistics:
    def test_periods_begin_with_the_id_of_their_instant(self, user):
        millisecond = timedelta(milliseconds=1)
        for length in (DAY, 7 * DAY, 30 * DAY):
            sign_in(user, length)
            sign_in(user, length + millisecond)
        numbers = statistics(NOW, window=2 * DAY)
        assert [one.sign_ins for one in numbers.periods] == [1, 3, 5]
        assert (numbers.window.length, numbers.window.sign_ins) == (2 * DAY, 2)

    def test_devices_count_from_when_they_were_first_seen(self, user):
        for ago in (HOUR, 3 * DAY, 40 * DAY):
            make_device(user, NOW - ago, id=id_at(NOW - ago))
        numbers = statistics(NOW, window=50 * DAY)
        assert [one.new_devices for one in numbers.periods] == [1, 2, 2]
        assert numbers.window.new_devices == 3

    def test_active_is_the_rule_of_the_list(self, user):
        sign_in(user, 400 * DAY)
        sign_in(user, HOUR, reason="signed_out")
        sign_in(user, HOUR, expires_at=NOW)
        sign_in(make_user("bob", is_active=False), HOUR)
        assert statistics(NOW).active == Session.objects.active(NOW).count() == 1

    @pytest.mark.parametrize(
        ("name", "column"),
        [
            ("operating_systems", "os_name"),
            ("clients", "client_name"),
            ("device_types", "device_type"),
            ("countries", "country_code"),
        ],
    )
    def test_a_breakdown_has_the_largest_first_and_sums_up_the_rest(self, user, name, column):
        for value, count in (("B", 2), ("A", 2), ("C", 3), ("", 1), ("D", 1)):
            for _ in range(count):
                sign_in(user, HOUR, **{column: value})
        sign_in(user, 31 * DAY, **{column: "X"})
        assert getattr(statistics(NOW, top=3), name) == Breakdown(
            (Share("C", 3), Share("A", 2), Share("B", 2)), others=2
        )
        assert getattr(statistics(NOW), name).others == 0

    def test_levels_are_written_as_everywhere(self, user):
        for level in (2, 2, 0):
            sign_in(user, HOUR, assurance_level=level)
        assert statistics(NOW).assurance_levels.shares == (Share("aal2", 2), Share("aal0", 1))

    def test_a_method_counts_once_per_sign_in_whenever_it_was_proven(self, user):
        recent, old = sign_in(user, HOUR), sign_in(user, 40 * DAY)
        for method in ("password", "password", "totp"):
            make_method(recent, method, NOW)
        make_method(old, "passkey", NOW)
        assert statistics(NOW).methods.shares == (Share("password", 1), Share("totp", 1))

    @pytest.mark.parametrize(
        ("values", "reason"),
        [
            ({"reason": "signed_out"}, "signed_out"),
            ({"reason": "signed_out", "ended_at": NOW - 31 * DAY}, None),
            # Past a limit, and nothing has stamped it.
            ({"expires_at": NOW - DAY}, "expired"),
            ({"expires_at": NOW + DAY, "idle_expires_at": NOW - DAY}, "idle"),
            ({"expires_at": NOW - 31 * DAY}, None),
            ({"expires_at": NOW - DAY, "idle_expires_at": NOW - 31 * DAY}, None),
            ({"expires_at": NOW - 31 * DAY, "idle_expires_at": NOW - DAY}, None),
            ({"expires_at": NOW - DAY, "reason": "limit", "ended_at": NOW - 31 * DAY}, None),
            # Stamped with another end before its limit.
            ({"expires_at": NOW - DAY, "reason": "limit", "ended_at": NOW - 2 * DAY}, "limit"),
            ({"expires_at": NOW + DAY}, None),
        ],
    )
    def test_ends_are_those_of_the_window_whenever_the_session_began(self, user, values, reason):
        sign_in(user, 50 * DAY, **values)
        expected = (Share(reason, 1),) if reason else ()
        assert statistics(NOW).ends.shares == expected

    def test_every_number_is_one_bounded_query(self, user):
        make_method(sign_in(user, HOUR))
        with queries() as ran:
            statistics(NOW)
        assert len(ran) == 11
        for one in ran:
            sql = one["sql"].upper()
            where = sql.partition(" WHERE ")[2]
            assert (
                ".`ID` >= " in where.replace('"', "`")
                or "`SESSION_ID` >= " in where.replace('"', "`")
                or "ENDED_AT" in where
                or "STARTS_AT" in where
            ), sql

    def test_the_first_id_of_a_moment_is_before_all_others_of_it(self):
        lowest = first_id_at(NOW)
        assert lowest.version == 7
        assert lowest <= id_at(NOW)
        assert first_id_at(NOW - timedelta(milliseconds=1)) < lowest
        assert lowest == first_id_at(NOW)


def test_nothing_is_written(user):
    sign_in(user, HOUR, expires_at=NOW)
    before = list(Session.objects.values())
    with queries() as ran:
        statistics(NOW)
        shared_address()
    assert all(one["sql"].startswith("SELECT") for one in ran)
    assert list(Session.objects.values()) == before
