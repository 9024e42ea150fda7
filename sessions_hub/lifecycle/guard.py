"""Writes that can neither hang a visitor nor spoil the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from math import ceil

from django.db import connections, router, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from sessions_hub.conf import conf
from sessions_hub.models import Session


def database() -> str:
    """The alias of the database the hub writes to; verdicts are read there too."""
    return router.db_for_write(Session)


@contextmanager
def bounded_write(alias: str) -> Iterator[None]:
    """A transaction (or savepoint) that waits for locks no longer than the setting allows.

    Raises django.db.OperationalError when a lock was not to be had.
    """
    connection = connections[alias]
    nested = connection.in_atomic_block
    with transaction.atomic(using=alias):
        match connection.vendor:
            case "postgresql":
                with _postgresql(connection, restore=nested):
                    yield
            case "mysql":
                with _mysql(connection):
                    yield
            case _:
                # SQLite has one wait for all, the connection's `timeout`.
                yield


@contextmanager
def _postgresql(connection: BaseDatabaseWrapper, *, restore: bool) -> Iterator[None]:
    milliseconds = max(1, ceil(conf.SESSIONS_HUB_LOCK_TIMEOUT.total_seconds() * 1000))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('lock_timeout'), set_config('lock_timeout', %s, true)",
            [f"{milliseconds}ms"],
        )
        before, _now = cursor.fetchone()
    yield
    # A rollback to the savepoint undoes the setting, RELEASE does not; COMMIT ends it.
    if restore:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [before])


@contextmanager
def _mysql(connection: BaseDatabaseWrapper) -> Iterator[None]:
    seconds = max(1, ceil(conf.SESSIONS_HUB_LOCK_TIMEOUT.total_seconds()))
    setting = "SET SESSION innodb_lock_wait_timeout = %s, lock_wait_timeout = %s"
    with connection.cursor() as cursor:
        cursor.execute("SELECT @@SESSION.innodb_lock_wait_timeout, @@SESSION.lock_wait_timeout")
        before = cursor.fetchone()
        cursor.execute(setting, [seconds, seconds])
    try:
        yield
    finally:
        # The variables belong to the connection, which outlives the transaction.
        if connection.connection is not None and not connection.closed_in_transaction:
            with connection.connection.cursor() as cursor:
                cursor.execute(setting, before)
