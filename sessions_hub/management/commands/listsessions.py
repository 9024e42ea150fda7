"""listsessions: who is signed in, and who was."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Iterator
from datetime import datetime
from io import StringIO
from itertools import islice
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from sessions_hub.lifecycle.guard import database as hub_database
from sessions_hub.management.arguments import count, database, parsed, row_id, seconds, word
from sessions_hub.management.colours import session_paint
from sessions_hub.management.command import HubCommand
from sessions_hub.management.pace import Pace
from sessions_hub.management.selection import add_selection, conditions, selected, session_ids
from sessions_hub.management.statuses import BY_SIGNAL, DONE, FAILED, WRONG_ARGUMENTS
from sessions_hub.management.tables import (
    SESSION_HEADERS,
    Out,
    SessionRecord,
    print_csv,
    print_json,
    print_table,
    session_record,
    session_rows,
    with_proofs,
)
from sessions_hub.models import Session, SessionQuerySet, Status
from sessions_hub.models.querysets import BATCH

ALL = "all"
FORMATS = ["table", "json", "csv"]
STATUSES = [*Status.values, ALL]
# A table has to be held in memory to be aligned.
LONGEST_TABLE = 10_000
# Lines of a terminal that are no sessions: time, header, rule, what follows, and the cursor's.
_AROUND = 6
# To the upper left corner; to the end of the line; to the end of the screen.
_HOME, _TO_END_OF_LINE, _TO_END = "\x1b[H", "\x1b[K", "\x1b[J"


class Command(HubCommand):
    help = "Lists sign-in sessions, the newest first. Reads only."
    examples = (
        "--user ada --status all",
        "--country DE --method password --since 7d --format csv > sessions.csv",
        "--os IOS --os-below 18.1 --watch",
    )
    # SIGTERM ends --watch; Ctrl-C is its way out.
    statuses = (DONE, FAILED, WRONG_ARGUMENTS, BY_SIGNAL + signal.SIGTERM)

    def add_arguments(self, parser: CommandParser) -> None:
        add_selection(parser)
        how = parser.add_argument_group("how to print")
        how.add_argument(
            "--status",
            choices=STATUSES,
            default=Status.ACTIVE.value,
            help="Sessions that are so now (default: active).",
        )
        how.add_argument(
            "--format", choices=FORMATS, default="table", help="How to print (default: table)."
        )
        how.add_argument(
            "--ids",
            action="store_true",
            help="Show the ids in the table too; json and csv always have them.",
        )
        how.add_argument(
            "--limit",
            type=count,
            default=50,
            metavar="N",
            help=f"At most N sessions (default: 50); of a table at most {LONGEST_TABLE}.",
        )
        how.add_argument(
            "--after", type=row_id, metavar="ID", help="Go on behind the session with this id."
        )
        how.add_argument(
            "--watch",
            nargs="?",
            type=seconds,
            const=2.0,
            metavar="SECONDS",
            help="Show a table that fits the terminal, anew every so many seconds (default: 2), "
            "until Ctrl-C.",
        )
        how.add_argument(
            "--database",
            type=database,
            metavar="ALIAS",
            help="Read from this database, such as a replica (default: the one the hub writes to).",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["watch"] is not None:
            self._watch(options, parsed(seconds, options["watch"]))
            return
        limit = parsed(count, options["limit"])
        now = timezone.now()
        sessions = _matching(options, now)
        match word(options["format"], FORMATS, "--format"):
            case "json":
                records = _records(sessions, limit, now)
                print_json(self.stdout, (record._asdict() for record in records))
            case "csv":
                print_csv(self.stdout, SessionRecord._fields, _records(sessions, limit, now))
            case _:
                _refuse_long(limit)
                self._print_table(self.stdout, sessions, limit, now, options)

    def _watch(self, options: dict[str, Any], every: float) -> None:
        if word(options["format"], FORMATS, "--format") != "table" or not self.stdout.isatty():
            raise CommandError(
                "--watch is for a table on a terminal. Leave it out, or --format.",
                returncode=WRONG_ARGUMENTS,
            )
        pace = Pace(sleep=every)
        with pace.heeding_signals():
            while True:
                now = timezone.now()
                size = shutil.get_terminal_size()
                limit = min(parsed(count, options["limit"]), max(1, size.lines - _AROUND))
                page = StringIO()
                clock = timezone.localtime(now).strftime("%H:%M:%S")
                page.write(f"{clock}, every {every:g} s until Ctrl-C\n")
                sessions = _matching(options, now)
                self._print_table(page, sessions, limit, now, options, width=size.columns)
                lines = page.getvalue().replace("\n", f"{_TO_END_OF_LINE}\n")
                # At once, so that it does not flicker.
                self.stdout.write(f"{_HOME}{lines}{_TO_END}", ending="")
                self.stdout.flush()
                if not pace.goes_on():
                    break
        if pace.signal == signal.SIGTERM:
            self.end_by(pace)

    def _print_table(
        self,
        out: Out,
        sessions: SessionQuerySet,
        limit: int,
        now: datetime,
        options: dict[str, Any],
        *,
        width: int | None = None,
    ) -> None:
        # One more than asked for, to say that there are more.
        found = list(_pages(sessions, limit + 1))
        shown = found[:limit]
        if not shown:
            out.write("No session matches.\n")
            return
        headers: tuple[str, ...] = SESSION_HEADERS
        rows = session_rows(shown, now)
        if options["ids"]:
            headers = (*headers, "id")
            rows = [(*row, str(one.pk)) for row, one in zip(rows, shown, strict=True)]
        paint = session_paint(self.stdout, options)
        print_table(out, headers, rows, width=width, paint=paint)
        if len(found) > limit:
            last = shown[-1].pk
            out.write(f"There are more: --after={last} goes on behind these {len(shown)}.\n")


def _matching(options: dict[str, Any], now: datetime) -> SessionQuerySet:
    alias = options["database"]
    alias = hub_database() if alias is None else parsed(database, alias)
    sessions = Session.objects.using(alias)
    sessions = sessions.filter(selected(conditions(options, now), session_ids(options)))
    if options["after"] is not None:
        sessions = sessions.filter(pk__lt=parsed(row_id, options["after"]))
    match word(options["status"], STATUSES, "--status"):
        case Status.ACTIVE:
            return sessions.active(now)
        case Status.EXPIRED:
            return sessions.expired(now)
        case Status.REVOKED:
            return sessions.revoked(now)
    return sessions


def _records(sessions: SessionQuerySet, limit: int, now: datetime) -> Iterator[SessionRecord]:
    return (session_record(session, now) for session in _pages(sessions, limit))


def _pages(sessions: SessionQuerySet, limit: int) -> Iterator[Session]:
    """The newest sessions, at most `limit`, read page by page behind the last one's id."""

    def read() -> Iterator[Session]:
        rows = with_proofs(sessions).order_by("-pk")
        size = min(limit, BATCH)
        page = rows
        while found := list(page[:size]):
            yield from found
            if len(found) < size:
                return
            page = rows.filter(pk__lt=found[-1].pk)

    return islice(read(), limit)


def _refuse_long(limit: int) -> None:
    if limit > LONGEST_TABLE:
        raise CommandError(
            f"--limit: a table has at most {LONGEST_TABLE} rows. Use --format json or csv.",
            returncode=WRONG_ARGUMENTS,
        )
