"""Limits and ends while people sign in, on databases with row locks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from threading import Event, Thread
from unittest import mock

import pytest
from django.db import OperationalError, connections
from django.utils import timezone

from sessions_hub.lifecycle import end_sessions, forget_device, others, start_session
from sessions_hub.lifecycle import start as starting
from sessions_hub.lifecycle.contention import is_contention
from sessions_hub.lifecycle.credentials import SETTLING, end_worthless
from sessions_hub.lifecycle.guard import database
from sessions_hub.models import Device, EndReason, Session
from tests.contract.browser import Browser

from .test_races import twin_of
from .threads import at_once

pytestmark = [
    pytest.mark.locks,
    pytest.mark.race,
    pytest.mark.django_db(transaction=True, databases="__all__"),
]


@pytest.fixture(autouse=True)
def patience(settings) -> None:
    """Twenty sign-ins of one user wait for one another."""
    settings.SESSIONS_HUB_LOCK_TIMEOUT = timedelta(seconds=30)


@pytest.fixture(params=[False, True], ids=["autocommit", "atomic requests"])
def transactions(request) -> Iterator[None]:
    # Threads make connections of their own, from the settings.
    for alias in connections:
        connections.settings[alias]["ATOMIC_REQUESTS"] = request.param
    yield
    for alias in connections:
        connections.settings[alias]["ATOMIC_REQUESTS"] = False


class TestTwentySignIns:
    @pytest.fixture(autouse=True)
    def limit(self, settings) -> None:
        settings.SESSIONS_HUB_MAX_SESSIONS = 3

    def sign_in(self) -> tuple[list[Browser], list[int]]:
        Session.objects.all().delete()
        some = [Browser("sync") for _ in range(20)]
        answers = at_once(*[partial(one.sign_in, "ada") for one in some])
        return some, sorted(answer.status_code for answer in answers)

    def test_leave_as_many_as_are_allowed(self, user, race_rounds, transactions):
        for _ in range(min(race_rounds, 5)):
            some, codes = self.sign_in()
            assert codes == [200] * 20
            assert Session.objects.active().count() == 3
            assert Session.objects.filter(end_reason=EndReason.LIMIT).count() == 17
            assert [one.whoami() for one in some].count("ada") == 3

    def test_let_in_as_many_as_are_allowed(self, user, race_rounds, transactions, settings):
        settings.SESSIONS_HUB_MAX_SESSIONS_ACTION = "refuse"
        for _ in range(min(race_rounds, 5)):
            some, codes = self.sign_in()
            assert codes == [200] * 3 + [409] * 17
            assert Session.objects.active().count() == Session.objects.count() == 3
            assert [one.whoami() for one in some].count("ada") == 3

    def test_of_which_one_only_stays_by_policy(self, user, race_rounds, transactions, settings):
        settings.SESSIONS_HUB_MAX_SESSIONS = None
        settings.SESSIONS_HUB_END_OTHERS_AT_SIGN_IN = True
        for _ in range(min(race_rounds, 5)):
            some, codes = self.sign_in()
            assert codes == [200] * 20
            assert Session.objects.active().count() == 1
            assert [one.whoami() for one in some].count("ada") == 1

    def test_on_one_device_one_stays(self, user, race_rounds, settings):
        settings.SESSIONS_HUB_MAX_SESSIONS = None
        first = Browser("sync")
        first.sign_in("ada")
        settings.SESSIONS_HUB_ONE_SESSION_PER_DEVICE = True
        for _ in range(race_rounds):
            del first.cookies["sessionid"]
            twins = [twin_of(first) for _ in range(6)]
            at_once(*[partial(one.sign_in, "ada") for one in twins])
            assert Session.objects.active().count() == 1
            assert [one.whoami() for one in twins].count("ada") == 1
            first.sign_in("ada")
            first.sign_out()
            first.sign_in("ada")


@contextmanager
def held(module, name: str) -> Iterator[tuple[Event, Event]]:
    """The first call of a function stops before it begins: (it is there, let it go on)."""
    arrived, go_on = Event(), Event()
    plain = getattr(module, name)

    def wait(*arguments, **options):
        if not arrived.is_set():
            arrived.set()
            assert go_on.wait(timeout=30)
        return plain(*arguments, **options)

    with mock.patch.object(module, name, wait):
        yield arrived, go_on


def run(*calls) -> list[Thread]:
    def closing(call):
        try:
            call()
        finally:
            connections.close_all()

    threads = [Thread(target=closing, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    return threads


def join(threads: list[Thread]) -> None:
    for thread in threads:
        thread.join(timeout=30)
        assert not thread.is_alive()


class TestOlderSignInUnderWay:
    """It has its row, and has not committed it: nobody else can see it yet."""

    def test_dies_of_the_newer_one_that_ends_all_others(self, user, settings):
        settings.SESSIONS_HUB_END_OTHERS_AT_SIGN_IN = True
        older, newer = Browser("sync"), Browser("sync")
        with held(others, "end_others") as (arrived, go_on):
            first = run(partial(older.sign_in, "ada"))
            assert arrived.wait(timeout=30)
            second = run(partial(newer.sign_in, "ada"))
            # It waits for the older one: there is nothing to see of it yet.
            second[0].join(timeout=0.5)
            assert second[0].is_alive()
            go_on.set()
            join(first + second)
        assert older.whoami() is None
        assert newer.whoami() == "ada"
        assert Session.objects.ended().get().end_reason == EndReason.REVOKED_BY_POLICY

    def test_on_a_device_forgotten_meanwhile_dies_with_the_next_prune(self, user):
        here = Browser("sync")
        here.sign_in("ada")
        here.sign_out()
        device = Device.objects.get()
        with held(starting.proofs, "store") as (arrived, go_on):
            first = run(partial(here.sign_in, "ada"))
            assert arrived.wait(timeout=30)
            second = run(partial(forget_device, device, by=user))
            # MariaDB waits for the older one, PostgreSQL does not.
            second[0].join(timeout=0.5)
            go_on.set()
            join(first + second)
        sum(end_worthless(timezone.now() + SETTLING + timedelta(seconds=1)))
        assert here.whoami() is None
        assert Session.objects.order_by("pk").last().end_reason == EndReason.DEVICE_FORGOTTEN


class TestEndingAll:
    def test_while_somebody_signs_in_ends_the_older_and_not_the_newer(self, user, race_rounds):
        for _ in range(race_rounds):
            Session.objects.all().delete()
            older = [Browser("sync") for _ in range(3)]
            for one in older:
                one.sign_in("ada")
            cut = timezone.now()
            sessions = Session.objects.for_user(user).filter(issued_at__lt=cut)
            newer = [Browser("sync") for _ in range(3)]
            count, *_ = at_once(
                lambda rows=sessions: end_sessions(rows, reason=EndReason.COMPROMISED),
                *[partial(one.sign_in, "ada") for one in newer],
            )
            assert count == 3
            assert [one.whoami() for one in older] == [None] * 3
            assert [one.whoami() for one in newer] == ["ada"] * 3

    def test_and_a_limit_that_ends_one_of_them_name_one_reason(self, user, race_rounds, settings):
        settings.SESSIONS_HUB_MAX_SESSIONS = 1
        for _ in range(race_rounds):
            old = start_session(user)
            count, _ = at_once(
                lambda old=old: end_sessions(
                    Session.objects.filter(pk=old.pk), reason=EndReason.COMPROMISED
                ),
                lambda: start_session(user),
            )
            if isinstance(count, OperationalError) and connections[database()].vendor == "mysql":
                # A deadlock, which takes one of the two: it has ended nothing.
                assert is_contention(count)
                count = 0
            old.refresh_from_db()
            assert old.end_reason == (EndReason.COMPROMISED if count else EndReason.LIMIT)
