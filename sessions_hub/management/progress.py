"""How far a command has come: a bar on a terminal, a line now and then elsewhere.

The bar is tqdm's, from the extra [progress]: it knows the rate and the time that is left,
and keeps to the width of the terminal. Without it a terminal gets one line that is written
over.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from time import monotonic
from typing import Any

from django.core.management.base import OutputWrapper

try:
    from tqdm import tqdm
except ImportError:  # pragma: no cover - the extra is not installed
    tqdm = None  # type: ignore[assignment, misc]

# Seconds between two lines in a log, and between two looks of the line on a terminal.
LOG_EVERY = 2.0
TERMINAL_EVERY = 0.2

# Asked only where there is a bar to draw: it may have to count a table.
Total = Callable[[], int]


class Progress:
    """Says a changing text: with a bar or over itself on a terminal, in lines elsewhere."""

    def __init__(
        self, stdout: OutputWrapper, total: Total | None = None, *, is_quiet: bool = False
    ) -> None:
        self._stdout = stdout
        self._is_quiet = is_quiet
        self._over = stdout.isatty()
        self._said = monotonic()
        self._width = 0
        self._bar: Any = None
        if self._over and tqdm is not None and total is not None and not is_quiet:
            self._bar = tqdm(
                total=total(),
                file=_Stream(stdout),
                unit=" rows",
                leave=False,
                dynamic_ncols=True,
                mininterval=TERMINAL_EVERY,
            )

    def say(self, text: str, done: int = 0) -> None:
        """Show `text` and how many rows are `done`, unless the last one has just been shown."""
        if self._is_quiet:
            return
        if self._bar is not None:
            self._bar.set_postfix_str(text, refresh=False)
            self._bar.update(done - self._bar.n)
            return
        every = TERMINAL_EVERY if self._over else LOG_EVERY
        if monotonic() - self._said < every:
            return
        self._said = monotonic()
        if self._over:
            self._write_over(text[: shutil.get_terminal_size().columns - 1])
        else:
            self._stdout.write(text)
        self._stdout.flush()

    def clear(self) -> None:
        """Make room on a terminal for what is printed next."""
        if self._bar is not None:
            self._bar.close()
        if self._width:
            self._write_over("")
            self._stdout.write("\r", ending="")
            self._width = 0

    def _write_over(self, text: str) -> None:
        self._stdout.write(f"\r{text.ljust(self._width)}", ending="")
        self._width = len(text)


class _Stream:
    """A command's output as tqdm writes to it: without a line break behind each piece."""

    def __init__(self, stdout: OutputWrapper) -> None:
        self._stdout = stdout

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stdout, name)

    def write(self, text: str) -> None:
        self._stdout.write(text, ending="")

    def flush(self) -> None:
        self._stdout.flush()
