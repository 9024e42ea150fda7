"""How long people wait who sign in and use their sessions while a million rows are pruned.

    python tests/benchmarks/prune.py                     # a million each: 20 minutes, 4 GB
    python tests/benchmarks/prune.py --rows 50000        # a rough look
    python tests/benchmarks/prune.py --name hub_seed     # a copy of one that seed.py has filled

Fills a PostgreSQL database, has four processes write to it (`prune_writer.py`: sign-ins and
uses of sessions, 20 a second), then runs `prunesessions` in a process of its own beside them.
Then the same with plain Django, django_session and `clearsessions`, which is one DELETE. What
the writers take is told from before and after ("alone") and from meanwhile, with the longest
wait of theirs for a lock, looked for a hundred times a second.

The target is 50 ms at the 99th percentile, of a machine that does nothing else. How much
else this one does is told as in admin.py, by a loop run while nothing of this is at work.

Exit status: 0 all targets met, 1 a target missed, 2 could not be measured.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import mean, median

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.benchmarks.interleave import WorkerError
from tests.benchmarks.lines import table
from tests.benchmarks.prune_site import Measured, Site, measure
from tests.benchmarks.prune_writer import SIGN_IN, USE
from tests.benchmarks.report import machine

TARGET_MS = 50.0
SITES = (
    Site("hub", "sessions_hub", "prunesessions", {SIGN_IN: "sign-in", USE: "touch"}),
    Site("django", "Django", "clearsessions", {SIGN_IN: "sign-in", USE: "a changed session"}),
)


def main() -> int:
    """Measure both sites, print, and return the exit status."""
    options = _options()
    found = []
    for site in SITES:
        try:
            name = options.name if site.key == "hub" else None
            found.append((site, measure(site, options.rows, options.seconds, name)))
        except WorkerError as error:
            print(error, file=sys.stderr)
            return 2
    noise = max(1.0, mean(stall for _site, one in found for stall in one.stalls))
    limit = TARGET_MS * noise
    print(f"{found[0][1].server}, {machine()}")
    print(
        f"A processor was to be had 1/{noise:.2f} of the time: the limit of the 99th percentile "
        f"is {limit:.0f} ms\n"
    )
    print(write_table(found, limit), work_table(found), sep="\n\n", end="\n\n")
    problems = misses(found, limit)
    print("\n".join(problems) or "Every target is met.")
    if options.json:
        data = {site.key: one.as_data() for site, one in found}
        options.json.write_text(json.dumps({"noise": noise, **data}, indent=1) + "\n")
    return 1 if problems else 0


Found = Sequence[tuple[Site, Measured]]


def write_table(found: Found, limit: float) -> str:
    """What the writes of each site took, alone and meanwhile."""
    lines = [("a write", "writes", "p50 ms", "p99 ms", "slowest", "target", "")]
    for site, one in found:
        for kind, label in site.kinds.items():
            for when, times in (
                ("alone", one.alone(kind)),
                (f"beside {site.command}", one.meanwhile(kind)),
            ):
                is_judged = site.key == "hub" and when != "alone"
                is_missed = is_judged and p99(times) > limit
                lines.append(
                    (
                        f"{site.label}, {label}, {when}",
                        str(len(times)),
                        *(f"{value:.1f}" for value in (median(times), p99(times), max(times))),
                        f"p99 ≤ {limit:.0f}" if is_judged else "",
                        ("MISSED" if is_missed else "ok") if is_judged else "",
                    )
                )
    return table(lines)


def work_table(found: Found) -> str:
    """What was pruned, how fast, and what the writers waited for meanwhile."""
    head = ("", "sessions due", "live", "seconds", "a second", "longest lock wait", "failed")
    return table(
        [
            head,
            *(
                (
                    site.command,
                    f"{one.due:,}",
                    f"{one.live:,}",
                    f"{one.seconds:.0f}",
                    f"{one.due / one.seconds:,.0f}",
                    f"{one.longest_lock_ms:.0f} ms",
                    str(len(one.problems)),
                )
                for site, one in found
            ),
        ]
    )


def misses(found: Found, limit: float) -> list[str]:
    """What the hub misses, in words; a write that failed is one, whoever's it was."""
    problems = []
    for site, one in found:
        for kind, label in site.kinds.items():
            slow = p99(one.meanwhile(kind))
            if site.key == "hub" and slow > limit:
                problems.append(
                    f"MISSED {label} beside {site.command}: {slow:.0f} ms at p99, "
                    f"{p99(one.alone(kind)):.0f} ms alone"
                )
        problems += [f"MISSED {site.label}, a write failed: {text}" for text in one.problems[:3]]
        if one.left:
            problems.append(f"MISSED {site.label}: {one.left:,} sessions that were due are left")
    return problems


def p99(times: Sequence[float]) -> float:
    """The 99th percentile; the slowest of fewer than a hundred."""
    return sorted(times)[min(len(times) - 1, int(len(times) * 0.99))]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=1_000_000, metavar="N", help="due to go")
    parser.add_argument("--seconds", type=float, default=20.0, metavar="N", help="of being alone")
    parser.add_argument("--name", help="copy this database, which seed.py has filled; it stays")
    parser.add_argument("--json", type=Path, metavar="FILE", help="all numbers")
    return parser.parse_args()


if __name__ == "__main__":
    os.environ.setdefault("PYTHONHASHSEED", "0")
    sys.exit(main())
