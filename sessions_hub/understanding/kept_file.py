"""A file that is opened once, kept, and opened again when it was replaced."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from threading import Lock
from time import monotonic
from typing import Any, Generic, TypeVar
from weakref import WeakSet

from sessions_hub.logs import log_once_a_minute

T = TypeVar("T")

logger = logging.getLogger("sessions_hub.understanding")

STAT_INTERVAL = 5.0
RETRY_INTERVAL = 60.0

Signature = tuple[int, int, int, int]

_kept: WeakSet[KeptFile[Any]] = WeakSet()


class KeptFile(Generic[T]):
    """What `opener` makes of the file at `path`, kept in this process.

    The file is looked at every `STAT_INTERVAL` seconds at most. A changed one is
    opened once two looks found it alike, so that a file being written in place is
    left alone, and before it takes the place of the old, which goes on serving when
    the new one is broken. A refused file is tried again after `RETRY_INTERVAL`
    seconds, or as soon as it changes. A file that is gone is gone. The old content
    is let go, not closed: others may be reading it. Safe for threads.
    """

    def __init__(self, path: str, opener: Callable[[str], T]) -> None:
        """`opener` may raise anything; it must not keep the file open for reading."""
        self.path = path
        self._opener = opener
        self._lock = Lock()
        self._content: T | None = None
        self._opened: Signature | None = None
        self._refused: Signature | None = None
        self._seen: Signature | None = None
        self._checked = self._tried = float("-inf")
        _kept.add(self)

    def content(self, *, optional: bool = False) -> T | None:
        """The opened file, or None while there is none. Never raises.

        What is wrong is logged, at most once a minute; that the file is missing is
        not when it is `optional`.
        """
        if monotonic() - self._checked < STAT_INTERVAL:
            return self._content
        # Whoever has something to serve does not wait for the one who looks.
        if self._lock.acquire(blocking=self._content is None):
            try:
                now = monotonic()
                if now - self._checked >= STAT_INTERVAL:
                    self._check(now, optional=optional)
                    self._checked = now
            finally:
                self._lock.release()
        return self._content

    def _check(self, now: float, *, optional: bool) -> None:
        try:
            found = _signature(self.path)
        except (FileNotFoundError, NotADirectoryError):
            self._content = self._opened = self._refused = self._seen = None
            if not optional:
                self._report("there is no such file")
            return
        except (OSError, ValueError) as error:
            self._report(str(error))
            return
        seen, self._seen = self._seen, found
        if found == self._opened:
            return
        if self._content is not None and found != seen:
            return
        if found == self._refused and now - self._tried < RETRY_INTERVAL:
            return
        self._tried = now
        try:
            content = self._opener(self.path)
            if _signature(self.path) != found:
                raise ValueError("it changed while it was read")
        # Whatever a broken file makes its reader raise.
        except Exception as error:  # noqa: BLE001
            self._refused = found
            self._report(str(error) or type(error).__name__)
        else:
            self._content, self._opened, self._refused = content, found, None

    def _report(self, problem: str) -> None:
        log_once_a_minute(
            logger, logging.WARNING, self.path, "Cannot use %s: %s", self.path, problem
        )


def _renew_locks() -> None:
    # A thread that opens a file while another forks leaves its lock closed in the child.
    for file in list(_kept):
        file._lock = Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_locks)


def _signature(path: str) -> Signature:
    """What tells one state of a file from another. Raises OSError or ValueError.

    The time of change is part of it: a copy can keep the time of writing.
    """
    found = os.stat(path)
    return (found.st_mtime_ns, found.st_ctime_ns, found.st_ino, found.st_size)
