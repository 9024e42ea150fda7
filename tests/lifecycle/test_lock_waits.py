"""The limits on waiting for locks belong to the hub's own statements alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import OperationalError, transaction
from django.utils import timezone

from sessions_hub.lifecycle import end_session, end_sessions, forget_device
from sessions_hub.lifecycle.guard import bounded_write
from sessions_hub.models import Device, EndReason, Session, SessionType
from tests.factories import make_device, make_session, make_session_device

from .faults import at_most, locked, missing, second_connection, wait_settings

pytestmark = [pytest.mark.locks, pytest.mark.django_db(transaction=True, databases="__all__")]


def wait_inside(connection, alias) -> list[tuple]:
    with bounded_write(alias):
        return wait_settings(connection)


@pytest.fixture
def own_wait(connection, alias):
    """The project's own limit, set on its connection."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET lock_timeout = '7s'")
        else:
            cursor.execute("SET SESSION lock_wait_timeout = 77, innodb_lock_wait_timeout = 7")
    yield wait_settings(connection)
    connection.close()


class TestRestored:
    def test_after_a_sign_in(self, own_wait, user, browser, connection):
        browser.sign_in("ada")
        assert wait_settings(connection) == own_wait

    def test_after_a_sign_in_inside_a_transaction(self, own_wait, user, browser, connection):
        waits = browser.get("/sign-in-and-tell-waits/?user=ada").json()["waits"]
        assert [[tuple(row) for row in wait] for wait in waits] == [own_wait] * 3
        assert wait_settings(connection) == own_wait

    @pytest.mark.parametrize("fault", [locked, missing])
    @pytest.mark.parametrize("path", ["/sign-in/", "/sign-in-and-tell-waits/"])
    def test_after_a_failed_sign_in(self, own_wait, user, browser, connection, fault, path):
        with fault(Device._meta.db_table):
            assert browser.get(f"{path}?user=ada").status_code == 503
        assert wait_settings(connection) == own_wait

    @pytest.mark.parametrize("fault", [locked, missing])
    def test_inside_a_transaction_that_goes_on_after_the_failure(
        self, own_wait, connection, alias, fault
    ):
        with fault(Device._meta.db_table), transaction.atomic(using=alias):
            with pytest.raises(Exception, match=r"(?i)lock|exist"), bounded_write(alias):
                Device.objects.using(alias).count()
            assert wait_settings(connection) == own_wait
            assert Session.objects.using(alias).count() == 0
        assert wait_settings(connection) == own_wait

    def test_when_bounds_are_nested(self, own_wait, connection, alias):
        with bounded_write(alias):
            inner = wait_inside(connection, alias)
            assert wait_settings(connection) == inner
        assert wait_settings(connection) == own_wait


class TestBound:
    def test_is_what_the_setting_says(self, connection, alias, settings):
        settings.SESSIONS_HUB_LOCK_TIMEOUT = timedelta(seconds=3)
        wanted = {"postgresql": [("3s",)], "mysql": [(3, 3)]}
        assert wait_inside(connection, alias) == wanted[connection.vendor]

    def test_of_less_than_a_millisecond_is_not_endless(self, connection, alias, settings):
        settings.SESSIONS_HUB_LOCK_TIMEOUT = timedelta(microseconds=1)
        wanted = {"postgresql": [("1ms",)], "mysql": [(1, 1)]}
        assert wait_inside(connection, alias) == wanted[connection.vendor]

    def test_of_nothing_does_not_wait(self, alias):
        with (
            locked(Session._meta.db_table),
            at_most(0.9),
            pytest.raises(OperationalError),
            bounded_write(alias, timedelta(0)),
        ):
            Session.objects.using(alias).count()


@contextmanager
def held(session: Session, alias: str) -> Iterator[None]:
    """A row that a transaction of somebody else's has locked."""
    query = Session.objects.using(alias).filter(pk=session.pk).values("pk").query
    sql, values = query.get_compiler(alias).as_sql()
    with second_connection() as cursor:
        cursor.execute("BEGIN")
        cursor.execute(f"{sql} FOR UPDATE", values)
        yield
        cursor.execute("ROLLBACK")


class TestARowThatSomebodyHolds:
    """An end of many ends the others, and waits for it no longer than the setting says."""

    @pytest.fixture
    def device(self, user, settings) -> Device:
        """One that three sessions were used on."""
        settings.SESSIONS_HUB_LOCK_TIMEOUT = timedelta(seconds=1)
        device = make_device(user)
        for _ in range(3):
            make_session_device(make_session(user, timezone.now()), device)
        return device

    @pytest.fixture(params=["end_sessions", "forget_device"])
    def end(self, request, user, device):
        if request.param == "forget_device":
            return lambda: forget_device(device)
        everything = Session.objects.for_user(user)
        return lambda: end_sessions(everything, reason=EndReason.REVOKED_BY_USER)

    def test_is_waited_for_in_bounds(self, end, alias):
        _first, middle, _last = Session.objects.using(alias).order_by("pk")
        with held(middle, alias), at_most(3), pytest.raises(OperationalError):
            end()
        assert [row.pk for row in Session.objects.filter(ended_at=None)] == [middle.pk]
        assert end() == 1


class TestAnImpersonationThatSomebodyHolds:
    """It ends with the session it began in, or on its next request."""

    def test_is_not_waited_for(self, user, make_user, alias):
        now = timezone.now()
        own = make_session(make_user("grace"), now)
        begun = [
            make_session(
                user,
                now,
                session_type=SessionType.IMPERSONATION,
                impersonator=own.user,
                impersonator_session_id=own.pk,
            )
            for _ in range(2)
        ]
        with held(begun[0], alias), at_most(3):
            assert end_session(own, reason=EndReason.SIGNED_OUT)
        assert [row.pk for row in Session.objects.filter(ended_at=None)] == [begun[0].pk]
