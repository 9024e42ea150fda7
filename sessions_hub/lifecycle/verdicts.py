"""The one SELECT of an enforced request, without the ORM's cost per query.

Django's compiler writes the SQL once per database; its converters are kept,
since UUIDs and times differ between databases.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connections

from sessions_hub.models import Session


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


class _Compiled(NamedTuple):
    sql: str
    # Position → the functions that turn the driver's value into Python's.
    converters: list[tuple[int, list[Callable[..., Any]], Any]]


_compiled: dict[tuple[str, str], _Compiled] = {}


def fetch_verdict(session_id: UUID, alias: str) -> VerdictRow | None:
    """The verdict row of a session, or None when there is no such row.

    Raises django.db.DatabaseError as any query does.
    """
    connection = connections[alias]
    key = (alias, connection.vendor)
    if (compiled := _compiled.get(key)) is None:
        compiled = _compiled[key] = _compile(alias)
    pk = Session._meta.pk.get_db_prep_value(session_id, connection)
    with connection.cursor() as cursor:
        cursor.execute(compiled.sql, (pk,))
        values = cursor.fetchone()
    if values is None:
        return None
    row = list(values)
    for position, functions, expression in compiled.converters:
        value = row[position]
        for function in functions:
            value = function(value, expression, connection)
        row[position] = value
    return VerdictRow._make(row)


def _compile(alias: str) -> _Compiled:
    # Plain columns only: a values_list() of them needs no more than their converters.
    rows = Session._base_manager.using(alias).filter(pk=UUID(int=0))
    compiler = rows.values_list(*VerdictRow._fields).query.get_compiler(alias)
    sql, _params = compiler.as_sql()
    expressions = [column for column, _sql, _alias in compiler.select]
    converters = compiler.get_converters(expressions)
    return _Compiled(
        sql,
        [
            (position, list(functions), expression)
            for position, (functions, expression) in converters.items()
        ],
    )
