"""Bars made of block characters, where there is a terminal to draw them on."""

from __future__ import annotations

from collections.abc import Sequence

from .tables import Out

WIDTH = 24
# From one to eight eighths of a column.
_BLOCKS = "▏▎▍▌▋▊▉█"


def bars(stdout: Out, counts: Sequence[int], width: int = WIDTH) -> list[str]:
    """A bar for each count, the largest `width` columns long; empty ones off a terminal."""
    if not _can_draw(stdout):
        return [""] * len(counts)
    largest = max(counts, default=0)
    return [_bar(count, largest, width) for count in counts]


def _bar(count: int, largest: int, width: int) -> str:
    if count <= 0:
        return ""
    # Whatever there is shows, however little.
    full, rest = divmod(max(1, round(8 * width * count / largest)), 8)
    return _BLOCKS[-1] * full + (_BLOCKS[rest - 1] if rest else "")


def _can_draw(stdout: Out) -> bool:
    isatty = getattr(stdout, "isatty", None)
    if isatty is None or not isatty():
        return False
    try:
        _BLOCKS.encode(getattr(stdout, "encoding", None) or "utf-8")
    except (LookupError, UnicodeEncodeError):
        return False
    return True
