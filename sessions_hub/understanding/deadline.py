"""Calls that may not take longer than a number of seconds."""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue
from time import monotonic
from typing import TypeVar, cast

T = TypeVar("T")

# A call that never returns keeps its thread; no more of them than this.
MAX_THREADS = 8

_free = threading.BoundedSemaphore(MAX_THREADS)


def call_within(seconds: float, function: Callable[[], T]) -> T:
    """What `function` returns or raises, computed in a thread of its own.

    SystemExit and the like become RuntimeError. Raises TimeoutError after `seconds`,
    waiting for a free thread included. The thread cannot be stopped: its late answer
    is dropped.
    """
    give_up = monotonic() + seconds
    if not _free.acquire(timeout=seconds):
        raise TimeoutError(f"{MAX_THREADS} earlier calls have not come back")
    answers: SimpleQueue[tuple[bool, object]] = SimpleQueue()

    def work() -> None:
        try:
            answers.put((True, function()))
        # SystemExit too: the caller is told, and decides.
        except BaseException as error:  # noqa: BLE001
            answers.put((False, error))
        finally:
            _free.release()

    try:
        # A daemon: a stuck call must not hold up the end of the process.
        threading.Thread(target=work, name="sessions-hub-parse", daemon=True).start()
    except BaseException:
        _free.release()
        raise
    try:
        succeeded, answer = answers.get(timeout=max(give_up - monotonic(), 0.001))
    except Empty:
        raise TimeoutError(f"no answer within {seconds:g} seconds") from None
    if succeeded:
        return cast(T, answer)
    if isinstance(answer, Exception):
        raise answer
    # A call that asks to end the process ends itself only.
    raise RuntimeError(f"{answer!r} in a thread of its own") from cast(BaseException, answer)
