"""prunesessions: end what is over, delete what ended long ago. For a daily job."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from sessions_hub.conf import conf
from sessions_hub.lifecycle.credentials import end_worthless
from sessions_hub.lifecycle.prune import count_prunable, delete_ended, stamp_expired
from sessions_hub.management.arguments import duration, parsed
from sessions_hub.management.batches import add_batch_options, batch_size_of, pace_of
from sessions_hub.management.pace import Pace
from sessions_hub.management.pipes import PipedCommand
from sessions_hub.models.querysets import BATCH

# Seconds between two progress lines.
PROGRESS_EVERY = 2.0


class Command(PipedCommand):
    # Half a run helps nobody.
    works_on_unread = True
    help = (
        "Stamps sessions whose limit has passed with the time it passed, ends those of changed "
        "passwords and of users who are disabled or gone, and deletes the rows of sessions "
        "that ended longer ago than SESSIONS_HUB_RETENTION. Works in short transactions, so it "
        "may run while the site does, and beside another run of itself. "
        "Exit status: 0 done, also when --max-seconds was not enough; 1 something failed; "
        "2 an option is wrong; 130 or 143 stopped by Ctrl-C or by SIGTERM."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--older-than",
            type=duration,
            metavar="TIME",
            help="Delete what ended longer ago than this, such as 90d or 12h (default: "
            "SESSIONS_HUB_RETENTION).",
        )
        add_batch_options(parser, BATCH, dry_run="Only say how many rows it would be.")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        retention = _retention(options["older_than"])
        batch_size = batch_size_of(options)
        if options["dry_run"]:
            counts = count_prunable(now, retention)
            self.stdout.write(f"Would stamp {counts.expired} expired.")
            self._say_deleted("Would delete", counts.deleted, now, retention)
            self.stdout.write(
                f"Would end {counts.worthless} of changed passwords, disabled users and "
                "forgotten devices."
            )
            return
        pace = pace_of(options)
        deleted = worthless = 0
        with pace.heeding_signals():
            stamped = self._run("Stamped", stamp_expired(now, batch_size=batch_size), pace)
            if not pace.signal and not pace.time_is_up:
                worthless = self._run("Ended", end_worthless(now, batch_size=batch_size), pace)
            if retention is not None and not pace.signal and not pace.time_is_up:
                batches = delete_ended(now, retention, batch_size=batch_size)
                deleted = self._run("Deleted", batches, pace)
        self.stdout.write(f"Stamped {stamped} expired.")
        self._say_deleted("Deleted", deleted, now, retention)
        self.stdout.write(
            f"Ended {worthless} of changed passwords, disabled users and forgotten devices."
        )
        if pace.signal:
            raise CommandError(
                "Stopped before the end. What is done is done; run again for the rest.",
                returncode=128 + pace.signal,
            )
        if pace.time_is_up:
            self.stdout.write("The time was up before the end; run again for the rest.")

    def _run(self, verb: str, batches: Iterator[int], pace: Pace) -> int:
        total, said = 0, monotonic()
        for number in batches:
            total += number
            if monotonic() - said >= PROGRESS_EVERY:
                said = monotonic()
                self.stdout.write(f"{verb} {total} so far …")
                self.stdout.flush()
            if not pace.goes_on():
                break
        return total

    def _say_deleted(
        self, verb: str, number: int, now: datetime, retention: timedelta | None
    ) -> None:
        if retention is None:
            self.stdout.write("Ended sessions are kept for ever (SESSIONS_HUB_RETENTION is None).")
            return
        cutoff = timezone.localtime(now - retention).strftime("%Y-%m-%d %H:%M %Z")
        self.stdout.write(f"{verb} {number} that ended before {cutoff}.")


def _retention(older_than: Any) -> timedelta | None:
    if older_than is not None:
        return parsed(duration, older_than)
    retention: object = conf.SESSIONS_HUB_RETENTION
    if retention is None:
        return None
    if isinstance(retention, timedelta) and retention > timedelta(0):
        return retention
    raise CommandError(
        "SESSIONS_HUB_RETENTION must be a timedelta above zero, such as timedelta(days=90), or "
        f"None to keep ended sessions for ever. It is {retention!r}."
    )
