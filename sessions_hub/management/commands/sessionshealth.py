"""sessionshealth: whether the hub can do its work, for monitors and for people."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, ClassVar

from django.core.management.base import CommandError, CommandParser

from sessions_hub.health import TIMEOUT, Result, Status, check, overall
from sessions_hub.health.probes import PROBES
from sessions_hub.management.arguments import parsed, seconds, word
from sessions_hub.management.command import HubCommand
from sessions_hub.management.tables import print_table

FORMATS = ["text", "json"]
# As monitoring plugins say it (Nagios and what follows it).
EXITS = {Status.OK: 0, Status.OFF: 0, Status.DEGRADED: 1, Status.FAILING: 2}


class Command(HubCommand):
    # The checks of the settings may fail for what this is to tell.
    requires_system_checks = []
    help = (
        "Looks whether verdicts can be read, whether the cache takes and gives them, whether all "
        "keys can be used, and how old the GeoIP files are; says what to do about what is wrong."
    )
    examples = ("", "--only database --only cache", "--format json")
    statuses = tuple(sorted(set(EXITS.values())))
    meanings: ClassVar[Mapping[int, str]] = {
        0: "all well",
        1: "degraded: sessions are judged, something else is missing",
        2: "failing: signed-in visitors are answered 503; also when an option is wrong",
    }

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--only", action="append", choices=list(PROBES), help="Look at this alone; repeatable."
        )
        parser.add_argument(
            "--timeout",
            type=seconds,
            default=TIMEOUT,
            metavar="N",
            help=f"Seconds after which a probe counts as failed (default: {TIMEOUT:g}).",
        )
        parser.add_argument(
            "--format", choices=FORMATS, default="text", help="How to print (default: text)."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        as_json = word(options["format"], FORMATS, "--format") == "json"
        try:
            results = check(options["only"] or None, timeout=parsed(seconds, options["timeout"]))
        except KeyError as error:
            raise CommandError(f"--only: {error.args[0]}") from None
        status = overall(results)
        if as_json:
            told = {"status": status.value, "checks": [asdict(one) for one in results]}
            self.stdout.write(json.dumps(told, indent=2))
        else:
            self._print(results)
        if EXITS[status]:
            self.stdout.flush()
            sys.exit(EXITS[status])

    def _print(self, results: list[Result]) -> None:
        rows = [
            (one.name, one.status.value, f"{one.milliseconds} ms", one.message) for one in results
        ]
        print_table(self.stdout, ("check", "status", "took", "found"), rows)
        for one in results:
            if one.advice:
                self.stdout.write(f"\n{one.name}: {one.advice}")
