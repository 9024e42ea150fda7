"""Ways to break a table or a connection, and to mend it again."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any

from django.db import OperationalError, connections

from sessions_hub.lifecycle.guard import database
from sessions_hub.models import AuthenticationMethod, Device, Session, SessionDevice, SessionToken

# The tables a sign-in writes to, and the one that is written only for programs.
SIGN_IN_TABLES = [
    model._meta.db_table for model in (Session, Device, SessionDevice, AuthenticationMethod)
]
TABLES = [*SIGN_IN_TABLES, SessionToken._meta.db_table]
# Seconds between two looks of a clock at whether something is over.
_TICK = 0.01


@contextmanager
def second_connection() -> Iterator[object]:
    """A cursor of a connection of its own, in no thread's keeping."""
    other = connections[database()].copy()
    try:
        with other.cursor() as cursor:
            yield cursor
    finally:
        other.close()


@contextmanager
def failing_writes(table: str, code: int, times: int) -> Iterator[list[str]]:
    """The first writes of a table fail with this error of MariaDB's; yields all that were sent."""
    sent: list[str] = []
    name = connections[database()].ops.quote_name(table)

    def execute(run: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith(("INSERT", "UPDATE", "DELETE")) and name in sql.split("(")[0]:
            sent.append(sql)
            if len(sent) <= times:
                raise OperationalError(code, "…")
        return run(sql, params, many, context)

    with connections[database()].execute_wrapper(execute):
        yield sent


@contextmanager
def locked(table: str) -> Iterator[None]:
    """`table` locked against reading and writing by a second connection."""
    connection = connections[database()]
    match connection.vendor:
        case "postgresql":
            with second_connection() as cursor:
                cursor.execute("BEGIN")
                cursor.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
                yield
                cursor.execute("ROLLBACK")
        case "mysql":
            with second_connection() as cursor:
                cursor.execute(f"LOCK TABLES {table} WRITE")
                yield
                cursor.execute("UNLOCK TABLES")
        case _:
            with locked_file(connection):
                yield


@contextmanager
def waiting_migration(table: str) -> Iterator[None]:
    """MariaDB: an ALTER TABLE that waits for a reader, and lets nobody past it."""
    with second_connection() as reader:
        reader.execute("START TRANSACTION")
        reader.execute(f"SELECT COUNT(*) FROM {table}")
        migration = Thread(target=_alter, args=(table,))
        migration.start()
        _until_one_waits()
        try:
            yield
        finally:
            reader.execute("ROLLBACK")
            migration.join(timeout=30)


def _alter(table: str) -> None:
    with second_connection() as cursor:
        cursor.execute(f"ALTER TABLE {table} COMMENT = 'altered'")


def _until_one_waits() -> None:
    with second_connection() as cursor:
        for _ in range(3000):
            cursor.execute(
                "SELECT COUNT(*) FROM information_schema.processlist"
                " WHERE db = DATABASE() AND state LIKE 'Waiting for table metadata lock%'"
            )
            if cursor.fetchone()[0]:
                return
            time.sleep(0.01)
    raise AssertionError("nobody waits for the table")


@contextmanager
def locked_for_writing(table: str) -> Iterator[None]:
    """`table` locked so that it can still be read."""
    connection = connections[database()]
    match connection.vendor:
        case "postgresql":
            with second_connection() as cursor:
                cursor.execute("BEGIN")
                cursor.execute(f"LOCK TABLE {table} IN EXCLUSIVE MODE")
                yield
                cursor.execute("ROLLBACK")
        case "mysql":
            with second_connection() as cursor:
                cursor.execute(f"FLUSH TABLES {table} WITH READ LOCK")
                yield
                cursor.execute("UNLOCK TABLES")
        case _:
            with locked_file(connection):
                yield


@contextmanager
def locked_file(connection) -> Iterator[None]:
    """SQLite: the whole file, with the wait of the test's own connection cut short."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 200")
    other = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA busy_timeout = 5000")


@contextmanager
def missing(table: str) -> Iterator[None]:
    """`table` renamed away."""
    connection = connections[database()]
    away = f"{table}_away"
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            # Or the references of the other tables would follow the new name.
            cursor.execute("PRAGMA legacy_alter_table = ON")
            cursor.execute("PRAGMA foreign_keys = OFF")
        cursor.execute(f"ALTER TABLE {table} RENAME TO {away}")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {away} RENAME TO {table}")
            if connection.vendor == "sqlite":
                cursor.execute("PRAGMA legacy_alter_table = OFF")
                cursor.execute("PRAGMA foreign_keys = ON")


FAULTS = {"locked": locked, "missing": missing}


def break_connection(alias: str) -> None:
    """Cut the thread's connection from below, as a server that restarts does."""
    connections[alias].ensure_connection()
    connections[alias].connection.close()


@contextmanager
def reached_by(alias: str, **changes: Any) -> Iterator[None]:
    """Connections that are made from here on use other settings."""
    settings = connections[alias].settings_dict
    before = {name: settings[name] for name in changes}
    connections[alias].close()
    settings.update(changes)
    try:
        yield
    finally:
        connections[alias].close()
        settings.update(before)


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Fail when the block waits longer.

    Counts the ticks of a clock that gets as little of a busy machine as the block does:
    a wait for a lock is counted in full, a wait for a processor is not.
    """
    ticks = 0
    is_over = Event()

    def tick() -> None:
        nonlocal ticks
        while not is_over.wait(_TICK):
            ticks += 1

    clock = Thread(target=tick, daemon=True)
    clock.start()
    try:
        yield
    finally:
        is_over.set()
        clock.join()
    took = ticks * _TICK
    assert took < seconds, f"took {took:.2f} s, allowed {seconds} s"


def wait_settings(connection) -> list[tuple]:
    """How long the connection waits for locks, as the server tells."""
    with connection.cursor() as cursor:
        match connection.vendor:
            case "postgresql":
                cursor.execute("SELECT current_setting('lock_timeout')")
            case "mysql":
                cursor.execute("SELECT @@innodb_lock_wait_timeout, @@lock_wait_timeout")
            case _:
                cursor.execute("PRAGMA busy_timeout")
        return [tuple(row) for row in cursor.fetchall()]
