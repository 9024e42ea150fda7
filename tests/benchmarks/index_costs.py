"""What each index of the hub takes: bytes, and the share of an INSERT that it costs.

`REASONS` says what each is for. An index without a reason stops the report.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from django.apps import apps
from django.db import connection, transaction

# The start of an index's name (its tail may be a digest of Django's) → why it is there.
REASONS = {
    "sessions_hub_session_pkey": "verdicts, pages by id, every span of days",
    "sessions_hub_session_user": "a user's own list, limits, the end of all of them, by id",
    "sessions_hub_session_ended": "pruning; the sweep over those not ended; ends of a span",
    "sessions_hub_session_ip": "staff looking for an address or a network",
    "sessions_hub_session_django_key": "adoption makes one row of a Django session",
    "sessions_hub_session_ended_by_id": "SET_NULL when the one who ended is deleted",
    "sessions_hub_session_impersonator_id": "SET_NULL; the impersonations of a member of staff",
    "sessions_hub_device_pkey": "a device by its id; new devices of a span of days",
    "sessions_hub_device_key": "the cookie finds its device at a sign-in",
    "sessions_hub_device_user_id": "a user's own list of devices",
    "sessions_hub_sessiondevice_pkey": "a place is updated by its id",
    "sessions_hub_sessiondevice_once": "one row for each place; the places of a session",
    "sessions_hub_sessiondevice_device_id": "the sessions of a device; forgetting one",
    "sessions_hub_authenticationmethod_pkey": "a proof is taken back by its id",
    "sessions_hub_authenticationmethod_session_id": "the proofs of a session",
}
# Rows of the INSERT that is measured, and what makes copies of old rows new ones.
ROWS = 5_000
_NEW_ID = "overlay(id::text PLACING 'f' FROM 16)::uuid"
_NEW = {"id": _NEW_ID, "fingerprint": "reverse(fingerprint)"}
_MODELS = ("session", "sessiondevice", "authenticationmethod", "device")


@dataclass(frozen=True, slots=True)
class IndexCost:
    """An index: its bytes, and what one row costs more with it."""

    table: str
    name: str
    columns: str
    size: int
    rows: int
    microseconds: float
    buffers: float
    wal_bytes: float

    @property
    def reason(self) -> str:
        """What it is for. Raises KeyError for one nobody has justified."""
        return reason_of(self.name)


@dataclass(frozen=True, slots=True)
class TableSize:
    """A table: rows, bytes of rows (with their free room and TOAST), and of all indexes."""

    table: str
    rows: int
    heap: int
    indexes: int


def reason_of(name: str) -> str:
    """The longest start of `name` that has a reason. Raises KeyError."""
    starts = [start for start in REASONS if name == start or name.startswith(f"{start}_")]
    if not starts:
        raise KeyError(f"{name}: say in REASONS what this index is for, or drop it.")
    return REASONS[max(starts, key=len)]


def table_sizes() -> list[TableSize]:
    """Of every table that `seed.py` fills."""
    found = []
    with connection.cursor() as cursor:
        for table in _tables():
            cursor.execute(
                f"SELECT (SELECT count(*) FROM {table}), pg_table_size('{table}'),"
                f" pg_indexes_size('{table}')"
            )
            found.append(TableSize(table, *cursor.fetchone()))
    return found


def index_costs(rounds: int) -> list[IndexCost]:
    """Of every index, from an INSERT with all of them and one with all the others."""
    costs = []
    with connection.cursor() as cursor:
        for table in _tables():
            cursor.execute(f"SELECT count(*) FROM {table}")
            rows = cursor.fetchone()[0]
            indexes = _indexes(cursor, table)
            drops = [None, *(drop for _name, _columns, _size, drop in indexes)]
            taken: dict[str | None, list[tuple[float, float, float]]] = {drop: [] for drop in drops}
            for number in range(rounds + 1):
                for drop in drops:
                    one = _insert(cursor, table, drop)
                    if number:
                        taken[drop].append(one)
            whole = _medians(taken[None])
            for name, columns, size, drop in indexes:
                rest = _medians(taken[drop])
                more = [(a - b) / min(ROWS, rows) for a, b in zip(whole, rest, strict=True)]
                costs.append(IndexCost(table, name, columns, size, rows, *more))
    return costs


def _tables() -> list[str]:
    return [apps.get_model("sessions_hub", name)._meta.db_table for name in _MODELS]


def _indexes(cursor: Any, table: str) -> list[tuple[str, str, int, str]]:
    """Name, columns, bytes, and the statement that takes the index away."""
    cursor.execute(
        "SELECT index.relname, (SELECT string_agg(pg_get_indexdef(i.indexrelid, n, true), ', '"
        " ORDER BY n) FROM generate_series(1, i.indnkeyatts) n), pg_relation_size(i.indexrelid),"
        " coalesce((SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I CASCADE',"
        " conrelid::regclass, conname) FROM pg_constraint"
        " WHERE conindid = i.indexrelid AND contype IN ('p', 'u')),"
        " format('DROP INDEX %%I', index.relname))"
        " FROM pg_index i JOIN pg_class index ON index.oid = i.indexrelid"
        " WHERE i.indrelid = %s::regclass ORDER BY 1",
        [table],
    )
    found: list[tuple[str, str, int, str]] = cursor.fetchall()
    return found


def _insert(cursor: Any, table: str, drop: str | None) -> tuple[float, float, float]:
    """Microseconds, pages and bytes of WAL of the INSERT, which is taken back."""
    names = [
        column.name for column in connection.introspection.get_table_description(cursor, table)
    ]
    written = ", ".join(f'"{name}"' for name in names)
    values = ", ".join(_NEW.get(name, f'"{name}"') for name in names)
    with transaction.atomic():
        # Read first: neither the reading nor the first look at a page is the index's.
        cursor.execute(
            f"CREATE TEMP TABLE copied ON COMMIT DROP AS SELECT * FROM {table}"
            f" ORDER BY id DESC LIMIT {ROWS}"
        )
        if drop:
            cursor.execute(drop)
        cursor.execute(
            "EXPLAIN (ANALYZE, BUFFERS, WAL, FORMAT JSON)"
            f" INSERT INTO {table} ({written}) SELECT {values} FROM copied"
        )
        answer = cursor.fetchone()[0]
        transaction.set_rollback(True)
    found = (answer if isinstance(answer, list) else json.loads(answer))[0]
    plan = found["Plan"]
    pages = plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
    return found["Execution Time"] * 1000, pages, plan["WAL Bytes"]


def _medians(taken: Sequence[tuple[float, float, float]]) -> list[float]:
    return [median(column) for column in zip(*taken, strict=True)]
