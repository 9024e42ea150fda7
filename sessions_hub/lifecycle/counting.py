"""Counting events in a window of time: in the cache, and per process while there is none."""

from __future__ import annotations

import logging
import os
from datetime import timedelta
from threading import Lock
from time import monotonic
from typing import NamedTuple

from django.core.cache import cache

from sessions_hub.logs import log_once_a_minute

_MOST_KEYS = 10_000

logger = logging.getLogger(__name__)

_lock = Lock()
# Key → when its window ends, and the events in it.
_counted: dict[str, tuple[float, int]] = {}


def _renew_lock() -> None:
    # A thread that holds it while another forks is not there in the child.
    global _lock
    _lock = Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_lock)


class Count(NamedTuple):
    """How often something has happened in its window, this time included."""

    events: int
    # False where every process counts for itself.
    is_shared: bool


def count(key: str, window: timedelta) -> Count:
    """Count one event; the window begins with its first.

    Before whatever is being counted is looked at: parallel ones cannot pass together.
    """
    try:
        cache.add(key, 0, timeout=window.total_seconds())
        # ValueError: the cache has not kept what was just put there.
        return Count(int(cache.incr(key)), is_shared=True)
    except Exception:  # noqa: BLE001
        log_once_a_minute(
            logger,
            logging.ERROR,
            "attempts",
            "The cache does not count attempts; each process counts for itself.",
            exc_info=True,
        )
        return Count(_count_here(key, window), is_shared=False)


def forget(key: str) -> None:
    """Begin anew with the next event."""
    with _lock:
        _counted.pop(key, None)
    try:
        cache.delete(key)
    except Exception:  # noqa: BLE001
        log_once_a_minute(
            logger, logging.WARNING, "forget", "Attempts could not be forgotten.", exc_info=True
        )


def _count_here(key: str, window: timedelta) -> int:
    now = monotonic()
    with _lock:
        until, events = _counted.get(key, (0.0, 0))
        if now >= until:
            if key not in _counted and len(_counted) >= _MOST_KEYS:
                _make_room(now)
            until, events = now + window.total_seconds(), 0
        _counted[key] = (until, events + 1)
    return events + 1


def _make_room(now: float) -> None:
    for key in [key for key, (until, _events) in _counted.items() if now >= until]:
        del _counted[key]
    if len(_counted) >= _MOST_KEYS:
        # Full of accounts under attack: the one that is free soonest makes room.
        del _counted[min(_counted, key=lambda key: _counted[key][0])]
