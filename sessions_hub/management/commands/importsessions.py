"""importsessions: give rows to sessions that signed in before the hub was there."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import DEFAULT_DB_ALIAS
from django.utils import timezone

from sessions_hub.lifecycle.importing import (
    BATCH,
    SOURCES,
    NoSuchTable,
    Outcome,
    import_sessions,
)
from sessions_hub.management.arguments import database, parsed, word
from sessions_hub.management.batches import add_batch_options, batch_size_of, pace_of
from sessions_hub.management.command import REST, HubCommand
from sessions_hub.management.faults import MIGRATE, table_named
from sessions_hub.management.statuses import DONE, FAILED, STOPPED, WORK_LEFT, WRONG_ARGUMENTS
from sessions_hub.management.tables import print_table

# Of these a person may want to know which they were.
NAMED = (Outcome.UNREADABLE, Outcome.NO_USER, Outcome.STALE)


class Command(HubCommand):
    # Half a run helps nobody.
    works_on_unread = True
    help = (
        "Gives rows to the sessions of people who signed in before the hub was there, so that "
        "lists show them at once: without it, each gets its row on its next request. Nothing "
        "of the table is changed, and nobody is signed out; a session that is used meanwhile "
        "has one row all the same.\n\n"
        "Sources: django (django_session, of the engines db and cached_db), allauth "
        "(allauth.usersessions), user-sessions and qsessions (the tables of those engines). The "
        "last three know client and address as well.\n\n"
        "Works in batches and may run again at any time: what has a row is only read, and with "
        "--after not even that. Rows that "
        "cannot be imported are counted by why; --verbosity 2 names those that are unreadable, of "
        "unknown users or of other passwords."
    )
    examples = ("--dry-run", "", "--from allauth --sleep 0.1")
    statuses = (DONE, FAILED, WRONG_ARGUMENTS, WORK_LEFT, *STOPPED)

    def add_arguments(self, parser: CommandParser) -> None:
        group = parser.add_argument_group("what is imported")
        group.add_argument(
            "--from",
            dest="source",
            choices=SOURCES,
            default="django",
            help="Whose table (default: django).",
        )
        group.add_argument(
            "--database",
            type=database,
            default=DEFAULT_DB_ALIAS,
            metavar="ALIAS",
            help=f"The database it is in (default: {DEFAULT_DB_ALIAS}).",
        )
        group.add_argument(
            "--after",
            default="",
            metavar="PLACE",
            help="Go on here, as a run that stopped has printed it: the first three characters of "
            "a session key, or an id of allauth's.",
        )
        add_batch_options(parser, BATCH, dry_run="Write nothing, and print the same numbers.")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        source = SOURCES[word(options["source"], list(SOURCES), "--from")]
        alias = parsed(database, options["database"])
        dry_run = bool(options["dry_run"])
        after = str(options["after"])
        if after and not source.is_place(after):
            raise CommandError(
                "--after: that is not what a run that stopped has printed.",
                returncode=WRONG_ARGUMENTS,
            )
        pace = pace_of(options)
        batches = import_sessions(
            source,
            alias,
            now=now,
            batch_size=batch_size_of(options),
            dry_run=dry_run,
            after=after,
        )
        counts: Counter[Outcome] = Counter()
        try:
            progress = self.progress(lambda: source.count(alias))
            with pace.heeding_signals():
                for batch in batches:
                    for reference, outcome in batch.outcomes:
                        counts[outcome] += 1
                        if outcome in NAMED:
                            self.detail(f"{outcome}: {reference}")
                    after = batch.reached
                    imported = counts[Outcome.IMPORTED]
                    progress.say(f"read {counts.total()}, imported {imported}", counts.total())
                    if not pace.goes_on():
                        break
            progress.clear()
        except NoSuchTable as error:
            advice = f" {MIGRATE}" if table_named(str(error)) else ""
            raise CommandError(f"{error}{advice}", returncode=FAILED) from None
        if dry_run:
            self.say("Nothing is written. A run would do this:")
        if self.verbosity:
            rows = [(outcome.value, str(counts[outcome])) for outcome in Outcome]
            print_table(self.stdout, ("sessions", "number"), [*rows, ("read", str(counts.total()))])
        if unreadable := counts[Outcome.UNREADABLE]:
            self.say(
                f"Rows that cannot be read: {unreadable}, probably of another SECRET_KEY or "
                "serializer."
            )
        self.end_by(pace, f"Run again with --after={after} for the rest." if after else REST)
