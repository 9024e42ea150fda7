"""Commands whose reader may go away before they are done, as `head` does."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any, TextIO

from django.core.management.base import BaseCommand, OutputWrapper

# What a shell shows for a program that SIGPIPE ended.
BROKEN_PIPE = 141


class PipedCommand(BaseCommand):
    """A command that says nothing of a broken pipe when it runs on the command line.

    It ends at once with status 141. One that `works_on_unread` goes on to its end,
    and what it prints from then on goes nowhere.
    """

    works_on_unread = False

    def run_from_argv(self, argv: list[str]) -> None:
        """Run, and print what is still held back before the interpreter would."""
        self.stdout = self._heeding(self.stdout, sys.stdout)
        self.stderr = self._heeding(self.stderr, sys.stderr)
        try:
            super().run_from_argv(argv)
        finally:
            self.stdout.flush()
            self.stderr.flush()

    def _heeding(self, before: OutputWrapper, stream: TextIO) -> OutputWrapper:
        wrapper = OutputWrapper(_Pipe(stream, self._on_unread))  # type: ignore[arg-type]
        wrapper.style_func = before.style_func
        return wrapper

    def _on_unread(self) -> None:
        if not self.works_on_unread:
            sys.exit(BROKEN_PIPE)


class _Pipe:
    """A stream that goes nowhere once nobody reads it, after a call of `on_unread`."""

    def __init__(self, stream: TextIO, on_unread: Callable[[], None]) -> None:
        self._stream = stream
        self._on_unread = on_unread

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> None:
        try:
            self._stream.write(text)
        except BrokenPipeError:
            self._leave()

    def flush(self) -> None:
        try:
            self._stream.flush()
        except BrokenPipeError:
            self._leave()

    def _leave(self) -> None:
        # The descriptor, not the object: what it still holds is written at exit.
        with open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), self._stream.fileno())
        self._on_unread()
