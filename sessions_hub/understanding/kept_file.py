"""A file that is opened once, kept, and opened again when it was replaced."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from threading import Lock
from time import monotonic
from typing import Generic, TypeVar

from sessions_hub.logs import log_once_a_minute

T = TypeVar("T")

logger = logging.getLogger("sessions_hub.understanding")

STAT_INTERVAL = 5.0
RETRY_INTERVAL = 60.0

Signature = tuple[int, int, int]


class KeptFile(Generic[T]):
    """What `opener` makes of the file at `path`, kept in this process.

    The file is looked at every `STAT_INTERVAL` seconds at most. A replaced one is
    opened before it takes the place of the old, which goes on serving when the new
    one is broken. A refused file is tried again after `RETRY_INTERVAL` seconds, or
    as soon as it changes. A file that is gone is gone. Safe for threads.
    """

    def __init__(self, path: str, opener: Callable[[str], T], *, optional: bool = False) -> None:
        """`opener` may raise anything; an `optional` file may be missing in silence."""
        self.path = path
        self.problem = ""
        self._opener = opener
        self._optional = optional
        self._lock = Lock()
        self._content: T | None = None
        self._opened: Signature | None = None
        self._refused: Signature | None = None
        self._checked = self._tried = float("-inf")

    def content(self) -> T | None:
        """The opened file, or None while there is none. Never raises."""
        if monotonic() - self._checked < STAT_INTERVAL:
            return self._content
        # Whoever has something to serve does not wait for the one who looks.
        if self._lock.acquire(blocking=self._content is None):
            try:
                now = monotonic()
                if now - self._checked >= STAT_INTERVAL:
                    self._check(now)
                    self._checked = now
            finally:
                self._lock.release()
        return self._content

    def _check(self, now: float) -> None:
        try:
            found = os.stat(self.path)
        except (FileNotFoundError, NotADirectoryError):
            self._content = self._opened = self._refused = None
            self._report("there is no such file", quiet=self._optional)
            return
        except (OSError, ValueError) as error:
            self._report(str(error))
            return
        signature = (found.st_mtime_ns, found.st_ino, found.st_size)
        if signature == self._opened:
            return
        if signature == self._refused and now - self._tried < RETRY_INTERVAL:
            return
        self._tried = now
        try:
            content = self._opener(self.path)
        # Whatever a broken file makes its reader raise.
        except Exception as error:  # noqa: BLE001
            self._refused = signature
            self._report(str(error) or type(error).__name__)
        else:
            self._content, self._opened, self._refused = content, signature, None
            self.problem = ""

    def _report(self, problem: str, *, quiet: bool = False) -> None:
        self.problem = problem
        if not quiet:
            log_once_a_minute(
                logger, logging.WARNING, self.path, "Cannot use %s: %s", self.path, problem
            )
