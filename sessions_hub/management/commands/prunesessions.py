"""prunesessions: end what is over, delete what ended long ago. For a daily job."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.management.base import CommandParser
from django.utils import timezone

from sessions_hub.lifecycle.credentials import end_worthless
from sessions_hub.lifecycle.failed_sign_ins import KEPT_FOR, count_outlived, delete_outlived
from sessions_hub.lifecycle.prune import (
    count_prunable,
    delete_ended,
    delete_orphans,
    stamp_expired,
)
from sessions_hub.lifecycle.retention import Retention
from sessions_hub.management.arguments import duration, parsed
from sessions_hub.management.batches import add_batch_options, batch_size_of, pace_of
from sessions_hub.management.command import HubCommand
from sessions_hub.management.pace import Pace
from sessions_hub.management.policy import print_policy, retention_with
from sessions_hub.management.statuses import DONE, FAILED, STOPPED, WORK_LEFT, WRONG_ARGUMENTS
from sessions_hub.models.querysets import BATCH

_OUTLIVED = f"counts of failed sign-ins of more than {KEPT_FOR.days} days ago"


class Command(HubCommand):
    # Half a run helps nobody.
    works_on_unread = True
    help = (
        "Stamps sessions whose limit has passed with the time it passed, ends those of changed "
        "passwords and of users who are disabled or gone, deletes the rows of sessions that "
        "ended longer ago than they are kept, then the devices that no session is left of, and "
        f"counts of failed sign-ins of more than {KEPT_FOR.days} days ago. "
        "How long that is say SESSIONS_HUB_RETENTION and SESSIONS_HUB_RETENTION_FOR: see "
        "--show-policy. What models of the site refer to goes as Django deletes: what they "
        "protect is left, and counted.\n\n"
        "Works in short transactions and leaves alone what others are at work on, so it may run "
        "while the site does, and beside another run of itself. Whatever stops it, the next run "
        "does the rest."
    )
    examples = ("", "--max-seconds 600 --sleep 0.1", "--show-policy")
    statuses = (DONE, FAILED, WRONG_ARGUMENTS, WORK_LEFT, *STOPPED)

    def add_arguments(self, parser: CommandParser) -> None:
        group = parser.add_argument_group("what goes")
        group.add_argument(
            "--older-than",
            type=duration,
            metavar="TIME",
            help="In the place of SESSIONS_HUB_RETENTION, such as 90d or 12h. What "
            "SESSIONS_HUB_RETENTION_FOR names is kept as it says.",
        )
        group.add_argument(
            "--show-policy",
            action="store_true",
            help="Only print what is kept for how long, and what is anonymized when.",
        )
        add_batch_options(parser, BATCH, dry_run="Only say how many rows it would be.")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        older = options["older_than"]
        retention = retention_with(... if older is None else parsed(duration, older))
        if options["show_policy"]:
            print_policy(self.stdout, retention)
            return
        batch_size = batch_size_of(options)
        if options["dry_run"]:
            self._look(now, retention)
            return
        pace = pace_of(options)
        kept: list[UUID] = []
        steps = (
            ("Stamped", "expired", stamp_expired(now, batch_size=batch_size)),
            (
                "Ended",
                "of changed passwords, disabled users and forgotten devices",
                end_worthless(now, batch_size=batch_size),
            ),
            (
                "Deleted",
                _old(retention),
                delete_ended(now, retention, batch_size=batch_size, kept=kept.append),
            ),
            (
                "Deleted",
                "devices without a session",
                delete_orphans(now, retention.default, batch_size=batch_size, kept=kept.append),
            ),
            ("Deleted", _OUTLIVED, delete_outlived(now, batch_size=batch_size)),
        )
        done = []
        with pace.heeding_signals():
            for verb, what, batches in steps:
                if not pace.signal and not pace.time_is_up:
                    done.append(f"{verb} {self._run(verb, what, batches, pace)} {what}.")
        for line in done:
            self.say(line)
        if kept:
            self.say(f"Left {len(kept)} rows that models of the site refer to and protect.")
        self.end_by(pace)

    def _run(self, verb: str, what: str, batches: Iterator[int], pace: Pace) -> int:
        total, progress = 0, self.progress()
        for number in batches:
            total += number
            progress.say(f"{verb} {total} {what} so far …")
            if not pace.goes_on():
                break
        progress.clear()
        return total

    def _look(self, now: datetime, retention: Retention) -> None:
        counts = count_prunable(now, retention)
        self.stdout.write(f"Would stamp {counts.expired} expired.")
        self.stdout.write(
            f"Would end {counts.worthless} of changed passwords, disabled users and "
            "forgotten devices."
        )
        self.stdout.write(f"Would delete {counts.deleted} {_old(retention)}.")
        self.stdout.write(
            f"Would delete {counts.devices} devices without a session, and those of the sessions "
            "above."
        )
        self.stdout.write(f"Would delete {count_outlived(now)} {_OUTLIVED}.")


def _old(retention: Retention) -> str:
    times = (retention.default, *retention.reasons.values(), *retention.types.values())
    if all(time is None for time in times):
        return "ended sessions: all are kept for ever"
    return "ended sessions that are kept no longer"
