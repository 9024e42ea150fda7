"""Agents that tests.parsers reads, and the tables that reparsesessions prints."""

from __future__ import annotations

PLAIN = "--backend=tests.parsers.Plain"
MAC = "Mac 10.9; Fox 9.1; desktop"
TUX = "Linux 6.1; Cat 3.0; desktop"


def table(said: str, first: str) -> list[list[str]]:
    """The rows of the printed table whose first header is `first`."""
    lines = said.splitlines()
    start = next(n for n, line in enumerate(lines) if line.split()[:1] == [first])
    below = lines[start + 2 :]
    end = below.index("") if "" in below else len(below)
    return [line.split() for line in below[:end]]
