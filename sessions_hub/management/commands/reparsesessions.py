"""reparsesessions: derive client and place of stored rows anew from what was kept of them."""

from __future__ import annotations

from argparse import ArgumentTypeError
from collections.abc import Iterator
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import Error
from django.utils import timezone

from sessions_hub.conf import conf
from sessions_hub.lifecycle.rederive import Sources
from sessions_hub.lifecycle.reparse import BATCH, TABLES, Batch, Cursor, count_rows, reparse
from sessions_hub.management.arguments import as_time, moment, parsed
from sessions_hub.management.batches import add_batch_options, batch_size_of, pace_of
from sessions_hub.management.command import HubCommand
from sessions_hub.management.faults import ended_by
from sessions_hub.management.pace import Pace
from sessions_hub.management.reparsing import Summary
from sessions_hub.management.statuses import DONE, FAILED, STOPPED, WORK_LEFT, WRONG_ARGUMENTS
from sessions_hub.management.tables import printable
from sessions_hub.understanding.backends.base import load_backend
from sessions_hub.understanding.geoip import databases

SETTING = "SESSIONS_HUB_USER_AGENT_BACKEND"


class Command(HubCommand):
    works_on_unread = True
    help = (
        "Derives the client columns of sessions, places of use and devices anew from the raw "
        "user agent and client hints kept with them, and the sortable keys of versions and "
        "addresses. Run it after an update of the parser or a change of its backend.\n\n"
        "Rows whose raw values are gone (anonymized), and rows the parser fails on or recognises "
        "nothing of, keep their client. A place is history: it is looked up only for rows that "
        "have none, and nothing is blanked because a GeoIP file is missing or does not know an "
        "address.\n\n"
        "Works in short transactions and writes only what differs, so it may run while the "
        "site does, and again at any time. A parser that fails on one row makes it end with 1."
    )
    examples = (
        "--dry-run",
        "--since 7d --backend sessions_hub.understanding.backends.matomo.MatomoBackend",
    )
    statuses = (DONE, FAILED, WRONG_ARGUMENTS, WORK_LEFT, *STOPPED)

    def add_arguments(self, parser: CommandParser) -> None:
        which = parser.add_argument_group("which rows")
        which.add_argument(
            "--since",
            type=moment,
            metavar="TIME",
            help="Only sessions signed in since (an adopted session counts by its last login), "
            "and devices and places of use first seen since: 2026-01-31, 2026-01-31T12:00, or 7d "
            "for the last seven days (also 12h, 30m).",
        )
        which.add_argument(
            "--after",
            type=cursor,
            metavar="TABLE:ID",
            help="Go on behind this row, as a run that stopped has printed it "
            f"({', '.join(f'{table}:…' for table in TABLES)}).",
        )
        how = parser.add_argument_group("how to read them")
        how.add_argument(
            "--backend",
            metavar="DOTTED.PATH",
            help=f"The user agent backend to parse with (default: {SETTING}).",
        )
        how.add_argument(
            "--relocate",
            action="store_true",
            help="Look the address up also for rows that have a place. Addresses move: it is "
            "where the address is today, not where it was then. What the file does not know is "
            "kept while the country stays the same.",
        )
        add_batch_options(parser, BATCH, dry_run="Write nothing, and print the same summary.")

    def handle(self, *args: Any, **options: Any) -> None:
        backend = _backend(options["backend"])
        since = options["since"]
        after = options["after"]
        unlocated = _without_places()
        pace = pace_of(options)
        batches = reparse(
            Sources(backend=backend, relocate=options["relocate"]),
            since=None if since is None else as_time(since, timezone.now()),
            after=None if after is None else parsed(cursor, after),
            batch_size=batch_size_of(options),
            dry_run=options["dry_run"],
        )
        for line in unlocated:
            self.say(line)
        self._run(batches, pace, dry_run=options["dry_run"])

    def _run(self, batches: Iterator[Batch], pace: Pace, *, dry_run: bool) -> None:
        summary, progress = Summary(), self.progress(count_rows)
        reached: Cursor | None = None
        fault: Error | None = None
        with pace.heeding_signals():
            try:
                for batch in batches:
                    summary.add(batch)
                    reached = batch.cursor
                    progress.say(_progress(summary, reached), summary.total.read)
                    if not pace.goes_on():
                        break
            except Error as error:
                fault = error
        progress.clear()
        if dry_run:
            self.say("Nothing is written. A run would do this:")
        if self.verbosity:
            summary.print(self.stdout)
        self._say_how_it_ended(summary, pace, fault, reached)

    def _say_how_it_ended(
        self, summary: Summary, pace: Pace, fault: Error | None, reached: Cursor | None
    ) -> None:
        total = summary.total
        if total.left:
            self.say(
                f"Left as they were: locked rows {total.busy}, rows that somebody else changed "
                f"or deleted meanwhile {total.moved}. Run again without --after for them."
            )
        rest = f"Run again with --after={reached} for the rest."
        if total.left:
            # They lie before the cursor.
            rest += " Then run once more without --after for the rows that were left."
        if fault is not None:
            raise ended_by(fault, rest if reached else "Run again.") from fault
        if total.failed and not pace.signal:
            text = (
                f"Rows whose client could not be parsed, and was kept: {total.failed}. The first "
                f"failure: {printable(summary.error)}"
            )
            if pace.time_is_up:
                text += f"\nThe time was up before the end. {rest}"
            raise CommandError(text, returncode=FAILED)
        self.end_by(pace, rest)


def cursor(text: str) -> Cursor:
    """Where a run stopped, as it printed it."""
    try:
        return Cursor.parse(text)
    except ValueError:
        raise ArgumentTypeError(
            f"“{text}” is not where a run stopped; write one of "
            f"{', '.join(f'{table}:ID' for table in TABLES)}, with the id of a row."
        ) from None


def _backend(path: str | None) -> str:
    """The dotted path to parse with; a CommandError says why it cannot be used."""
    option, status = (SETTING, FAILED) if path is None else ("--backend", WRONG_ARGUMENTS)
    path = conf.SESSIONS_HUB_USER_AGENT_BACKEND if path is None else path
    try:
        load_backend(path)
    # Its constructor may raise anything.
    except Exception as error:
        raise CommandError(f"{option}: {error}", returncode=status) from error
    return path


def _without_places() -> list[str]:
    """What is not looked up in this run, and why."""
    if not (found := databases()):
        return ["Places are left alone: SESSIONS_HUB_GEOIP_PATH is not set."]
    return [
        f"{'Network operators' if database.tells_operators else 'Places'} are left alone: "
        f"cannot use {database.path}: {database.problem}"
        for database in found
        if database.problem
    ]


def _progress(summary: Summary, reached: Cursor) -> str:
    total = summary.total
    left = f"left {total.left}, " if total.left else ""
    then = ", then once without --after" if total.left else ""
    return (
        f"Read {total.read}, changed {total.changed}, {left}failed {total.failed}, "
        f"up to {timezone.localtime(reached.made_at):%Y-%m-%d} (--after={reached}{then})"
    )
