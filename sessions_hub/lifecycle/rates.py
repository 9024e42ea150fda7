"""How often somebody may ask for something: SESSIONS_HUB_THROTTLES, whatever face asks."""

from __future__ import annotations

from datetime import timedelta

from sessions_hub.conf import conf

from . import counting
from .digests import ATTEMPTS, digest

CREATE = "create"

PERIODS = {
    "second": timedelta(seconds=1),
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
}


def parse_rate(rate: str) -> tuple[int, timedelta]:
    """`10/minute` as a number and a period. Raises ValueError for what is no rate."""
    number, _slash, period = rate.partition("/")
    if not number.isascii() or not number.isdigit() or period not in PERIODS or int(number) < 1:
        raise ValueError(f"Not a rate: {rate!r}. Write it as 10/minute.")
    return int(number), PERIODS[period]


def wait_for(scope: str, who: str) -> timedelta | None:
    """Count one request of `who`; how long to wait where it was one too many, else None.

    In fixed windows. While the cache does not count, every process does.
    """
    rate = conf.SESSIONS_HUB_THROTTLES.get(scope)
    if rate is None:
        return None
    most, period = parse_rate(rate)
    key = digest(ATTEMPTS, "throttle", scope, who)
    counted = counting.count(f"sessions_hub:throttle:{key}", period)
    return None if counted.events <= most else period
