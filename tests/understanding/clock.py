"""The clock of kept files and of log lines, moved by hand."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sessions_hub import logs
from sessions_hub.understanding import kept_file


class Clock:
    """`monotonic` of the package."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def rule(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """From now on nothing passes but what `now` is moved by; nothing was logged yet."""
        monkeypatch.setattr(kept_file, "monotonic", self)
        monkeypatch.setattr(logs, "monotonic", self)
        monkeypatch.setattr(logs, "_last", {})

    def look_again(self, look: Callable[[], object], *, times: int = 2) -> None:
        """Time for two looks at a file: one sees a change, one that it is over."""
        for _ in range(times):
            self.now += kept_file.STAT_INTERVAL
            look()
