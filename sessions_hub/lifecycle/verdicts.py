"""The one SELECT of an enforced request, without the ORM's cost per query.

Django's compiler writes the SQL once per database; its converters are kept,
since UUIDs and times differ between databases.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from operator import methodcaller
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connections

from sessions_hub.conf import conf
from sessions_hub.models import Session

from .guard import bounded_write, milliseconds_of, seconds_of


class VerdictRow(NamedTuple):
    """The columns a request is judged by."""

    id: UUID
    user_id: Any
    session_type: str
    assurance_level: int
    fully_authenticated_at: datetime
    last_used_at: datetime
    expires_at: datetime
    idle_timeout: timedelta | None
    idle_expires_at: datetime
    ended_at: datetime | None
    generation: int
    generation_changed_at: datetime | None
    credentials_digest: str
    current_fingerprint: str
    proof_required_at: datetime | None


def is_held(row: VerdictRow | Session) -> bool:
    """Whether the session has to be proven again before it may do anything else."""
    return row.proof_required_at is not None and conf.SESSIONS_HUB_ENFORCE


# Position → the functions that turn the driver's value into Python's.
Converters = list[tuple[int, list[Callable[..., Any]], Any]]


class _Compiled(NamedTuple):
    sql: str
    converters: Converters


_compiled: dict[tuple[str, str], _Compiled] = {}


def fetch_verdict(session_id: UUID, alias: str) -> VerdictRow | None:
    """The verdict row of a session, or None when there is no such row.

    Raises django.db.DatabaseError as any query does, and when the table is locked
    for longer than SESSIONS_HUB_LOCK_TIMEOUT.
    """
    connection = connections[alias]
    key = (alias, connection.vendor)
    if (compiled := _compiled.get(key)) is None:
        compiled = _compiled[key] = _compile(alias)
    pk = Session._meta.pk.get_db_prep_value(session_id, connection)
    values = fetch_row(connection, compiled.sql, (pk,), alias)
    if values is None:
        return None
    row = list(values)
    for position, functions, expression in compiled.converters:
        if (value := row[position]) is not None:
            for function in functions:
                value = function(value, expression, connection)
            row[position] = value
    return VerdictRow(session_id, *row)


def fetch_row(connection: Any, sql: str, params: tuple[Any, ...], alias: str) -> Any:
    """Run a SELECT so that a locked table does not hang the request, in one round trip.

    Returns the first row as the driver gives it, or None.
    """
    return _fetched(connection, sql, params, alias, _FIRST)


def fetch_rows(connection: Any, sql: str, params: tuple[Any, ...], alias: str) -> Any:
    """All rows of a SELECT run as by `fetch_row()`."""
    return _fetched(connection, sql, params, alias, _ALL)


_FIRST = methodcaller("fetchone")
_ALL = methodcaller("fetchall")


def _fetched(
    connection: Any, sql: str, params: tuple[Any, ...], alias: str, fetch: methodcaller
) -> Any:
    bound = ""
    if connection.vendor == "postgresql" and not connection.in_atomic_block:
        if connection.settings_dict["OPTIONS"].get("server_side_binding"):
            # Its protocol takes one statement at a time.
            with bounded_write(alias), connection.cursor() as cursor:
                cursor.execute(sql, params)
                return fetch(cursor)
        # Statements sent together are one transaction: SET LOCAL ends with it.
        wait = milliseconds_of(conf.SESSIONS_HUB_LOCK_TIMEOUT)
        bound = f"SET LOCAL lock_timeout = {wait}; "
    elif connection.vendor == "mysql" and connection.mysql_is_mariadb:
        wait = seconds_of(conf.SESSIONS_HUB_LOCK_TIMEOUT)
        bound = f"SET STATEMENT lock_wait_timeout = {wait} FOR "
    with connection.cursor() as cursor:
        cursor.execute(bound + sql, params)
        if bound and cursor.description is None:
            # psycopg 3 hands out one result after the other.
            cursor.nextset()
        return fetch(cursor)


def _compile(alias: str) -> _Compiled:
    # Plain columns only: a values_list() of them needs no more than their converters.
    rows = Session._base_manager.using(alias).filter(pk=UUID(int=0))
    # The id is known already.
    compiler = rows.values_list(*VerdictRow._fields[1:]).query.get_compiler(alias)
    sql, _params = compiler.as_sql()
    # One table: its name before every column would be sent for nothing.
    table = connections[alias].ops.quote_name(Session._meta.db_table)
    sql = sql.replace(f"{table}.", "")
    return _Compiled(sql, converters_of(compiler))


def converters_of(compiler: Any) -> Converters:
    """The converters of the columns of a compiled SELECT."""
    converters = compiler.get_converters([column for column, _sql, _alias in compiler.select])
    return [
        (position, list(functions), expression)
        for position, (functions, expression) in converters.items()
    ]
