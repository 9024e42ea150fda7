"""What the commands have in common: how they look for help, speak, and stop."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.core.management.base import CommandError, CommandParser
from django.db import Error

from . import statuses
from .faults import explained
from .help import HelpFormatter, arrange
from .pace import Pace
from .pipes import PipedCommand
from .progress import Progress, Total

REST = "Run again for the rest."


class HubCommand(PipedCommand):
    """A command of the hub: `examples` and `statuses` stand at the end of its `--help`."""

    examples: ClassVar[tuple[str, ...]] = ()
    statuses: ClassVar[tuple[int, ...]] = (
        statuses.DONE,
        statuses.FAILED,
        statuses.WRONG_ARGUMENTS,
    )
    # What a status means for this command alone.
    meanings: ClassVar[Mapping[int, str]] = {}
    verbosity = 1

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """The parser; its help has the examples and the exit statuses."""
        lines = "\n".join(f"  manage.py {subcommand} {one}".rstrip() for one in self.examples)
        ending = f"exit status:\n{statuses.explained(self.statuses, self.meanings)}"
        kwargs.setdefault("usage", "%(prog)s [options]")
        kwargs.setdefault("formatter_class", HelpFormatter)
        kwargs.setdefault("epilog", f"examples:\n{lines}\n\n{ending}" if lines else ending)
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        arrange(parser)
        return parser

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Run, saying as much as `--verbosity` asks for.

        Raises CommandError also where tables or the database are not there.
        """
        self.verbosity = int(options.get("verbosity", 1))
        try:
            return super().execute(*args, **options)
        except Error as error:
            if (told := explained(error)) is None:
                raise
            raise told from error

    def say(self, text: str) -> None:
        """Tell how it went; not with --verbosity 0."""
        if self.verbosity >= 1:
            self.stdout.write(text)

    def detail(self, text: str) -> None:
        """Tell what only somebody who looks closely wants to know: --verbosity 2."""
        if self.verbosity >= 2:
            self.stdout.write(text)

    def progress(self, total: Total | None = None, *, aside: bool = False) -> Progress:
        """How far it is; `aside` where stdout is for what was asked for."""
        out = self.stderr if aside else self.stdout
        return Progress(out, total, is_quiet=self.verbosity < 1)

    def end_by(self, pace: Pace, rest: str = REST) -> None:
        """Raise CommandError with its status where `pace` has stopped the work early."""
        if pace.signal:
            raise CommandError(
                f"Stopped before the end. What is done is done. {rest}",
                returncode=statuses.BY_SIGNAL + pace.signal,
            )
        if pace.time_is_up:
            raise CommandError(
                f"The time was up before the end. What is done is done. {rest}",
                returncode=statuses.WORK_LEFT,
            )
