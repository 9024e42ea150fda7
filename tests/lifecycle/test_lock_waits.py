"""The limits on waiting for locks belong to the hub's own statements alone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import OperationalError, transaction

from sessions_hub.lifecycle.guard import bounded_write
from sessions_hub.models import Device, Session

from .faults import at_most, locked, missing, wait_settings

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
