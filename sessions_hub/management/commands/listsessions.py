"""listsessions: who is signed in, and who was."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.management.base import CommandParser
from django.db.models import Exists, OuterRef
from django.utils import timezone

from sessions_hub.management.arguments import as_time, count, moment, parsed, word
from sessions_hub.management.pipes import PipedCommand
from sessions_hub.management.selection import add_selection, select
from sessions_hub.management.tables import (
    SESSION_HEADERS,
    SessionRecord,
    print_csv,
    print_json,
    print_table,
    session_record,
    session_rows,
    with_proofs,
)
from sessions_hub.models import AuthenticationMethod, Method, Session, SessionType, Status

ALL = "all"
FORMATS = ["table", "json", "csv"]
STATUSES = [*Status.values, ALL]


class Command(PipedCommand):
    help = (
        "Lists sign-in sessions, the newest first. Exit status: 0 done, also when there "
        "are none; 1 something failed; 2 an option is wrong."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_selection(parser)
        parser.add_argument(
            "--status",
            choices=STATUSES,
            default=Status.ACTIVE.value,
            help="Sessions that are so now (default: active).",
        )
        parser.add_argument(
            "--type",
            choices=SessionType.values,
            metavar="TYPE",
            help=f"Sessions of this type: {', '.join(SessionType.values)}.",
        )
        parser.add_argument(
            "--method",
            choices=Method.values,
            metavar="METHOD",
            help=f"Sessions proven so, first or later: {', '.join(Method.values)}.",
        )
        parser.add_argument(
            "--since",
            type=moment,
            metavar="TIME",
            help="Signed in at or after this time: 2026-01-31, 2026-01-31T12:00, or 7d for "
            "seven days ago (also 12h, 30m).",
        )
        parser.add_argument(
            "--until", type=moment, metavar="TIME", help="Signed in before this time."
        )
        parser.add_argument(
            "--limit", type=count, default=50, metavar="N", help="At most N sessions (default: 50)."
        )
        parser.add_argument(
            "--format", choices=FORMATS, default="table", help="How to print (default: table)."
        )
        parser.add_argument(
            "--ids",
            action="store_true",
            help="Show the ids in the table too; json and csv always have them.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        limit = parsed(count, options["limit"])
        sessions = select(options)
        match word(options["status"], STATUSES, "--status"):
            case Status.ACTIVE:
                sessions = sessions.active(now)
            case Status.EXPIRED:
                sessions = sessions.expired(now)
            case Status.REVOKED:
                sessions = sessions.revoked(now)
        if options["type"] is not None:
            kind = word(options["type"], SessionType.values, "--type")
            sessions = sessions.filter(session_type=kind)
        if options["method"] is not None:
            method = word(options["method"], Method.values, "--method")
            proofs = AuthenticationMethod.objects.filter(
                session=OuterRef("pk"), method=method, revoked_at__isnull=True
            )
            sessions = sessions.filter(Exists(proofs))
        if options["since"] is not None:
            sessions = sessions.filter(issued_at__gte=as_time(options["since"], now))
        if options["until"] is not None:
            sessions = sessions.filter(issued_at__lt=as_time(options["until"], now))
        # One more than asked for, to say that there are more.
        found = list(with_proofs(sessions).order_by("-pk")[: limit + 1])
        shown = found[:limit]
        records = [session_record(session, now) for session in shown]
        match word(options["format"], FORMATS, "--format"):
            case "json":
                print_json(self.stdout, [record._asdict() for record in records])
            case "csv":
                print_csv(self.stdout, SessionRecord._fields, records)
            case _ if not shown:
                self.stdout.write("No session matches.")
            case _:
                self._print_table(shown, now, ids=options["ids"])
                if len(found) > limit:
                    self.stdout.write(f"Only the newest {limit} are shown; see --limit.")

    def _print_table(self, sessions: list[Session], now: datetime, *, ids: bool) -> None:
        headers: tuple[str, ...] = SESSION_HEADERS
        rows = session_rows(sessions, now)
        if ids:
            headers = (*headers, "id")
            rows = [(*row, str(one.pk)) for row, one in zip(rows, sessions, strict=True)]
        print_table(self.stdout, headers, rows)
