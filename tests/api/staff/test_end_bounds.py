"""Ending many: in bounded statements, past rows that others hold, and each session once."""

from __future__ import annotations

import time
from threading import Event, Thread

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connections, transaction
from django.utils import timezone

from sessions_hub.lifecycle.audit import Actor
from sessions_hub.lifecycle.guard import database
from sessions_hub.lifecycle.staff import end_matching, look
from sessions_hub.models import Session
from tests.factories import build_session, make_session
from tests.lifecycle.test_query_counts import Statements
from tests.lifecycle.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


def end(actor, **wanted):
    return end_matching(wanted, Actor(actor), except_for=None, now=timezone.now())


@pytest.fixture
def many(ada, bob):
    """1,100 of ada's, and 100 of bob's."""
    now = timezone.now()
    Session.objects.bulk_create(
        build_session(user, now) for user, count in ((ada, 1100), (bob, 100)) for _ in range(count)
    )


def still_open(user) -> int:
    return Session.objects.filter(user=user, ended_at__isnull=True).count()


def test_more_than_a_batch_goes_in_several(many, ada, bob, grace):
    with Statements() as ran:
        assert end(grace, user=ada.pk).count == 1100
    ends = [sql for sql in ran.ours if sql.startswith("UPDATE")]
    assert len(ends) == 3
    # A handful of statements for each batch, however many rows.
    assert len(ran.rows) <= 30
    assert (still_open(ada), still_open(bob)) == (0, 100)


def test_looking_counts_with_a_limit(many, ada):
    with Statements() as ran:
        assert look({"user": ada.pk}, except_for=None, now=timezone.now()).count == 1100
    assert len(ran.ours) == 2
    assert all("LIMIT" in sql for sql in ran.ours)


@pytest.mark.locks
class TestOthers:
    def test_somebody_elses_row_that_is_held_holds_nothing_up(self, ada, bob, grace):
        make_session(ada, timezone.now())
        other = make_session(bob, timezone.now())
        with held(other.pk):
            started = time.monotonic()
            assert end(grace, user=ada.pk).count == 1
            assert time.monotonic() - started < 20
        assert still_open(bob) == 1

    def test_a_row_that_is_held_ends_when_it_is_let_go(self, ada, grace):
        first, second = (make_session(ada, timezone.now()) for _ in range(2))
        with held(first.pk, seconds=0.2):
            assert end(grace, user=ada.pk).count == 2
        assert {first.pk, second.pk} == set(Session.objects.ended().values_list("pk", flat=True))

    def test_of_two_ends_at_once_each_session_is_counted_once(self, many, ada, bob, grace):
        one, two = at_once(lambda: end(grace, user=ada.pk), lambda: end(grace, user=ada.pk))
        assert one.count + two.count == 1100
        assert (still_open(ada), still_open(bob)) == (0, 100)
        assert LogEntry.objects.count() in {1, 2}


class held:
    """A row that another connection has locked, until the block ends or for some seconds."""

    def __init__(self, pk, seconds: float = 30) -> None:
        self.pk, self.seconds = pk, seconds
        self.is_locked, self.let_go = Event(), Event()
        self.thread = Thread(target=self._hold)

    def _hold(self) -> None:
        alias = database()
        try:
            with transaction.atomic(using=alias):
                list(Session.objects.using(alias).select_for_update().filter(pk=self.pk))
                self.is_locked.set()
                self.let_go.wait(self.seconds)
        finally:
            connections.close_all()

    def __enter__(self) -> held:
        self.thread.start()
        assert self.is_locked.wait(10)
        return self

    def __exit__(self, *args: object) -> None:
        self.let_go.set()
        self.thread.join()
