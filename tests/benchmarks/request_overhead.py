"""What a request costs with sessions_hub, beside plain Django and other packages."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.benchmarks.interleave import Row, Target
from tests.benchmarks.report import main

ROWS = (
    Row(
        "anonymous",
        "no session cookie",
        Target(ratio=1.02, extra=0, vary=True),
        repeat=12,
    ),
    # At most Django's own loading of the session.
    Row("cart", "cart cookie, public view", Target(rows=1, vary=True), repeat=2),
    Row(
        "unread",
        "signed in, view does not read the user",
        Target(rows=2),
        {"engine": Target(rows=1)},
        repeat=2,
    ),
    Row(
        "read",
        "signed in, view reads the user",
        Target(ratio=1.15, extra=1),
        {
            "cache": Target(ratio=1.10, extra=0),
            "backend": Target(ratio=0.90, extra=0),
            "engine": Target(ratio=0.55, rows=1),
        },
        block=10,
        repeat=5,
    ),
    # What ×1.15 is under WSGI drowns in the thread hops here: measured, not judged.
    Row("anonymous-asgi", "ASGI, no session cookie", Target(extra=0, vary=True), block=10),
    Row(
        "read-asgi",
        "ASGI, signed in, async view reads the user",
        Target(extra=1),
        {"cache": Target(extra=0), "backend": Target(extra=0), "engine": Target(rows=1)},
        block=10,
    ),
)

if __name__ == "__main__":
    sys.exit(main("requests", ROWS, __doc__, cycles=60))
