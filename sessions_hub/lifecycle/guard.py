"""Writes that can neither hang a visitor nor spoil the caller's transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from math import ceil
from typing import Any, TypeVar

from django.db import DatabaseError, OperationalError, connections, router, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from sessions_hub.conf import conf
from sessions_hub.models import Session

from .contention import is_deadlock

Result = TypeVar("Result")


def database() -> str:
    """The alias of the database the hub writes to; verdicts are read there too."""
    return router.db_for_write(Session)


@contextmanager
def bounded_write(alias: str, wait: timedelta | None = None) -> Iterator[None]:
    """A transaction (or savepoint) that waits for locks no longer than `wait`.

    By default as long as SESSIONS_HUB_LOCK_TIMEOUT. Raises
    django.db.OperationalError when a lock was not to be had. A database error
    carries the start of its statement as a note: not every server names the table.
    """
    connection = connections[alias]
    wait = conf.SESSIONS_HUB_LOCK_TIMEOUT if wait is None else wait
    nested = connection.in_atomic_block
    with transaction.atomic(using=alias), connection.execute_wrapper(_note_statement):
        match connection.vendor:
            case "postgresql":
                with _postgresql(connection, wait, restore=nested):
                    yield
            case "mysql":
                with _mysql(connection, wait):
                    yield
            case _:
                # SQLite has one wait for all, the connection's `timeout`.
                yield


def write_again(work: Callable[[], Result], alias: str, *, tries: int = 3) -> Result:
    """Do `work` in a `bounded_write()`, anew where it fell to a deadlock; return its result.

    Parallel inserts of one row may end so with InnoDB, whatever their order. Inside the
    caller's transaction there is one try: all of that is gone with a deadlock.
    """
    if connections[alias].in_atomic_block:
        tries = 1
    while True:
        tries -= 1
        try:
            with bounded_write(alias):
                return work()
        except OperationalError as error:
            if tries < 1 or not is_deadlock(error):
                raise


@contextmanager
def sheltered(alias: str) -> Iterator[None]:
    """Inside a transaction, a savepoint: a function of the site's must not spoil it."""
    if not connections[alias].in_atomic_block:
        yield
        return
    with transaction.atomic(using=alias):
        yield


def _note_statement(
    execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
) -> Any:
    try:
        return execute(sql, params, many, context)
    except DatabaseError as error:
        # Placeholders, no values.
        error.add_note(f"Statement: {sql[:120]}")
        raise


def milliseconds_of(wait: timedelta) -> int:
    """A wait as PostgreSQL counts it; never 0, which would be for ever."""
    return max(1, ceil(wait.total_seconds() * 1000))


def seconds_of(wait: timedelta) -> int:
    """A wait as MariaDB counts it; 0 does not wait at all."""
    return ceil(wait.total_seconds())


@contextmanager
def _postgresql(
    connection: BaseDatabaseWrapper, wait: timedelta, *, restore: bool
) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('lock_timeout'), set_config('lock_timeout', %s, true)",
            [f"{milliseconds_of(wait)}ms"],
        )
        before, _now = cursor.fetchone()
    yield
    # A rollback to the savepoint undoes the setting, RELEASE does not; COMMIT ends it.
    if restore:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [before])


@contextmanager
def _mysql(connection: BaseDatabaseWrapper, wait: timedelta) -> Iterator[None]:
    seconds = seconds_of(wait)
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
