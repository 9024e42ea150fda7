"""How often an account may be asked in vain (NIST SP 800-63B-4 §3.2.2: at most 100 times)."""

from __future__ import annotations

import logging
from datetime import timedelta
from threading import Lock
from time import monotonic
from typing import Any

from django.core.cache import cache

from sessions_hub.conf import conf
from sessions_hub.logs import log_once_a_minute

from .digests import ATTEMPTS, digest

WINDOW = timedelta(minutes=15)
# Without a cache every process counts for itself, so each allows less.
WITHOUT_A_CACHE = 3
_MOST_ACCOUNTS = 10_000

logger = logging.getLogger(__name__)

_lock = Lock()
# Key → when its window ends, and the attempts in it.
_counted: dict[str, tuple[float, int]] = {}


def of_password(user_id: Any) -> str:
    """What counts the wrong passwords of an account, whoever asks for them."""
    return f"password:{user_id}"


def of_factor(user_id: Any) -> str:
    """What counts the wrong codes and keys of an account, whoever asks for them."""
    return f"factor:{user_id}"


def may_try(user_id: Any) -> bool:
    """Count one attempt of an account, or of one of its secrets; False after too many in vain.

    Counted before the secret is looked at, so that parallel attempts cannot pass
    together. The window begins with the first attempt after a success.
    """
    key = _key(user_id)
    try:
        cache.add(key, 0, timeout=WINDOW.total_seconds())
        # ValueError: the cache has not kept what was just put there.
        return int(cache.incr(key)) <= conf.SESSIONS_HUB_REAUTHENTICATE_ATTEMPTS
    except Exception:  # noqa: BLE001
        log_once_a_minute(
            logger,
            logging.ERROR,
            "attempts",
            "The cache does not count attempts; each process allows %d.",
            WITHOUT_A_CACHE,
            exc_info=True,
        )
        return _count_here(key)


def succeeded(user_id: Any) -> None:
    """Forget an account's failures: only consecutive ones count."""
    key = _key(user_id)
    with _lock:
        _counted.pop(key, None)
    try:
        cache.delete(key)
    except Exception:  # noqa: BLE001
        log_once_a_minute(
            logger, logging.WARNING, "forget", "Attempts could not be forgotten.", exc_info=True
        )


def _count_here(key: str) -> bool:
    now = monotonic()
    allowed = min(WITHOUT_A_CACHE, conf.SESSIONS_HUB_REAUTHENTICATE_ATTEMPTS)
    with _lock:
        until, count = _counted.get(key, (0.0, 0))
        if now >= until:
            if key not in _counted and len(_counted) >= _MOST_ACCOUNTS:
                _make_room(now)
            until, count = now + WINDOW.total_seconds(), 0
        _counted[key] = (until, count + 1)
    return count < allowed


def _make_room(now: float) -> None:
    for key in [key for key, (until, _count) in _counted.items() if now >= until]:
        del _counted[key]
    if len(_counted) >= _MOST_ACCOUNTS:
        # Full of accounts under attack: the one that is free soonest makes room.
        del _counted[min(_counted, key=lambda key: _counted[key][0])]


def _key(user_id: Any) -> str:
    return f"sessions_hub:attempts:{digest(ATTEMPTS, str(user_id))}"
