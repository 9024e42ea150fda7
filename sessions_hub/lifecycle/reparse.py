"""Deriving the client and place columns of stored rows anew, in bounded batches."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self
from uuid import UUID

from django.db import OperationalError, connections
from django.db.models import Model, QuerySet

from sessions_hub.models import Device, Session, SessionDevice
from sessions_hub.models.client import PlaceColumns
from sessions_hub.models.ids import first_id_at

from .contention import is_contention
from .guard import bounded_write, database
from .rederive import CLIENT_COLUMNS, PLACE_COLUMNS, Sources, rederive

# Smaller than elsewhere: each row may take an UPDATE of its own, and whoever needs a
# row of the batch waits for all of them.
BATCH = 100

# In milliseconds: a day before the last a datetime holds, so that it has a local time
# in every time zone.
_LATEST = 253_402_214_399_000

# In the order they are gone through, by the name a cursor calls them.
TABLES: dict[str, type[Model]] = {
    "session": Session,
    "sessiondevice": SessionDevice,
    "device": Device,
}


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a run has come: the last row looked at. As text `session:<id>`."""

    table: str
    pk: UUID

    @classmethod
    def parse(cls, text: str) -> Self:
        """The cursor that prints as `text`. Raises ValueError."""
        table, _, pk = text.strip().partition(":")
        if table not in TABLES:
            raise ValueError(f"there is no table “{table}”, only {', '.join(TABLES)}")
        return cls(table, UUID(pk))

    def __str__(self) -> str:
        return f"{self.table}:{self.pk}"

    @property
    def made_at(self) -> datetime:
        """When the row was made, by its id, in UTC."""
        # 48 bits of milliseconds: more than a datetime can hold if the id is no UUIDv7.
        return datetime.fromtimestamp(min(self.pk.int >> 80, _LATEST) / 1000, UTC)


@dataclass(frozen=True, slots=True)
class Change:
    """A row as it was read, and the columns that change."""

    row: Mapping[str, Any]
    changes: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What came of one batch of rows.

    `changed` rows were written (in a dry run: would be). `moved` ones were changed
    or deleted by somebody else meanwhile, and `busy` ones were locked: both are
    left as they are. `without_raw`, `not_recognised` and `failed` count rows whose
    client could not be derived and was kept; the sortable keys and the place of such
    a row may change all the same. `unchanged` rows are the others that were right
    already. `error` is the first failure, with its row.
    """

    cursor: Cursor
    read: int
    changed: Sequence[Change]
    moved: int = 0
    busy: int = 0
    unchanged: int = 0
    without_raw: int = 0
    not_recognised: int = 0
    failed: int = 0
    error: str = ""


def reparse(
    sources: Sources,
    *,
    since: datetime | None = None,
    after: Cursor | None = None,
    batch_size: int = BATCH,
    dry_run: bool = False,
) -> Iterator[Batch]:
    """Derive all rows anew with `sources`; yield what came of each batch.

    Of rows made since `since`, by their ids, and behind the cursor `after`. Rows are
    read and parsed outside any transaction; only those that differ are written, and
    of them only the columns that differ, in one short transaction per batch. Running
    again is safe at any time: a row that is right is not written.

    Raises django.db.Error where the database fails; a lock that is not to be had is
    no failure.
    """
    alias = database()
    tables = list(TABLES)
    for table in tables[tables.index(after.table) if after else 0 :]:
        rows = TABLES[table]._base_manager.using(alias).order_by("pk")
        if since is not None:
            rows = rows.filter(pk__gte=first_id_at(since))
        last = after.pk if after and after.table == table else None
        while True:
            page = rows if last is None else rows.filter(pk__gt=last)
            read = list(page.values("pk", *_columns(TABLES[table]))[:batch_size])
            if read:
                last = read[-1]["pk"]
                yield _batch(Cursor(table, last), read, sources, alias, dry_run)
            if len(read) < batch_size:
                break


def count_rows() -> int:
    """How many rows a whole run goes through."""
    alias = database()
    return sum(model._base_manager.using(alias).count() for model in TABLES.values())


def _columns(model: type[Model]) -> tuple[str, ...]:
    return CLIENT_COLUMNS + (PLACE_COLUMNS if issubclass(model, PlaceColumns) else ())


def _batch(
    cursor: Cursor, rows: list[dict[str, Any]], sources: Sources, alias: str, dry_run: bool
) -> Batch:
    answers = [rederive(row, sources) for row in rows]
    errors = [
        f"{type(answer.error).__name__}: {_said(answer.error)} ({Cursor(cursor.table, row['pk'])})"
        for row, answer in zip(rows, answers, strict=True)
        if answer.error is not None
    ]
    changed = [
        Change(row, answer.changes)
        for row, answer in zip(rows, answers, strict=True)
        if answer.changes
    ]
    moved = busy = 0
    if changed and not dry_run:
        changed, moved, busy = _write(TABLES[cursor.table], changed, alias)
    return Batch(
        cursor=cursor,
        read=len(rows),
        changed=changed,
        moved=moved,
        busy=busy,
        unchanged=sum(not (answer.changes or answer.is_kept) for answer in answers),
        without_raw=sum(answer.without_raw for answer in answers),
        not_recognised=sum(answer.not_recognised for answer in answers),
        failed=len(errors),
        error=errors[0] if errors else "",
    )


def _said(error: Exception) -> str:
    # A backend's own exceptions may not even be able to say what they are.
    try:
        return str(error)
    except Exception:  # noqa: BLE001
        return "(it cannot be shown)"


def _write(model: type[Model], changes: list[Change], alias: str) -> tuple[list[Change], int, int]:
    """Write; return what was written, how many had moved and how many were busy.

    Rows another transaction holds do not stall the rest: they are waited for at the
    end, no longer than SESSIONS_HUB_LOCK_TIMEOUT.
    """
    skips = connections[alias].features.has_select_for_update_skip_locked
    try:
        written, left = _write_unmoved(model, changes, alias, skip_locked=skips)
        if not (left and skips):
            return written, len(left), 0
    except OperationalError as error:
        if not is_contention(error):
            raise
        # The table is locked, or on SQLite somebody else wrote first.
        written, left = [], changes
    try:
        late, left = _write_unmoved(model, left, alias)
    except OperationalError as error:
        if not is_contention(error):
            raise
        return written, 0, len(left)
    return written + late, len(left), 0


def _write_unmoved(
    model: type[Model], changes: list[Change], alias: str, *, skip_locked: bool = False
) -> tuple[list[Change], list[Change]]:
    """Write the rows that still are as they were read; return them, and the others."""
    # Of PostgreSQL's locks the one an UPDATE takes: a sign-in that refers to the row
    # does not wait for us, nor we for it.
    no_key = connections[alias].features.has_select_for_no_key_update
    rows: QuerySet[Any] = model._base_manager.using(alias)
    with bounded_write(alias):
        mine = rows.filter(pk__in=[change.row["pk"] for change in changes]).order_by("pk")
        mine = mine.select_for_update(skip_locked=skip_locked, no_key=no_key)
        stored = {row["pk"]: row for row in mine.values("pk", *_columns(model))}
        written = [change for change in changes if stored.get(change.row["pk"]) == change.row]
        # Clients are much alike: far fewer statements than rows.
        alike: defaultdict[tuple[tuple[str, Any], ...], list[UUID]] = defaultdict(list)
        for change in written:
            alike[tuple(change.changes.items())].append(change.row["pk"])
        for values, ids in alike.items():
            rows.filter(pk__in=ids).update(**dict(values))
    done = {change.row["pk"] for change in written}
    return written, [change for change in changes if change.row["pk"] not in done]
