"""The SELECT that recognises a device, without the ORM's cost per query.

Like the verdict's it is written once per database by Django's compiler. It reads
what tells whether the row is up to date, and makes no model instance.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connections

from sessions_hub.models import Device
from sessions_hub.models.client import ClientColumns

_SEEN = ("pk", "last_seen_at")
# What a sighting may change.
_VALUES = ("key_digest", *(field.attname for field in ClientColumns._meta.local_fields))


@dataclass(frozen=True, slots=True)
class KnownDevice:
    """The columns of a Device row that a sighting is compared with."""

    pk: UUID
    last_seen_at: datetime
    values: dict[str, Any]


class _Compiled(NamedTuple):
    sql: str
    # Position → the functions that turn the driver's value into Python's.
    converters: list[tuple[int, list[Callable[..., Any]], Any]]


# By alias, vendor and the number of digests.
_compiled: dict[tuple[str, str, int], _Compiled | None] = {}


def find_device(user_id: Any, candidates: list[str], alias: str) -> KnownDevice | None:
    """A user's device with one of the key digests; None when there is none, or it is forgotten."""
    connection = connections[alias]
    candidates = list(dict.fromkeys(candidates))
    key = (alias, connection.vendor, len(candidates))
    user = Device._meta.get_field("user").get_db_prep_value(user_id, connection)
    params = (*candidates, user)
    if key not in _compiled:
        _compiled[key] = _compile(user_id, candidates, params, alias)
    if (compiled := _compiled[key]) is None:
        row = _rows(user_id, candidates, alias).first()
    else:
        with connection.cursor() as cursor:
            cursor.execute(compiled.sql, params)
            row = cursor.fetchone()
        if row is not None:
            row = _converted(row, compiled, connection)
    if row is None:
        return None
    pk, last_seen_at, *values = row
    return KnownDevice(pk, last_seen_at, dict(zip(_VALUES, values, strict=True)))


def _converted(row: Any, compiled: _Compiled, connection: Any) -> list[Any]:
    values = list(row)
    for position, functions, expression in compiled.converters:
        for function in functions:
            values[position] = function(values[position], expression, connection)
    return values


def _rows(user_id: Any, candidates: list[str], alias: str) -> Any:
    rows = Device._base_manager.using(alias).filter(key_digest__in=candidates)
    rows = rows.filter(user=user_id).filter(forgotten_at__isnull=True)
    return rows.order_by("pk").values_list(*_SEEN, *_VALUES)


def _compile(
    user_id: Any, candidates: list[str], params: tuple[Any, ...], alias: str
) -> _Compiled | None:
    compiler = _rows(user_id, candidates, alias)[:1].query.get_compiler(alias)
    sql, compiled_params = compiler.as_sql()
    # Else the parameters do not stand in the SQL the way they are passed.
    if tuple(compiled_params) != params:
        return None
    expressions = [column for column, _sql, _alias in compiler.select]
    converters = compiler.get_converters(expressions)
    return _Compiled(
        sql,
        [
            (position, list(functions), expression)
            for position, (functions, expression) in converters.items()
        ],
    )
