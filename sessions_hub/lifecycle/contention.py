"""Which database errors mean that others were at work on the rows, and nothing worse."""

from __future__ import annotations

from django.db import Error, OperationalError

# lock_not_available, deadlock_detected, serialization_failure.
_POSTGRESQL = frozenset({"55P03", "40P01", "40001"})
# Lock wait timeout, deadlock, NOWAIT (MySQL), record changed since it was read.
_MYSQL = frozenset({1205, 1213, 3572, 1020})
# SQLITE_BUSY, SQLITE_LOCKED.
_SQLITE = frozenset({5, 6})


def is_contention(error: OperationalError) -> bool:
    """Whether a lock was not to be had, so that the same statement may succeed later."""
    return has_code(error, _POSTGRESQL, _MYSQL, _SQLITE)


def is_deadlock(error: OperationalError) -> bool:
    """Whether a transaction was given up for another's sake, and may be tried again at once."""
    return has_code(error, frozenset({"40P01"}), frozenset({1213}), frozenset())


def has_code(
    error: Error,
    postgresql: frozenset[str],
    mysql: frozenset[int],
    sqlite: frozenset[int],
) -> bool:
    """Whether the error has one of these codes.

    Django passes the driver's error on as the cause: PostgreSQL's has an SQLSTATE,
    SQLite's a result code. MariaDB and MySQL name their error number first.
    """
    cause = error.__cause__
    # psycopg 3, psycopg 2.
    state = getattr(cause, "sqlstate", None) or getattr(cause, "pgcode", None)
    if state is not None:
        return state in postgresql
    code = getattr(cause, "sqlite_errorcode", None)
    if code is not None:
        # Above the lowest eight bits an extended code says more.
        return code & 0xFF in sqlite
    return bool(error.args) and error.args[0] in mysql
