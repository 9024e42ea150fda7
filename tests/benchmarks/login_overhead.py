"""What a sign-in costs with sessions_hub, beside plain Django and other packages."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.benchmarks.interleave import Row, Target
from tests.benchmarks.report import main

ROWS = (
    Row("new", "sign-in from a new device", Target(ratio=1.5, extra=6), block=5),
    Row("known", "sign-in from a known device", Target(ratio=1.5, extra=4), block=5),
    # Peers take a quarter of a second here.
    Row(
        "crowded",
        "sign-in of a user with 101 live sessions",
        Target(ratio=1.5, extra=4, rows_as="known"),
        block=2,
        every=4,
    ),
)

if __name__ == "__main__":
    sys.exit(main("logins", ROWS, __doc__, cycles=48))
