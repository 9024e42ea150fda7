"""What came of every request of a run, held to what the hub promises."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from statistics import quantiles

from tests.benchmarks.fleet_client import BROKEN, Reply

# After a server is back, connections to the old one break once in each worker.
SLACK = 3.0
# Between the clock of the hub's answer and of the next request: both are this machine's.
_ROUNDING = 0.001
KINDS = ("sign-in", "use", "end", "check")


@dataclass
class Outages:
    """When a server of the run was away: an answer of 5xx is the right one then."""

    spans: list[tuple[float, float]] = field(default_factory=list)

    def add(self, began: float, ended: float) -> None:
        """One more, with the time that workers take to notice that it is over."""
        self.spans.append((began, ended + SLACK))

    def covers(self, reply: Reply) -> bool:
        """Whether a request was under way while something was away."""
        ended_at = reply.asked_at + reply.took
        return any(reply.asked_at <= end and ended_at >= begin for begin, end in self.spans)


@dataclass(frozen=True, slots=True)
class Ended:
    """An end that was acknowledged: when, and until when a cache may still let it in."""

    acknowledged_at: float
    until: float | None


@dataclass
class Ledger:
    """The replies, and what was wrong among them."""

    outages: Outages
    times: dict[str, list[float]] = field(default_factory=lambda: {kind: [] for kind in KINDS})
    counts: Counter[str] = field(default_factory=Counter)
    workers: set[str] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)
    # A server that is away is known once it is back: judged at the end.
    _faults: list[tuple[str, Reply]] = field(default_factory=list)
    began: float = field(default_factory=time.time)

    def note(self, kind: str, reply: Reply) -> None:
        """Any reply."""
        self.counts["requests"] += 1
        if reply.worker:
            self.workers.add(reply.worker)
        if reply.status == BROKEN or reply.status >= 500:
            self.counts["refused for a fault"] += 1
            self._faults.append((kind, reply))
        else:
            self.times[kind].append(reply.took)

    def note_use(self, reply: Reply, *, is_over: bool) -> None:
        """A use of a session that nobody has begun to end; `is_over`: somebody may have."""
        self.note("use", reply)
        if is_over:
            return
        if reply.status in {401, 403} or reply.cookie == "":
            self.counts["lost"] += 1
            self._say(f"a live session was answered {reply.status}, cookie {reply.cookie!r}")

    def note_check(self, reply: Reply, ended: Ended) -> None:
        """A use of a session whose end had been acknowledged when it was asked for."""
        self.note("check", reply)
        if reply.status == 401:
            self.counts["refused after"] += 1
        elif reply.status == 200:
            if ended.until is not None and reply.asked_at <= ended.until + _ROUNDING:
                self.counts["served within the TTL"] += 1
                return
            self.counts["served after"] += 1
            late = reply.asked_at - ended.acknowledged_at
            self._say(f"served {late:.3f} s after an acknowledged end (until {ended.until})")

    def _say(self, text: str) -> None:
        if len(self.problems) < 50:
            self.problems.append(text)

    def close(self, workers: int, *, needs_copies: bool) -> None:
        """Judge what could not be judged before."""
        for kind, reply in self._faults:
            if not self.outages.covers(reply):
                self.counts["faults without an outage"] += 1
                at = reply.asked_at - self.began
                self._say(
                    f"{kind}: {reply.status} at {at:.1f} s after {reply.took:.1f} s, "
                    "when nothing was away"
                )
        if len(self.workers) < workers:
            self._say(f"only {len(self.workers)} of {workers} workers were asked")
        if needs_copies and not self.counts["ended over a copy"]:
            self._say("no session had a verdict in the cache when it ended")
        if not self.counts["refused after"]:
            self._say("nothing was asked for after its end")

    def zeros(self) -> dict[str, int]:
        """What has to be none."""
        names = ("served after", "lost", "revived", "faults without an outage")
        return {name: self.counts[name] for name in names}

    def milliseconds(self, kind: str) -> tuple[float, float]:
        """The median and the 99th percentile of the answers that were no faults."""
        times = self.times[kind]
        if len(times) < 2:
            return 0.0, 0.0
        cuts = quantiles(times, n=100)
        return cuts[49] * 1000, cuts[98] * 1000
