"""Calls that may not take longer than a number of seconds."""

from __future__ import annotations

import os
from collections.abc import Callable
from queue import Empty, SimpleQueue
from threading import Condition, Thread
from time import monotonic
from typing import TypeVar, cast

T = TypeVar("T")

# A call that never returns keeps its thread; no more of them than this.
MAX_THREADS = 8


class _Permits:
    """Counts the threads at work, and those among them nobody waits for any more."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._busy = self._stuck = 0

    def take(self, seconds: float) -> bool:
        """Wait for a free thread, not at all while every one is stuck."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._busy < MAX_THREADS or self._stuck >= MAX_THREADS, seconds
            )
            if self._busy >= MAX_THREADS:
                return False
            self._busy += 1
            return True

    def give_back(self, call: _Call) -> None:
        with self._changed:
            self._busy -= 1
            self._stuck -= call.is_stuck
            call.is_over = True
            self._changed.notify_all()

    def give_up(self, call: _Call) -> None:
        """Nobody waits for the call; it may have come back this very moment."""
        with self._changed:
            if not call.is_over:
                call.is_stuck = True
                self._stuck += 1
                self._changed.notify_all()


class _Call:
    is_over = False
    is_stuck = False


_permits = _Permits()


def _renew() -> None:
    # The threads of the parent are not there in the child.
    global _permits
    _permits = _Permits()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew)


def call_within(seconds: float, function: Callable[[], T]) -> T:
    """What `function` returns or raises, computed in a thread of its own.

    SystemExit and the like become RuntimeError. Raises TimeoutError after `seconds`,
    waiting for a free thread included, and at once while all threads are stuck. The
    thread cannot be stopped: its late answer is dropped. While it holds the interpreter,
    as one long regular expression does, nobody else runs, and this cannot return.
    """
    limit = monotonic() + seconds
    permits, call = _permits, _Call()
    if not permits.take(seconds):
        raise TimeoutError(f"{MAX_THREADS} earlier calls have not come back")
    answers: SimpleQueue[tuple[bool, object]] = SimpleQueue()

    def work() -> None:
        try:
            answers.put((True, function()))
        # SystemExit too: the caller is told, and decides.
        except BaseException as error:  # noqa: BLE001
            answers.put((False, error))
        finally:
            permits.give_back(call)

    try:
        # A daemon: a stuck call must not hold up the end of the process.
        Thread(target=work, name="sessions-hub-parse", daemon=True).start()
    except BaseException:
        permits.give_back(call)
        raise
    try:
        succeeded, answer = answers.get(timeout=max(limit - monotonic(), 0.001))
    except Empty:
        permits.give_up(call)
        raise TimeoutError(f"no answer within {seconds:g} seconds") from None
    if monotonic() > limit:
        # A regular expression holds the interpreter until it is done, and the answer was
        # there first. It must not depend on chance whether it counts.
        raise TimeoutError(f"no answer within {seconds:g} seconds")
    if succeeded:
        return cast(T, answer)
    if isinstance(answer, Exception):
        raise answer
    # A call that asks to end the process ends itself only.
    raise RuntimeError(f"{answer!r} in a thread of its own") from cast(BaseException, answer)
