"""What a run of reparsesessions did, summed up over its batches and printed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from sessions_hub.lifecycle.reparse import TABLES, Batch

from .tables import Out, print_table

# The columns whose most common changes are shown, and how many of these.
SHOWN = ("os_name", "client_name", "device_type")
MOST_COMMON = 10
# Clients may make up names without end.
_MOST_PAIRS = 10_000

_HEADERS = (
    "table",
    "read",
    "changed",
    "unchanged",
    "no raw value",
    "not recognised",
    "failed",
    "left",
)


@dataclass(slots=True)
class Counts:
    """Rows of one table, or of all."""

    read: int = 0
    changed: int = 0
    # Right already; not those whose client could not be derived.
    unchanged: int = 0
    without_raw: int = 0
    not_recognised: int = 0
    failed: int = 0
    moved: int = 0
    busy: int = 0

    @property
    def left(self) -> int:
        """Rows that differ and were not written, since others were at work on them."""
        return self.moved + self.busy


class Summary:
    """Sums batches up. Its size does not grow with theirs."""

    def __init__(self) -> None:
        self.tables: dict[str, Counts] = {}
        self.columns: Counter[str] = Counter()
        # (column, old value, new value) → rows.
        self.pairs: Counter[tuple[str, str, str]] = Counter()
        # Of the first failure.
        self.error = ""

    def add(self, batch: Batch) -> None:
        """Count one more batch."""
        counts = self.tables.setdefault(batch.cursor.table, Counts())
        counts.read += batch.read
        counts.changed += len(batch.changed)
        counts.unchanged += batch.unchanged
        counts.without_raw += batch.without_raw
        counts.not_recognised += batch.not_recognised
        counts.failed += batch.failed
        counts.moved += batch.moved
        counts.busy += batch.busy
        self.error = self.error or batch.error
        for change in batch.changed:
            self.columns.update(change.changes.keys())
            self.pairs.update(
                (name, change.row[name], change.changes[name])
                for name in SHOWN
                if name in change.changes
            )
        if len(self.pairs) > _MOST_PAIRS:
            self.pairs = Counter(dict(self.pairs.most_common(_MOST_PAIRS // 2)))

    @property
    def total(self) -> Counts:
        """Over all tables."""
        total = Counts()
        for counts in self.tables.values():
            for name in Counts.__slots__:
                setattr(total, name, getattr(total, name) + getattr(counts, name))
        return total

    def print(self, stdout: Out) -> None:
        """Rows per table, rows per column, and the most common changes of names."""
        rows = [_row(table, self.tables.get(table, Counts())) for table in TABLES]
        print_table(stdout, _HEADERS, [*rows, _row("all", self.total)])
        if self.columns:
            stdout.write("\n")
            by_number = sorted(self.columns.items(), key=lambda item: (-item[1], item[0]))
            print_table(
                stdout, ("column", "changed"), [(name, str(number)) for name, number in by_number]
            )
        if self.pairs:
            stdout.write("\n")
            most = sorted(self.pairs.items(), key=lambda item: (-item[1], item[0]))[:MOST_COMMON]
            print_table(
                stdout,
                ("column", "from", "to", "rows"),
                [(*map(_shown, pair), str(number)) for pair, number in most],
            )


def _row(table: str, counts: Counts) -> tuple[str, ...]:
    numbers = (
        counts.read,
        counts.changed,
        counts.unchanged,
        counts.without_raw,
        counts.not_recognised,
        counts.failed,
        counts.left,
    )
    return (table, *map(str, numbers))


def _shown(value: str) -> str:
    return value or "-"
