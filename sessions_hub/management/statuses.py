"""What the commands exit with: one table for all of them."""

from __future__ import annotations

from collections.abc import Mapping

DONE = 0
FAILED = 1
WRONG_ARGUMENTS = 2
WORK_LEFT = 3
NOTHING_MATCHED = 4
# What a shell shows for a program that a signal ended: 128 and its number.
BY_SIGNAL = 128
BROKEN_PIPE = 141

MEANINGS: Mapping[int, str] = {
    DONE: "done",
    FAILED: "refused, or something failed",
    WRONG_ARGUMENTS: "an option is wrong or missing",
    WORK_LEFT: "the time was up before the end; run again for the rest",
    NOTHING_MATCHED: "nothing matches",
    130: "stopped by Ctrl-C",
    143: "stopped by SIGTERM",
}
STOPPED = (130, 143)


def explained(statuses: tuple[int, ...], otherwise: Mapping[int, str] | None = None) -> str:
    """The lines of `--help` about these statuses; `otherwise` has what means something else."""
    meanings = {**MEANINGS, **(otherwise or {})}
    return "\n".join(f"  {status:<4} {meanings[status]}" for status in statuses)
