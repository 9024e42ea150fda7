"""endsessions: end the sessions that match, for a reason and in somebody's name."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import OperationalError
from django.utils import timezone

from sessions_hub.lifecycle import watch_ends
from sessions_hub.lifecycle.audit import Actor
from sessions_hub.lifecycle.contention import is_contention
from sessions_hub.lifecycle.exceptions import ActionNotRecorded
from sessions_hub.lifecycle.guard import database
from sessions_hub.lifecycle.staff import MOST, end_chosen
from sessions_hub.management.arguments import user_named, word
from sessions_hub.management.asking import confirm
from sessions_hub.management.colours import session_paint
from sessions_hub.management.command import HubCommand
from sessions_hub.management.pace import Pace
from sessions_hub.management.selection import (
    OPTIONS,
    add_selection,
    conditions,
    selected,
    session_ids,
)
from sessions_hub.management.statuses import (
    DONE,
    FAILED,
    NOTHING_MATCHED,
    STOPPED,
    WRONG_ARGUMENTS,
)
from sessions_hub.management.tables import (
    SESSION_HEADERS,
    print_table,
    session_rows,
    with_proofs,
)
from sessions_hub.models import EndReason, Session, SessionQuerySet

ASK_ABOVE = 100
SAMPLE = 10
WAYS = ("all", "session", *(one.name for one in OPTIONS))


class Command(HubCommand):
    # Half a run helps nobody.
    works_on_unread = True
    help = (
        "Ends the sessions that meet all the conditions given; they are refused from their "
        "next request on. Sessions that have ended or expired are left alone.\n\n"
        "Works in batches. It is written down as what staff do: in the log, and with --by in "
        "the admin's history as well."
    )
    examples = (
        "--user ada",
        "--network 203.0.113.0/24 --dry-run",
        "--os IOS --os-below 18.1 --reason compromised --by carol --yes",
    )
    statuses = (DONE, FAILED, WRONG_ARGUMENTS, NOTHING_MATCHED, *STOPPED)

    def add_arguments(self, parser: CommandParser) -> None:
        add_selection(parser)
        how = parser.add_argument_group("how to end them")
        how.add_argument(
            "--all", action="store_true", help="All sessions; needed where no condition is given."
        )
        how.add_argument(
            "--reason",
            choices=EndReason.values,
            default=EndReason.REVOKED_BY_STAFF.value,
            metavar="REASON",
            help=f"The cause to record (default: revoked_by_staff): {', '.join(EndReason.values)}.",
        )
        how.add_argument(
            "--by", metavar="NAME", help="The user to record as who ended them (user name)."
        )
        how.add_argument(
            "--dry-run", action="store_true", help="Only show what would end, and how many."
        )
        how.add_argument(
            "--yes", action="store_true", help=f"Do not ask before ending more than {ASK_ABOVE}."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        reason = EndReason(word(options["reason"], EndReason.values, "--reason"))
        by = user_named(options["by"], "--by") if options["by"] is not None else None
        if not any(options[name] for name in WAYS):
            raise CommandError(
                "Say which sessions to end, by a condition such as --user, or --all.",
                returncode=WRONG_ARGUMENTS,
            )
        wanted, ids = conditions(options, now), session_ids(options)
        sessions = Session.objects.using(database()).filter(selected(wanted, ids)).open(now)
        matched = sessions.count()
        if not matched:
            raise CommandError("No session matches.", returncode=NOTHING_MATCHED)
        if options["dry_run"]:
            self._show(sessions, matched, now, options)
            return
        if matched > ASK_ABOVE and not options["yes"]:
            confirm(
                f"End {_sessions(matched)}?",
                f"This would end {_sessions(matched)}.",
                "Nothing was ended.",
            )
        told = {**wanted, **({"session": len(ids)} if ids else {})} or {"all": True}
        self._end(sessions, told, Actor(by, via="command"), reason, matched, now)

    def _end(
        self,
        sessions: SessionQuerySet,
        told: dict[str, Any],
        actor: Actor,
        reason: EndReason,
        matched: int,
        now: datetime,
    ) -> None:
        pace, progress = Pace(), self.progress(lambda: matched)
        ended, has_more, problem = 0, True, ""

        def goes_on(number: int) -> bool:
            progress.say(f"ended {ended + number}", ended + number)
            return pace.goes_on()

        with watch_ends() as ends, pace.heeding_signals():
            try:
                while has_more and not pace.signal:
                    done = end_chosen(
                        sessions,
                        told,
                        actor,
                        limit=MOST,
                        reason=reason,
                        goes_on=goes_on,
                        now=now,
                    )
                    ended, has_more = ended + done.count, done.has_more
                    if not done.count:
                        # What is left meets the conditions no longer.
                        break
            except ActionNotRecorded:
                problem = "What is done could not be written into the admin's history."
            except OperationalError as error:
                if not is_contention(error):
                    raise
                problem = "Others hold some of the rows: all but those, and a few more, have ended."
        progress.clear()
        if problem:
            raise CommandError(f"{problem} Run again for the rest.", returncode=FAILED)
        self.say(f"Ended {_sessions(ended)}.")
        if ends.delayed_until is not None:
            until = timezone.localtime(ends.delayed_until).strftime("%H:%M:%S")
            self.stderr.write(
                "The cache did not take the news of all of them: some may be let in as before "
                f"until {until}."
            )
        if has_more:
            self.end_by(pace)

    def _show(
        self, sessions: SessionQuerySet, matched: int, now: datetime, options: dict[str, Any]
    ) -> None:
        sample = list(with_proofs(sessions).order_by("-pk")[:SAMPLE])
        paint = session_paint(self.stdout, options)
        print_table(self.stdout, SESSION_HEADERS, session_rows(sample, now), paint=paint)
        if matched > len(sample):
            self.stdout.write(f"… and {matched - len(sample)} more.")
        self.stdout.write(f"Would end {_sessions(matched)}.")


def _sessions(number: int) -> str:
    return "1 session" if number == 1 else f"{number} sessions"
