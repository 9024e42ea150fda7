"""anonymizesessions: take out of ended sessions what points to a person. For a daily job."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import IntegrityError
from django.utils import timezone

from sessions_hub import events
from sessions_hub.lifecycle.anonymize import TABLES, Due, anonymize, count_due
from sessions_hub.lifecycle.audit import Actor, Deed, tell
from sessions_hub.lifecycle.erase import anonymizing_user
from sessions_hub.lifecycle.guard import database
from sessions_hub.management.arguments import duration, parsed, user_named
from sessions_hub.management.asking import confirm
from sessions_hub.management.batches import add_batch_options, batch_size_of, pace_of
from sessions_hub.management.command import HubCommand
from sessions_hub.management.policy import time_of
from sessions_hub.management.statuses import DONE, FAILED, STOPPED, WORK_LEFT, WRONG_ARGUMENTS
from sessions_hub.management.tables import print_table
from sessions_hub.models import Session
from sessions_hub.models.querysets import BATCH


class Command(HubCommand):
    # Half a run helps nobody.
    works_on_unread = True
    help = (
        "Cuts the addresses of sessions that ended longer ago than "
        "SESSIONS_HUB_ADDRESS_RETENTION to /24 (IPv4) and /48 (IPv6), rounds their coordinates "
        "to a tenth of a degree, and drops the user agents and client hints of those that ended "
        "longer ago than SESSIONS_HUB_USER_AGENT_RETENTION. What was made of them stays: system, "
        "client, country, city, network operator. Sessions that have not ended are left alone.\n\n"
        "With --user, all of one user instead, at once: their sessions end, and become "
        "nobody's; numbers stay as they are. Their account is not touched.\n\n"
        "Works in short transactions, so it may run while the site does. Whatever stops it, the "
        "next run does the rest, and only that."
    )
    examples = ("", "--dry-run", "--older-than 30d", "--user ada --yes")
    statuses = (DONE, FAILED, WRONG_ARGUMENTS, WORK_LEFT, *STOPPED)

    def add_arguments(self, parser: CommandParser) -> None:
        group = parser.add_argument_group("what is anonymized")
        group.add_argument(
            "--older-than",
            type=duration,
            metavar="TIME",
            help="In the place of both settings, such as 30d or 12h after the end.",
        )
        group.add_argument(
            "--user", metavar="NAME", help="All of the user with this user name, whatever its age."
        )
        group.add_argument("--yes", action="store_true", help="Do not ask whether, with --user.")
        add_batch_options(parser, BATCH, dry_run="Only say how many rows it would be.")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        if options["user"] is not None:
            self._erase(options, now)
            return
        if (older := options["older_than"]) is not None:
            due = Due.at(now, parsed(duration, older), parsed(duration, older))
        else:
            due = Due.at(
                now,
                time_of("SESSIONS_HUB_ADDRESS_RETENTION"),
                time_of("SESSIONS_HUB_USER_AGENT_RETENTION"),
            )
        if options["dry_run"]:
            self._print("would be anonymized", count_due(due))
            return
        pace, progress = pace_of(options), self.progress(lambda: sum(count_due(due).values()))
        done: Counter[str] = Counter()
        with pace.heeding_signals():
            for batch in anonymize(due, batch_size=batch_size_of(options)):
                done[batch.table] += batch.rows
                progress.say(f"{batch.table}, {done.total()} rows", done.total())
                if not pace.goes_on():
                    break
        progress.clear()
        if self.verbosity:
            self._print("anonymized", done)
        self.end_by(pace)

    def _print(self, header: str, counts: dict[str, int] | Counter[str]) -> None:
        rows = [(one.name, str(counts.get(one.name, 0))) for one in TABLES]
        print_table(self.stdout, ("table", header), rows)

    def _erase(self, options: dict[str, Any], now: datetime) -> None:
        user = user_named(options["user"], "--user")
        name, key = user.get_username(), user.pk
        alias = database()
        matched = Session.objects.using(alias).for_user(key).count()
        sessions = "1 session" if matched == 1 else f"{matched} sessions"
        if options["dry_run"]:
            self.stdout.write(f"Would anonymize {sessions} of {name}, and end those that are open.")
            return
        if not options["yes"]:
            confirm(
                f"Anonymize {sessions} of {name} for good?",
                f"This would anonymize {sessions} of {name} for good.",
                "Nothing was anonymized.",
            )
        pace, progress, done = pace_of(options), self.progress(lambda: matched), 0
        is_kept = False
        try:
            with pace.heeding_signals():
                for rows in anonymizing_user(key, now, alias):
                    done += rows
                    progress.say(f"{done} sessions", done)
                    if not pace.goes_on():
                        break
        # The devices come last: what is said below is true all the same.
        except IntegrityError:
            is_kept = True
        progress.clear()
        facts = {"user_id": events.name_of(key), "count": done}
        tell(Actor(None, via="command"), Deed(event=events.STAFF_ANONYMIZED, facts=facts))
        self.say(f"Anonymized {done} of {sessions} of {name}.")
        if is_kept:
            raise CommandError(
                "Devices are left that models of the site refer to and protect. Delete what "
                "refers to them, and run this again.",
                returncode=FAILED,
            )
        self.end_by(pace)
