"""A copy is made while the row changes: whoever comes late, no ended session is let in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from threading import Thread

import pytest
import time_machine
from django.db import connections
from django.utils import timezone

from sessions_hub.lifecycle import end_session, end_sessions, start_session, verdict_cache
from sessions_hub.lifecycle.guard import database
from sessions_hub.lifecycle.policy import Verdict, evaluate
from sessions_hub.models import EndReason, Session
from sessions_hub.tombstones import TOMBSTONE

from .caches import copy_of, held
from .threads import at_once

pytestmark = [
    pytest.mark.race,
    pytest.mark.django_db(transaction=True, databases="__all__"),
]


def elsewhere(work: Callable[[], object]) -> None:
    """Do `work` in a thread with a connection of its own, and wait for it."""

    def run() -> None:
        work()
        connections.close_all()

    thread = Thread(target=run)
    thread.start()
    thread.join(timeout=30)
    assert not thread.is_alive()


def admitted(session: Session) -> bool:
    now = timezone.now()
    row = verdict_cache.fetch(session.pk, str(session.user_id), None, database(), now)
    return row is not None and evaluate(row, now) is Verdict.VALID


@pytest.fixture
def between(monkeypatch):
    """Do something once between the SELECT of a verdict and the adding of its copy."""

    def arrange(work: Callable[[], object]) -> None:
        real, done = verdict_cache.fetch_verdict, []

        def slow(*args):
            row = real(*args)
            if not done:
                done.append(True)
                work()
            return row

        monkeypatch.setattr(verdict_cache, "fetch_verdict", slow)

    return arrange


class TestInOrder:
    def test_a_copy_read_before_the_end_is_not_put_over_the_tombstone(
        self, verdicts, user, between
    ):
        session = start_session(user)
        between(lambda: elsewhere(lambda: end_session(session, reason="compromised")))
        # This request was there before the end.
        assert admitted(session)
        assert held(session.pk) == TOMBSTONE
        assert not admitted(session)

    def test_a_copy_that_was_there_is_replaced_by_the_tombstone(self, verdicts, user):
        session = start_session(user)
        assert admitted(session)
        assert copy_of(session.pk) is not None
        elsewhere(lambda: end_session(session, reason="compromised"))
        assert not admitted(session)

    def test_a_copy_that_arrives_when_the_tombstone_has_gone_is_past_its_time(
        self, verdicts_in_memory, user, between
    ):
        session = start_session(user)
        with time_machine.travel(timezone.now(), tick=False) as clock:

            def end_and_wait() -> None:
                elsewhere(lambda: end_session(session, reason="compromised"))
                clock.shift(timedelta(seconds=71))

            between(end_and_wait)
            assert admitted(session)
            # The tombstone has gone and the copy was added: it counts from its reading.
            assert held(session.pk) not in (None, TOMBSTONE)
            assert not admitted(session)

    def test_a_tombstone_outlives_every_copy_read_before_it(
        self, verdicts_in_memory, user, between
    ):
        session = start_session(user)
        with time_machine.travel(timezone.now(), tick=False) as clock:

            def end_and_wait() -> None:
                elsewhere(lambda: end_session(session, reason="compromised"))
                # Long past the life of a copy, and clocks a minute apart.
                clock.shift(timedelta(seconds=69))

            between(end_and_wait)
            assert admitted(session)
            assert held(session.pk) == TOMBSTONE
            assert not admitted(session)


class TestAtOnce:
    pytestmark = pytest.mark.locks

    def test_fills_and_an_end(self, verdicts, user, race_rounds):
        for _ in range(race_rounds):
            session = start_session(user)
            ended, *_ = at_once(
                lambda s=session: end_session(s, reason=EndReason.COMPROMISED),
                *[lambda s=session: [admitted(s) for _ in range(5)]] * 3,
            )
            assert ended is True
            assert not admitted(session)
            assert held(session.pk) == TOMBSTONE

    def test_once_an_end_has_returned_nobody_is_let_in(self, verdicts, user, race_rounds):
        for _ in range(race_rounds):
            session = start_session(user)
            ended_at: list[float] = []

            def end(session=session, ended_at=ended_at):
                end_session(session, reason=EndReason.COMPROMISED)
                ended_at.append(1)

            def ask(session=session, ended_at=ended_at):
                wrong = 0
                for _ in range(40):
                    was_over = bool(ended_at)
                    wrong += admitted(session) and was_over
                return wrong

            assert at_once(end, ask, ask)[1:] == [0, 0]

    def test_fills_and_the_end_of_all(self, verdicts, user, race_rounds):
        for _ in range(race_rounds):
            rows = [start_session(user) for _ in range(10)]
            mine = Session.objects.filter(pk__in=[row.pk for row in rows])

            def ask(rows=rows):
                return [admitted(row) for row in rows]

            counted, *_ = at_once(
                lambda mine=mine: end_sessions(mine, reason=EndReason.COMPROMISED), ask, ask
            )
            assert counted == 10
            assert not any(ask())
