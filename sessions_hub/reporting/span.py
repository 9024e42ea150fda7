"""A span of whole days in somebody's time zone, as ranges of ids."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Any
from uuid import UUID

from django.db.models import Case, IntegerField, Q, Value, When

from sessions_hub.models.ids import first_id_at

# One leap year.
LONGEST = 366


@dataclass(frozen=True, slots=True)
class Span:
    """The days from `first` to `last`, both included, as they begin and end in `zone`."""

    first: date
    last: date
    zone: tzinfo

    @property
    def days(self) -> tuple[date, ...]:
        """Every day of the span, the oldest first."""
        return tuple(
            self.first + timedelta(days=number)
            for number in range((self.last - self.first).days + 1)
        )

    @property
    def starts(self) -> tuple[datetime, ...]:
        """When each day begins, and when the last one ends."""
        days = (*self.days, self.last + timedelta(days=1))
        return tuple(datetime(day.year, day.month, day.day, tzinfo=self.zone) for day in days)

    def ids(self, column: str = "pk") -> Q:
        """The rows whose id in `column` carries a time of this span: a range of an index."""
        starts = self.starts
        first, end = first_id_at(starts[0]), first_id_at(starts[-1])
        return Q(**{f"{column}__gte": first, f"{column}__lt": end})


def day_number(span: Span, column: str = "pk", floor: UUID | datetime | None = None) -> Any:
    """The number of a row's day in the span, from 0, told by its id or the time in `column`.

    Not the database's own truncation: MariaDB knows time zones only where their tables
    were loaded. The starts of the days, compared as in a binary search, are exact in
    every zone and through every change of the clocks. Days before `floor`, where no row
    is, are not asked about.
    """
    starts: Sequence[Any] = span.starts[1:-1]
    if column == "pk":
        starts = [first_id_at(start) for start in starts]
    passed = 0 if floor is None else sum(start <= floor for start in starts)
    return _search(column, starts[passed:], passed)


def _search(column: str, bounds: Sequence[Any], offset: int) -> Any:
    """Which of the parts that `bounds` cut the values into, counted from `offset`."""
    if not bounds:
        return Value(offset, output_field=IntegerField())
    middle = len(bounds) // 2
    return Case(
        When(**{f"{column}__lt": bounds[middle]}, then=_search(column, bounds[:middle], offset)),
        default=_search(column, bounds[middle + 1 :], offset + middle + 1),
        output_field=IntegerField(),
    )
