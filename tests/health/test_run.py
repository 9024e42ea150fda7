"""A check is over in time, whatever hangs, and hanging probes do not pile up."""

from __future__ import annotations

import threading
from time import monotonic

import pytest
from django.db import connections

from sessions_hub.health import Finding, Status, check, overall
from sessions_hub.health import run as runner
from sessions_hub.health.probes import Probe
from sessions_hub.health.run import Result


@pytest.fixture
def stuck(monkeypatch):
    """A probe that answers once it is let go; the number of times it was begun."""
    go, begun = threading.Event(), []

    def look():
        begun.append(threading.current_thread().name)
        go.wait(20)
        return Finding(Status.OK, "late")

    probes = {
        "quick": Probe(lambda: Finding(Status.OK, "at once"), Status.FAILING, "nothing"),
        "stuck": Probe(look, Status.DEGRADED, "let it go"),
    }
    monkeypatch.setattr(runner, "PROBES", probes)
    monkeypatch.setattr(runner, "_runs", {})
    yield go, begun
    go.set()


def test_what_hangs_is_not_waited_for(stuck):
    began = monotonic()
    # Long enough for a thread that waits for a processor.
    quick, hanging = check(timeout=1)
    assert monotonic() - began < 10
    assert (quick.status, quick.message) == (Status.OK, "at once")
    assert (hanging.status, hanging.advice) == (Status.DEGRADED, "let it go")
    assert hanging.message.startswith("No answer in ")
    assert hanging.milliseconds >= 900


def test_it_is_begun_once_until_it_is_over(stuck):
    go, begun = stuck
    for _ in range(3):
        check(["stuck"], timeout=0.05)
    assert begun == ["sessions_hub.health.stuck"]
    go.set()
    (late,) = check(["stuck"], timeout=5)
    assert (late.status, late.message) == (Status.OK, "late")
    check(["stuck"], timeout=5)
    assert len(begun) >= 2


def test_a_thread_that_a_fork_left_behind_is_not_waited_for(stuck):
    _go, begun = stuck
    check(["stuck"], timeout=0.05)
    # As in a child: the entry is there, and nothing runs.
    runner._runs["stuck"].thread = threading.Thread(target=lambda: None)
    check(["stuck"], timeout=0.05)
    assert len(begun) == 2


def test_an_unknown_name_is_an_error():
    with pytest.raises(KeyError, match="no such probes: nothing"):
        check(["database", "nothing"])


@pytest.mark.parametrize(
    ("statuses", "worst"),
    [
        ([], Status.OK),
        ([Status.OFF], Status.OK),
        ([Status.OK, Status.OFF], Status.OK),
        ([Status.OK, Status.DEGRADED, Status.OFF], Status.DEGRADED),
        ([Status.DEGRADED, Status.FAILING, Status.OK], Status.FAILING),
    ],
)
def test_the_worst_counts(statuses, worst):
    assert overall(Result("x", status, "", "", 0) for status in statuses) is worst


def test_one_that_hangs_in_closing_its_connection_is_not_begun_again(monkeypatch):
    let_go, before = threading.Event(), threading.active_count()
    monkeypatch.setattr(type(connections), "close_all", lambda _self: let_go.wait())
    try:
        for _ in range(5):
            check(["hash_keys"])
        assert threading.active_count() <= before + 1
    finally:
        let_go.set()


def test_no_thread_left_is_a_finding(monkeypatch):
    def refuse(_thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    (result,) = check(["database"])
    assert (result.status, result.message) == (Status.FAILING, "can't start new thread")
