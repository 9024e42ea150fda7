"""Log lines for what may go wrong on every request but should be said only now and then."""

from __future__ import annotations

import logging
import os
from threading import Lock
from time import monotonic

_INTERVAL = 60.0
_MAX_KEYS = 256

_lock = Lock()
_last: dict[tuple[str, str], float] = {}


def _renew_lock() -> None:
    global _lock
    _lock = Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_lock)


def log_once_a_minute(
    logger: logging.Logger,
    level: int,
    key: str,
    message: str,
    *args: object,
    exc_info: bool = False,
) -> bool:
    """Log `message % args` unless `key` was logged by `logger` within the last minute.

    Per process. Returns whether the line was logged.
    """
    now = monotonic()
    name = (logger.name, key)
    with _lock:
        last = _last.get(name)
        if last is not None and now - last < _INTERVAL:
            return False
        if len(_last) >= _MAX_KEYS:
            _last.clear()
        _last[name] = now
    logger.log(level, message, *args, exc_info=exc_info, stacklevel=2)
    return True
