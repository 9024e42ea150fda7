"""How far a command has come: one line that is written over, or a line now and then."""

from __future__ import annotations

import shutil
from time import monotonic

from django.core.management.base import OutputWrapper

# Seconds between two lines in a log, and between two looks of the line on a terminal.
LOG_EVERY = 2.0
TERMINAL_EVERY = 0.2


class Progress:
    """Says a changing text: over itself on a terminal, in lines of its own elsewhere."""

    def __init__(self, stdout: OutputWrapper) -> None:
        self._stdout = stdout
        self._over = stdout.isatty()
        self._said = monotonic()
        self._width = 0

    def say(self, text: str) -> None:
        """Show `text`, unless the last one has just been shown."""
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
        if self._width:
            self._write_over("")
            self._stdout.write("\r", ending="")

    def _write_over(self, text: str) -> None:
        self._stdout.write(f"\r{text.ljust(self._width)}", ending="")
        self._width = len(text)
