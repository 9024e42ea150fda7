"""Failed sign-ins are counted: how many, when, and nothing else."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth import aauthenticate, authenticate
from django.db import connections, transaction
from django.db.models import Sum
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from sessions_hub.lifecycle import failed_sign_ins
from sessions_hub.lifecycle.failed_sign_ins import KEPT_FOR, TRIES, delete_outlived, note_failed
from sessions_hub.lifecycle.guard import database
from sessions_hub.models import FailedSignIns, Session
from sessions_hub.models.failed_sign_ins import SLOTS, quarter_of
from tests.contract.browser import Browser

from .faults import FAULTS, at_most, failing_writes
from .threads import at_once

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

MIDDLEWARE = "sessions_hub.middleware.SessionsHubMiddleware"
TABLE = FailedSignIns._meta.db_table


def counted() -> int:
    return FailedSignIns.objects.aggregate(all=Sum("count"))["all"] or 0


def mistype(browser, password="wrong-secret"):
    return browser.post("/accounts/login/", {"username": "ada", "password": password})


@pytest.fixture(params=[False, True], ids=["autocommit", "atomic_requests"])
def atomic_requests(request):
    for alias in connections:
        connections[alias].settings_dict["ATOMIC_REQUESTS"] = request.param
    yield
    for alias in connections:
        connections[alias].settings_dict["ATOMIC_REQUESTS"] = False


@pytest.mark.parametrize(
    ("moment", "quarter"),
    [
        (datetime(2026, 3, 1, 10, 0, tzinfo=UTC), datetime(2026, 3, 1, 10, 0, tzinfo=UTC)),
        (datetime(2026, 3, 1, 10, 14, 59, 9, UTC), datetime(2026, 3, 1, 10, 0, tzinfo=UTC)),
        (datetime(2026, 3, 1, 10, 15, tzinfo=UTC), datetime(2026, 3, 1, 10, 15, tzinfo=UTC)),
        (
            datetime.fromisoformat("2026-03-01T00:20+05:45"),
            datetime(2026, 2, 28, 18, 30, tzinfo=UTC),
        ),
    ],
)
def test_a_quarter_of_an_hour_is_that_of_utc(moment, quarter):
    assert quarter_of(moment) == quarter
    assert quarter_of(moment).tzinfo is UTC


@pytest.mark.parametrize("mode", ["sync", "async"])
class TestCounted:
    @pytest.fixture
    def browser(self, mode):
        return Browser(mode)

    def test_is_each_one(self, user, browser):
        for number in range(1, 4):
            assert mistype(browser).status_code == 200
            assert counted() == number
        assert mistype(browser, "right-password").status_code == 302
        assert counted() == 3

    def test_is_when_and_nothing_of_what_was_sent(self, user, browser):
        now = quarter_of(timezone.now())
        mistype(browser)
        row = FailedSignIns.objects.values().get()
        assert set(row) == {"id", "starts_at", "slot", "count"}
        assert row["starts_at"] in (now, now + timedelta(minutes=15))
        assert row["slot"] in range(SLOTS)
        assert Session.objects.count() == 0

    def test_is_one_for_a_view_that_is_rolled_back(self, user, browser, atomic_requests, mode):
        # Django's handlers run a sync view alike under both.
        assert browser.get("/fail-and-roll-back/").status_code == 401
        assert counted() == 1

    def test_is_nothing_where_the_site_does_not_want_it(self, user, browser, settings):
        settings.SESSIONS_HUB_COUNT_FAILED_SIGN_INS = False
        mistype(browser)
        assert counted() == 0


class TestWithoutTheMiddleware:
    def test_one_of_a_command_is_counted(self, user):
        assert authenticate(username="ada", password="wrong") is None
        assert counted() == 1

    def test_one_of_a_request_is_counted(self, user, browser, settings):
        settings.MIDDLEWARE = [one for one in settings.MIDDLEWARE if one != MIDDLEWARE]
        mistype(browser)
        assert counted() == 1

    def test_one_is_counted_once_its_transaction_is_over(self, user):
        with transaction.atomic(using=database()):
            authenticate(username="ada", password="wrong")
            assert counted() == 0
        assert counted() == 1

    def test_one_of_an_async_function_is_counted(self, user):
        assert async_to_sync(aauthenticate)(username="ada", password="wrong") is None
        assert counted() == 1


class TestFaults:
    @pytest.fixture(params=list(FAULTS))
    def fault(self, request, connection):
        if connection.vendor == "sqlite" and request.param == "locked":
            pytest.skip("SQLite locks the whole file: Django's own reads fail before the hub's")
        return FAULTS[request.param]

    def test_cost_the_visitor_nothing(self, user, browser, fault, atomic_requests, caplog):
        with fault(TABLE), at_most(2.5):
            assert mistype(browser).status_code == 200
            # Nor whoever gets it right.
            assert mistype(browser, "right-password").status_code == 302
        assert counted() == 0
        said = [one for one in caplog.records if one.name == failed_sign_ins.__name__]
        assert [(one.levelno, one.getMessage()) for one in said] == [
            (logging.WARNING, "A failed sign-in was not counted.")
        ]

    def test_are_said_once_a_minute(self, user, browser, caplog):
        with FAULTS["missing"](TABLE):
            for _ in range(3):
                mistype(browser)
        assert caplog.text.count("A failed sign-in was not counted.") == 1

    @pytest.mark.parametrize("where", ["receivers.note_failed", "middleware.settle"])
    def test_of_our_own_cost_the_visitor_nothing(self, user, browser, monkeypatch, where):
        monkeypatch.setattr(f"sessions_hub.{where}", lambda *arguments: 1 / 0)
        assert mistype(browser).status_code == 200


def test_a_failure_takes_one_update_and_the_first_of_a_slot_two_more(user, monkeypatch):
    monkeypatch.setattr("secrets.randbelow", lambda slots: 0)
    for writes in (3, 1):
        with CaptureQueriesContext(connections[database()]) as queries:
            note_failed(None)
        said = [one["sql"] for one in queries if TABLE in one["sql"]]
        assert len(said) == writes
        assert not [sql for sql in said if sql.startswith("SELECT")]
    assert FailedSignIns.objects.get().count == 2


class TestFaultsOfTheDatabase:
    @pytest.mark.parametrize("times", [1, TRIES - 1])
    def test_what_fell_to_a_deadlock_is_counted_all_the_same(self, user, times):
        with failing_writes(TABLE, 1213, times):
            note_failed(None)
        assert counted() == 1

    def test_deadlocks_without_end_are_given_up(self, user, caplog):
        with failing_writes(TABLE, 1213, 100) as sent:
            note_failed(None)
        assert len(sent) == TRIES
        assert "was not counted" in caplog.text

    def test_a_lock_is_not_waited_for_twice(self, user, caplog):
        with failing_writes(TABLE, 1205, 100) as sent:
            note_failed(None)
        assert len(sent) == 1
        assert "was not counted" in caplog.text


@pytest.mark.locks
@pytest.mark.race
@pytest.mark.parametrize("slots", [1, SLOTS])
def test_two_hundred_at_once_are_two_hundred(user, settings, monkeypatch, slots):
    settings.SESSIONS_HUB_LOCK_TIMEOUT = timedelta(seconds=30)
    monkeypatch.setattr(failed_sign_ins, "SLOTS", slots)
    now = timezone.now()
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)

    def fail_ten_times():
        for _ in range(10):
            note_failed(None)

    assert at_once(*[fail_ten_times] * 20) == [None] * 20
    assert counted() == 200
    assert FailedSignIns.objects.count() <= slots


def test_numbers_older_than_the_longest_overview_are_deleted(user):
    now = timezone.now()
    for days, slot in ((0, 0), (366, 0), (399, 0), (401, 0), (402, 1), (402, 2)):
        at = quarter_of(now - timedelta(days=days))
        FailedSignIns.objects.create(starts_at=at, slot=slot, count=1)
    assert timedelta(days=366) < KEPT_FOR
    assert failed_sign_ins.count_outlived(now) == 3
    assert list(delete_outlived(now, batch_size=2)) == [2, 1]
    assert FailedSignIns.objects.count() == 3
