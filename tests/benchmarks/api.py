"""What the hub's tokens and its HTTP API cost, beside knox, simplejwt and Django REST framework."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.benchmarks.api_sites import API
from tests.benchmarks.interleave import Row, Target
from tests.benchmarks.report import main

SESSIONS = frozenset({"django", "control", "hub", "cookie", "engine"})
SIGNED = SESSIONS | {"jwt"}
USERS = SIGNED | {"token", "knox"}

# The numbers of docs/speed.md.
ROWS = (
    Row(
        "read",
        "a view that reads the user",
        Target(rows=1),
        {"cookie": Target(extra=1)},
        repeat=2,
    ),
    Row("whoami", "who am I", Target(rows=2), {"cookie": Target(rows=4)}, variants=USERS),
    Row(
        "list",
        "a list of 101 sessions",
        Target(rows=4),
        {"cookie": Target(rows=6)},
        block=5,
        variants=SESSIONS,
    ),
    Row(
        "introspect",
        "introspection of a secret",
        Target(rows=5),
        {"cookie": Target(rows=7)},
        variants=SESSIONS,
    ),
    Row(
        "introspect_signed",
        "introspection of a signed token",
        Target(rows=5),
        {"cookie": Target(rows=7)},
        variants=SIGNED,
    ),
    Row(
        "tokenize",
        "a signed token (HS256)",
        Target(rows=2),
        {"cookie": Target(rows=4)},
        variants=SIGNED,
    ),
)

if __name__ == "__main__":
    sys.exit(main("api", ROWS, __doc__, cycles=36, variants=API, beside="hub"))
