"""Backends have a time limit, and stuck ones few threads."""

from __future__ import annotations

import os
import signal
import time
import warnings
from threading import Lock, Thread

import pytest

from sessions_hub.capture import ClientSnapshot
from sessions_hub.understanding import ClientFacts, deadline
from sessions_hub.understanding import client as client_module
from sessions_hub.understanding.backends import base
from sessions_hub.understanding.client import parse_client
from sessions_hub.understanding.deadline import call_within
from tests.understanding import backends

from .conftest import understand

pytestmark = pytest.mark.usefixtures("fresh_backends")


def test_a_sleeping_backend_costs_the_time_limit_and_no_more(use) -> None:
    use("Sleeps")
    start = time.monotonic()
    assert understand() == ClientFacts()
    # It would sleep for thirty.
    assert 0.15 < time.monotonic() - start < 20


def test_stuck_calls_keep_no_more_than_a_few_threads(use) -> None:
    use("Sleeps")
    start = time.monotonic()
    threads = [Thread(target=understand, args=(str(number),)) for number in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert time.monotonic() - start < 25
    stuck = [thread for thread in _threads() if thread.name == "sessions-hub-parse"]
    assert 0 < len(stuck) <= deadline.MAX_THREADS
    backends.wake.set()
    for thread in stuck:
        thread.join(30)
    assert call_within(30, lambda: "free again") == "free again"


def _threads() -> list[Thread]:
    import threading

    return threading.enumerate()


def test_nobody_waits_while_every_thread_is_stuck(use) -> None:
    use("Sleeps")
    for number in range(deadline.MAX_THREADS):
        understand(str(number))
    start = time.monotonic()
    for number in range(100):
        assert understand(f"late {number}") == ClientFacts()
    # Waited for in turn, they would take twenty seconds.
    assert time.monotonic() - start < 15


def test_a_thread_that_comes_back_late_is_free_again() -> None:
    permits, calls = deadline._Permits(), [deadline._Call() for _ in range(deadline.MAX_THREADS)]
    for call in calls:
        assert permits.take(0)
        permits.give_up(call)
    assert not permits.take(0)
    permits.give_back(calls[0])
    assert permits.take(0)
    # Back before it is given up: not stuck.
    permits.give_back(calls[1])
    permits.give_up(calls[1])
    assert permits.take(0)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_forked_worker_starts_without_the_stuck_threads_and_closed_locks(
    use, monkeypatch
) -> None:
    use("Sleeps")
    for number in range(deadline.MAX_THREADS):
        understand(str(number))
    use("Echo")
    monkeypatch.setattr(base, "_locks", {"tests.understanding.backends.Echo": Lock()})
    base._locks["tests.understanding.backends.Echo"].acquire()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        path = "tests.understanding.backends.Echo"
        facts = parse_client(ClientSnapshot(user_agent="hello"), backend=path)
        os._exit(0 if facts.client_name == "hello" else 1)
    until = time.monotonic() + 20
    while (ended := os.waitpid(child, os.WNOHANG)) == (0, 0) and time.monotonic() < until:
        time.sleep(0.05)
    if ended == (0, 0):
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    assert ended[1] == 0


def test_a_subclass_of_a_quick_backend_has_the_time_limit(use) -> None:
    use("SlowerThanItsParent")
    start = time.monotonic()
    assert understand() == ClientFacts()
    assert time.monotonic() - start < 20


def test_the_default_backend_needs_no_thread(monkeypatch) -> None:
    def refuse(*args: object) -> None:
        raise AssertionError("a thread was asked for")

    monkeypatch.setattr(client_module, "call_within", refuse)
    assert understand("curl/8.7.1").client_name == "curl"


def test_a_call_in_time_returns_and_raises_as_itself() -> None:
    def fail() -> None:
        raise LookupError("from inside")

    assert call_within(60, lambda: 42) == 42
    with pytest.raises(LookupError, match="from inside"):
        call_within(60, fail)


def test_an_answer_that_comes_too_late_does_not_count(monkeypatch) -> None:
    # As behind a regular expression, which holds the interpreter until it is done.
    clock = [100.0]
    monkeypatch.setattr(deadline, "monotonic", lambda: clock[0])

    def slow() -> str:
        clock[0] += 30
        return "too late"

    with pytest.raises(TimeoutError, match="no answer within 5 seconds"):
        call_within(5, slow)
