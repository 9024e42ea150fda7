"""endsessions: end the sessions that match, for a reason and in somebody's name."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from sessions_hub.lifecycle import end_sessions, watch_ends
from sessions_hub.management.arguments import (
    as_time,
    moment,
    parsed,
    session_id,
    user_named,
    word,
)
from sessions_hub.management.pipes import PipedCommand
from sessions_hub.management.selection import add_selection, select
from sessions_hub.management.tables import (
    SESSION_HEADERS,
    print_table,
    session_rows,
    with_proofs,
)
from sessions_hub.models import EndReason, SessionQuerySet

ASK_ABOVE = 100
SAMPLE = 10
PREDICATES = ("user", "address", "country", "tenant", "session", "before", "all")
FAILED, WRONG_ARGUMENTS, NOTHING_MATCHED, INTERRUPTED = 1, 2, 3, 130


class Command(PipedCommand):
    # Half a run helps nobody.
    works_on_unread = True
    help = (
        "Ends the sessions that meet all the conditions given; they are refused from their "
        "next request on. Sessions that have ended or expired are left alone. Exit status: "
        "0 done; 1 something failed, or you said no; 2 an option is wrong or no condition "
        "was given; 3 no session matches; 130 interrupted."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_selection(parser)
        parser.add_argument(
            "--session",
            type=session_id,
            action="append",
            metavar="ID",
            help="The session with this id; may be given several times.",
        )
        parser.add_argument(
            "--before",
            type=moment,
            metavar="TIME",
            help="Signed in before this time: 2026-01-31, 2026-01-31T12:00, or 7d for seven "
            "days ago (also 12h, 30m).",
        )
        parser.add_argument(
            "--all", action="store_true", help="All sessions; needed where no condition is given."
        )
        parser.add_argument(
            "--reason",
            choices=EndReason.values,
            default=EndReason.REVOKED_BY_STAFF.value,
            metavar="REASON",
            help=f"The cause to record (default: revoked_by_staff): {', '.join(EndReason.values)}.",
        )
        parser.add_argument(
            "--by", metavar="NAME", help="The user to record as who ended them (user name)."
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="Only show what would end, and how many."
        )
        parser.add_argument(
            "--yes", action="store_true", help=f"Do not ask before ending more than {ASK_ABOVE}."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        reason = word(options["reason"], EndReason.values, "--reason")
        actor = user_named(options["by"], "--by") if options["by"] is not None else None
        sessions = self._matching(options, now)
        matched = sessions.count()
        if not matched:
            raise CommandError("No session matches.", returncode=NOTHING_MATCHED)
        if options["dry_run"]:
            self._show(sessions, matched, now)
            return
        if matched > ASK_ABOVE and not options["yes"]:
            self._ask(matched)
        try:
            with watch_ends() as ends:
                ended = end_sessions(sessions, reason=reason, by=actor, now=now)
        except KeyboardInterrupt:
            raise CommandError(
                "Interrupted. What had ended stays ended; run again for the rest.",
                returncode=INTERRUPTED,
            ) from None
        self.stdout.write(f"Ended {_sessions(ended)}.")
        if ends.delayed_until is not None:
            until = timezone.localtime(ends.delayed_until).strftime("%H:%M:%S")
            self.stderr.write(
                "The cache did not take the news of all of them: some may be let in as before "
                f"until {until}."
            )

    def _matching(self, options: dict[str, Any], now: datetime) -> SessionQuerySet:
        if not any(options[name] for name in PREDICATES):
            names = ", ".join(f"--{name}" for name in PREDICATES)
            raise CommandError(f"Say which sessions to end: {names}.", returncode=WRONG_ARGUMENTS)
        sessions = select(options).open(now)
        if options["session"]:
            ids = [parsed(session_id, value) for value in _several(options["session"])]
            sessions = sessions.filter(pk__in=ids)
        if options["before"] is not None:
            sessions = sessions.filter(issued_at__lt=as_time(options["before"], now))
        return sessions

    def _show(self, sessions: SessionQuerySet, matched: int, now: datetime) -> None:
        sample = list(with_proofs(sessions).order_by("-pk")[:SAMPLE])
        print_table(self.stdout, SESSION_HEADERS, session_rows(sample, now))
        if matched > len(sample):
            self.stdout.write(f"… and {matched - len(sample)} more.")
        self.stdout.write(f"Would end {_sessions(matched)}.")

    def _ask(self, matched: int) -> None:
        if sys.stdin is None or not sys.stdin.isatty():
            raise CommandError(
                f"This would end {_sessions(matched)}. Add --yes to do so without being "
                "asked, or --dry-run to look first.",
                returncode=FAILED,
            )
        answer = input(f"End {_sessions(matched)}? [y/N] ")
        if answer.strip().lower() not in {"y", "yes"}:
            raise CommandError("Nothing was ended.", returncode=FAILED)


def _sessions(number: int) -> str:
    return "1 session" if number == 1 else f"{number} sessions"


def _several(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]
