"""The options of commands that work in batches: how large, how long, how fast."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.management.base import CommandParser

from .arguments import count, parsed, seconds
from .pace import Pace


def add_batch_options(parser: CommandParser, size: int, *, dry_run: str) -> None:
    """`--batch-size` (by default `size`), `--max-seconds`, `--sleep` and `--dry-run`."""
    group = parser.add_argument_group("how it works")
    group.add_argument("--dry-run", action="store_true", help=dry_run)
    group.add_argument(
        "--batch-size",
        type=count,
        default=size,
        metavar="N",
        help=f"Rows per transaction (default: {size}).",
    )
    group.add_argument(
        "--max-seconds",
        type=seconds,
        metavar="N",
        help="Begin no further batch after N seconds; where work is left, the status is 3.",
    )
    group.add_argument(
        "--sleep",
        type=seconds,
        default=0.0,
        metavar="N",
        help="Rest N seconds between batches (such as 0.1).",
    )


def pace_of(options: Mapping[str, Any]) -> Pace:
    """The pace that was asked for. Raises CommandError."""
    max_seconds = options["max_seconds"]
    return Pace(
        max_seconds=None if max_seconds is None else parsed(seconds, max_seconds),
        sleep=parsed(seconds, options["sleep"]),
    )


def batch_size_of(options: Mapping[str, Any]) -> int:
    """The size that was asked for. Raises CommandError."""
    return parsed(count, options["batch_size"])
