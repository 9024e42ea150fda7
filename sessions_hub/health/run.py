"""All probes at once, each in a thread of its own, none waited for without end."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from threading import Event, Lock, Thread
from time import monotonic

from django.db import connections

from sessions_hub.events import inert

from .probes import PROBES, Finding, Probe, Status

# Seconds; a load balancer asks more often than it takes to give up.
TIMEOUT = 2.0
# How long one that has looked may take to close its connection.
_CLOSING = 0.05
_WORST_FIRST = (Status.FAILING, Status.DEGRADED, Status.OK)


@dataclass(frozen=True, slots=True)
class Result:
    """What one probe came to; `milliseconds` is how long it took."""

    name: str
    status: Status
    message: str
    advice: str
    milliseconds: int


class _Run:
    """One look at one thing. Whoever asks meanwhile waits for the same."""

    def __init__(self, name: str, probe: Probe) -> None:
        self.name, self.probe = name, probe
        self.began, self.took = monotonic(), 0.0
        self.done = Event()
        self.finding: Finding | None = None
        # A daemon: one that hangs must not keep the process from ending.
        self.thread = Thread(target=self._look, name=f"sessions_hub.health.{name}", daemon=True)

    def _look(self) -> None:
        try:
            self.finding = self.probe.look()
        except Exception as error:  # noqa: BLE001
            text = inert(f"{type(error).__name__}: {error}".partition("\n")[0])[:300]
            self.finding = Finding(self.probe.worst, text, self.probe.advice)
        self.took = monotonic() - self.began
        self.done.set()
        # Connections belong to threads.
        connections.close_all()

    def result(self, until: float) -> Result:
        """What came of it; that it hangs where nothing has by then."""
        if self.done.wait(max(0.0, until - monotonic())) and self.finding is not None:
            found, took = self.finding, self.took
        else:
            took = monotonic() - self.began
            found = Finding(self.probe.worst, f"No answer in {took:.1f} s.", self.probe.advice)
        return Result(self.name, found.status, found.message, found.advice, round(took * 1000))


_lock = Lock()
_runs: dict[str, _Run] = {}


def _renew_lock() -> None:
    # A thread that holds it while another forks is not there in the child.
    global _lock
    _lock = Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_lock)


def check(names: Iterable[str] | None = None, *, timeout: float = TIMEOUT) -> list[Result]:
    """Look at everything, or at `names`; the results in the order of `PROBES`.

    Takes `timeout` seconds at most. A probe that hangs is not begun once more while it
    does, so that no number of checks makes more than one thread of each. Never raises but
    for a name there is not (KeyError).
    """
    wanted = set(PROBES) if names is None else set(names)
    if unknown := wanted - PROBES.keys():
        raise KeyError(f"There are no such probes: {', '.join(sorted(unknown))}.")
    until = monotonic() + timeout
    runs = [_begin(name, probe) for name, probe in PROBES.items() if name in wanted]
    return [run.result(until) for run in runs]


def overall(results: Iterable[Result]) -> Status:
    """The worst of them."""
    found = {one.status for one in results}
    return next((status for status in _WORST_FIRST if status in found), Status.OK)


def _begin(name: str, probe: Probe) -> _Run:
    with _lock:
        # Alive: a fork takes no threads along.
        if (run := _runs.get(name)) is not None and run.thread.is_alive():
            if run.done.is_set():
                run.thread.join(_CLOSING)
            # Also one that has looked and hangs in closing its connection.
            if run.thread.is_alive():
                return run
        run = _runs[name] = _Run(name, probe)
        try:
            run.thread.start()
        # As many threads as there may be: that is a finding, too.
        except RuntimeError as error:
            run.finding = Finding(probe.worst, inert(str(error)), probe.advice)
            run.done.set()
    return run
