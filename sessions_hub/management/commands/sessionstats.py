"""sessionstats: how many sign in, with what, from where, and how their sessions end."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, timedelta
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from sessions_hub.management.arguments import count, parsed, word
from sessions_hub.management.bars import bars
from sessions_hub.management.pipes import PipedCommand
from sessions_hub.management.tables import print_table
from sessions_hub.reporting import DAY, Breakdown, Period, Statistics, shared_address, statistics

FORMATS = ["text", "json"]
LONGEST = 36500
WRONG_ARGUMENTS = 2
TITLES = {
    "operating_systems": "operating system",
    "clients": "client",
    "device_types": "device type",
    "countries": "country",
    "methods": "method",
    "assurance_levels": "level",
    "ends": "end",
}


class Command(PipedCommand):
    help = (
        "Counts sign-ins and sessions. Exit status: 0 done; 1 something failed; "
        "2 an option is wrong."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--days",
            type=count,
            default=30,
            metavar="N",
            help="Look at the sign-ins of the last N days (default: 30).",
        )
        parser.add_argument(
            "--format",
            choices=FORMATS,
            default="text",
            help="How to print (default: text, with bars on a terminal).",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        days = parsed(count, options["days"])
        if days > LONGEST:
            raise CommandError(
                f"--days: {days} is too long; at most {LONGEST}.", returncode=WRONG_ARGUMENTS
            )
        as_json = word(options["format"], FORMATS, "--format") == "json"
        if (shared := shared_address()) is not None:
            # Before everything, and not in the JSON.
            (self.stderr if as_json else self.stdout).write(f"Warning: {shared.advice}\n\n")
        numbers = statistics(timezone.now(), window=timedelta(days=days))
        if as_json:
            self.stdout.write(json.dumps(_record(numbers), indent=2) + "\n")
        else:
            self._print(numbers)

    def _print(self, numbers: Statistics) -> None:
        self.stdout.write(f"Active now: {numbers.active}\n\n")
        headers = ("over the last", "sign-ins", "failed sign-ins", "new devices")
        rows = [
            (
                _length(one.length),
                str(one.sign_ins).rjust(len(headers[1])),
                _failed(one).rjust(len(headers[2])),
                str(one.new_devices).rjust(len(headers[3])),
            )
            for one in numbers.periods
        ]
        print_table(self.stdout, headers, rows)
        self.stdout.write(f"\nOver the last {_length(numbers.window.length)}:\n")
        tables = [(title, getattr(numbers, name)) for name, title in TITLES.items()]
        if not any(breakdown.shares for _title, breakdown in tables):
            self.stdout.write("No sign-in.\n")
        for title, breakdown in tables:
            self._print_breakdown(title, breakdown)

    def _print_breakdown(self, title: str, breakdown: Breakdown) -> None:
        counted = [(share.value or "unknown", share.count) for share in breakdown.shares]
        if breakdown.others:
            counted.append(("others", breakdown.others))
        if not counted:
            return
        header = "sessions" if title == "end" else "sign-ins"
        lines = zip(counted, bars(self.stdout, [number for _v, number in counted]), strict=True)
        rows = [(value, str(number).rjust(len(header)), bar) for (value, number), bar in lines]
        self.stdout.write("\n")
        print_table(self.stdout, (title, header, ""), rows)


def _length(period: timedelta) -> str:
    return "24 hours" if period == DAY else f"{period.days} days"


def _failed(period: Period) -> str:
    return "not counted" if period.failed_sign_ins is None else str(period.failed_sign_ins)


def _record(numbers: Statistics) -> dict[str, Any]:
    """The numbers as JSON has them: lengths in days, the time in UTC."""
    return {
        "at": numbers.at.astimezone(UTC).isoformat().removesuffix("+00:00") + "Z",
        "active": numbers.active,
        "periods": [_period(one) for one in numbers.periods],
        "window": _period(numbers.window),
        **{name: asdict(getattr(numbers, name)) for name in TITLES},
    }


def _period(period: Period) -> dict[str, int | None]:
    return {
        "days": period.length.days,
        "sign_ins": period.sign_ins,
        "failed_sign_ins": period.failed_sign_ins,
        "new_devices": period.new_devices,
    }
