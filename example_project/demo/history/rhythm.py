"""When people sign in: the hours and weekdays of each form of client."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from example_project.demo.draw import Draw

from .clients import DESK, PHONE, TABLET

WEEKS = 8
# Sign-ins of the last minutes are the story's.
QUIET = timedelta(minutes=10)

# Monday first.
DAYS = {
    DESK: (12, 11, 11, 11, 9, 1.5, 1.2),
    PHONE: (8, 8, 8, 8, 9, 10, 9),
    TABLET: (5, 5, 5, 5, 6, 12, 12),
}
# From midnight on, in the time of the town.
HOURS: Mapping[str, tuple[float, ...]] = {
    DESK: (0.1, 0, 0, 0, 0.1, 0.5, 2, 8, 20, 22, 16, 10, 7, 14, 14, 12, 10, 6, 3, 2, 2, 2, 1, 0.5),
    PHONE: (1, 0.5, 0.2, 0.2, 0.3, 1, 4, 8, 9, 6, 5, 5, 8, 7, 5, 5, 6, 8, 9, 10, 11, 10, 6, 3),
    TABLET: (0.5, 0.1, 0, 0, 0, 0.2, 1, 3, 4, 4, 4, 4, 4, 4, 4, 4, 5, 6, 9, 13, 15, 13, 8, 2),
}  # fmt: skip


def start_of(now: datetime) -> datetime:
    """When the history begins."""
    return now - timedelta(weeks=WEEKS)


def moments(draw: Draw, form: str, zone: ZoneInfo, now: datetime, count: int) -> list[datetime]:
    """`count` moments at which a client of this form signs in somewhere, in UTC.

    A site that is growing: the last day has half as many again as the first.
    """
    start, first = start_of(now), start_of(now).astimezone(zone).date()
    number_of_days = WEEKS * 7 + 1
    days = [first + timedelta(days=number) for number in range(number_of_days)]
    weights = {
        day: DAYS[form][day.weekday()] * (1 + number / number_of_days / 2)
        for number, day in enumerate(days)
    }
    hours = dict(enumerate(HOURS[form]))
    found: list[datetime] = []
    # Some moments lie before the first or after the last: others are drawn for them.
    while len(found) < count:
        at = draw.numbers.randrange(3600 * 1_000_000)
        local = datetime.combine(draw.one(weights), time(draw.one(hours)), zone)
        moment = local.astimezone(UTC) + timedelta(microseconds=at)
        if start <= moment <= now - QUIET:
            found.append(moment)
    return found
