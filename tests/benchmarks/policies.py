"""What each policy of sessions_hub costs, beside plain Django and the hub with all of them off."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.benchmarks.interleave import Row, Target
from tests.benchmarks.policy_sites import OFF, POLICIES
from tests.benchmarks.report import main
from tests.benchmarks.variants import BASELINE

BASES = frozenset({BASELINE, "control", OFF})


def beside_off(key: str, label: str, *only: str, block: int = 5, **more: int) -> Row:
    """A row in which a policy may take so many statements `more` than none does, by its key.

    `only` are the policies that have something to do there; all without them.
    """
    return Row(
        key,
        label,
        Target(more=0),
        {policy: Target(more=number) for policy, number in more.items()},
        block=block,
        repeat=10 // block,
        variants=BASES | {*only, *more} if only else None,
    )


# The numbers are those of docs/speed.md.
ROWS = (
    beside_off("form", "page with the form, nobody signed in", "hints", block=10),
    beside_off("read", "signed in, from where it was used last", block=10),
    beside_off(
        "moved",
        "signed in, first request from another continent",
        "step_up",
        # Where it was seen before, and whether this place was refused then.
        record=2,
        travel=2,
        end=2,
        # Whether the country is new to the user, and what the mail says.
        alert_country=4,
    ),
    beside_off("back", "signed in, back at the place of the sign-in", "record", record=1),
    beside_off(
        "known",
        "sign-in, known device, three live sessions",
        # The user's devices at the sign-in, and with the user once more at its end.
        below=3,
        # A lock, the live sessions, an end, and twice whether it concerns impersonations.
        limit=5,
        device=6,
        others=6,
        alert_country=1,
    ),
    beside_off(
        "new",
        "sign-in from a new device in a new country",
        "alert_device",
        alert_device=3,
        alert_country=4,
    ),
)

if __name__ == "__main__":
    sys.exit(main("policies", ROWS, __doc__, cycles=36, variants=POLICIES, beside=OFF))
