"""Verdicts without a query: copies of rows in the cache that SESSIONS_HUB_CACHE names.

The cache can only say yes. Whatever is missing, unreadable, too old or would refuse the
request is asked of the database, so no fault of the cache signs anybody out, and none
lets anybody in for longer than a copy lasts (see `tombstones`):

- a copy is added only, never set, so it cannot replace a tombstone;
- it carries the time until which it is good: SESSIONS_HUB_CACHE_TTL after the moment
  before its row was read, and never past a limit of the session or its next touch;
- inside a transaction the database is asked: it may hold what others cannot see yet, or
  see what others have replaced.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache as once
from time import monotonic
from typing import Any, NamedTuple
from uuid import UUID
from zlib import crc32

from django.db import connections, models

from sessions_hub import telemetry, tombstones
from sessions_hub.conf import conf
from sessions_hub.logs import log_once_a_minute
from sessions_hub.models import Session

from .policy import Verdict, evaluate, touch_interval
from .verdicts import VerdictRow, fetch_verdict

logger = logging.getLogger(__name__)

# After a failure the cache is left alone so long (seconds, per process): waiting for one
# that is down would cost every request its timeout.
_REST = 5.0
_SHORTEST = timedelta(seconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)

_NOTHING = object()
_rests_until = 0.0


def fetch(
    session_id: UUID, user_id: str | None, generation: int | None, alias: str, now: datetime
) -> VerdictRow | None:
    """The verdict row of a session, from the cache where that lets the request in.

    `user_id` and `generation` are what the request presents, None where nothing does.
    `now` is the current time: a copy made here counts from it. Raises what
    `fetch_verdict()` raises, and nothing because of the cache.
    """
    if conf.SESSIONS_HUB_CACHE is None or monotonic() < _rests_until or _in_transaction(alias):
        return _from_database(session_id, alias)
    began = telemetry.clock()
    key = tombstones.key_of(session_id)
    found = _get(key)
    copy = unpack(found, session_id, now) if isinstance(found, str) else None
    if (
        copy is not None
        and user_id in (None, str(copy.user_id))
        and evaluate(copy, now, generation) is Verdict.VALID
    ):
        telemetry.verdict(began, "cache")
        return copy
    row = _from_database(session_id, alias)
    if found is _NOTHING and row is not None:
        _add(key, row, now)
    return row


def _from_database(session_id: UUID, alias: str) -> VerdictRow | None:
    began = telemetry.clock()
    row = fetch_verdict(session_id, alias)
    telemetry.verdict(began, "database")
    return row


def _in_transaction(alias: str) -> bool:
    connection = connections[alias]
    return (
        connection.in_atomic_block
        or not connection.settings_dict["AUTOCOMMIT"]
        or (connection.connection is not None and not connection.autocommit)
    )


def _get(key: str) -> Any:
    global _rests_until
    try:
        return tombstones.cache().get(key, _NOTHING)
    except Exception:  # noqa: BLE001
        _rests_until = monotonic() + _REST
        _say("read")
    return None


def _add(key: str, row: VerdictRow, now: datetime) -> None:
    global _rests_until
    try:
        good_until = _good_until(row, now)
        if row.ended_at is None and good_until - now >= _SHORTEST:
            timeout = int((good_until - now).total_seconds())
            tombstones.cache().add(key, pack(row, good_until), timeout=timeout)
    except Exception:  # noqa: BLE001
        _rests_until = monotonic() + _REST
        _say("written")


def _say(done: str) -> None:
    log_once_a_minute(
        logger,
        logging.WARNING,
        done,
        f"The cache of verdicts could not be {done}; the database is asked instead.",
        exc_info=True,
    )


def _good_until(row: VerdictRow, now: datetime) -> datetime:
    interval = touch_interval(conf.SESSIONS_HUB_TOUCH_INTERVAL, row.idle_timeout)
    # Once a touch is due, a copy would make every request touch again.
    return min(
        now + tombstones.ttl(), row.expires_at, row.idle_expires_at, row.last_used_at + interval
    )


# -- Copies as text --------------------------------------------------------------------


class _Column(NamedTuple):
    """How the values of a column are written in JSON, and read again."""

    is_null: bool
    type: type
    pack: Callable[[Any], Any]
    unpack: Callable[[Any], Any]


def pack(row: VerdictRow, good_until: datetime) -> str:
    """A row as text. Raises ValueError where it could not be read again as it was."""
    values = [
        None if value is None else column.pack(value)
        for column, value in zip(_columns(), row[1:], strict=True)
    ]
    text = json.dumps([_layout(), row.id.hex, _to_ticks(good_until), *values])
    if unpack(text, row.id, good_until - _TICK) != row:
        raise ValueError("A row would not be read as it was written.")
    return text


def unpack(text: str, session_id: UUID, now: datetime) -> VerdictRow | None:
    """The row in a text made by `pack()`; None where it is of no use at `now`.

    That is one whose time is up, or that claims more time than any may have; another
    session's, one of another release, and what was never packed.
    """
    try:
        layout, owner, good_until, *packed = json.loads(text)
        if layout != _layout() or owner != session_id.hex or type(good_until) is not int:
            return None
        if not now < _from_ticks(good_until) <= now + tombstones.ttl():
            return None
        values = [_read(column, value) for column, value in zip(_columns(), packed, strict=True)]
    except Exception:  # noqa: BLE001
        # Anything may stand under a key of a shared cache.
        return None
    return VerdictRow(session_id, *values)


def _read(column: _Column, value: Any) -> Any:
    if value is None and column.is_null:
        return None
    if type(value) is not column.type:
        raise ValueError("A value of another type.")
    return column.unpack(value)


@once
def _columns() -> list[_Column]:
    return [_column(Session._meta.get_field(name)) for name in VerdictRow._fields[1:]]


@once
def _layout() -> str:
    # Another release that judges by other columns reads past this one's copies.
    return f"1-{crc32(','.join(VerdictRow._fields).encode()):08x}"


def _column(field: Any) -> _Column:
    match field:
        case models.DateTimeField():
            return _Column(field.null, int, _to_ticks, _from_ticks)
        case models.DurationField():
            return _Column(field.null, int, lambda value: value // _TICK, lambda n: n * _TICK)
        case models.UUIDField():
            return _Column(field.null, str, lambda value: value.hex, UUID)
        case models.ForeignKey():
            key = field.target_field
            return _Column(field.null, str, str, key.to_python)
        case models.IntegerField():
            return _Column(field.null, int, int, int)
        case models.CharField():
            return _Column(field.null, str, str, str)
    raise TypeError(f"{field} has no form in the cache yet.")


def _to_ticks(value: datetime) -> int:
    return (value - _EPOCH) // _TICK


def _from_ticks(ticks: int) -> datetime:
    return _EPOCH + ticks * _TICK
