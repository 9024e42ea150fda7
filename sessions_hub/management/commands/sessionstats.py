"""sessionstats: how many sign in, with what, from where, and how their sessions end."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from sessions_hub.management.arguments import count, parsed, word
from sessions_hub.management.bars import bars
from sessions_hub.management.command import HubCommand
from sessions_hub.management.statuses import WRONG_ARGUMENTS
from sessions_hub.management.tables import print_table
from sessions_hub.models import Session
from sessions_hub.reporting import (
    DAY,
    LOOKED_THROUGH,
    Breakdown,
    DayCount,
    Overview,
    Period,
    Span,
    Statistics,
    overview,
    shared_address,
    statistics,
)
from sessions_hub.reporting import LONGEST as LONGEST_SPAN
from sessions_hub.understanding.systems import system_name

FORMATS = ["text", "json"]
LONGEST = 36500
TITLES = {
    "operating_systems": "operating system",
    "clients": "client",
    "device_types": "device type",
    "countries": "country",
    "methods": "method",
    "assurance_levels": "level",
    "ends": "end",
}


class Command(HubCommand):
    help = (
        "Counts sign-ins and sessions: how many, with what, from where, day by day, and how they "
        "ended. The numbers are those of the overview in the admin. Reads only, from the "
        "database the site's router reads from."
    )
    examples = ("", "--days 7", "--format json | jq .in_use")

    def add_arguments(self, parser: CommandParser) -> None:
        group = parser.add_argument_group("what is counted")
        group.add_argument(
            "--days",
            type=count,
            default=30,
            metavar="N",
            help="Look at the sign-ins of the last N days (default: 30).",
        )
        group.add_argument(
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
        now = timezone.now()
        numbers = statistics(now, window=timedelta(days=days))
        daily = _daily(now, days)
        if as_json:
            record = {**_record(numbers), **_daily_record(daily)}
            self.stdout.write(json.dumps(record, indent=2) + "\n")
        else:
            self._print(numbers, daily)

    def _print(self, numbers: Statistics, daily: Overview) -> None:
        self.stdout.write(f"Active now: {numbers.active}\n")
        used = daily.in_use
        more = "at least " if used.is_capped else ""
        self.stdout.write(
            "Used within 24 hours, 7 days, 30 days: "
            f"{more}{used.day}, {used.week}, {used.month}\n\n"
        )
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
        # The names of systems that people know; the JSON has those of the columns.
        named = replace(numbers, operating_systems=numbers.operating_systems.regrouped(system_name))
        tables = [(title, getattr(named, name)) for name, title in TITLES.items()]
        if not any(breakdown.shares for _title, breakdown in tables):
            self.stdout.write("No sign-in.\n")
        else:
            self._print_days(daily)
        for title, breakdown in tables:
            self._print_breakdown(title, breakdown)

    def _print_days(self, daily: Overview) -> None:
        headers = ("day", "sign-ins", "new devices", "")
        days = list(zip(daily.sign_ins, daily.new_devices, strict=True))
        drawn = bars(self.stdout, [one.total for one, _new in days])
        rows = [
            (
                one.day.isoformat(),
                str(one.total).rjust(len(headers[1])),
                str(new.total).rjust(len(headers[2])),
                bar,
            )
            for (one, new), bar in zip(days, drawn, strict=True)
        ]
        self.stdout.write("\n")
        print_table(self.stdout, headers, rows)
        if daily.looked_back_to is not None:
            since = timezone.localtime(daily.looked_back_to).strftime("%Y-%m-%d %H:%M")
            self.stdout.write(f"Of the newest {LOOKED_THROUGH} sign-ins, since {since}.\n")
        self._print_breakdown("unusual country", daily.unusual)

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


def _daily(now: datetime, days: int) -> Overview:
    """The overview of the last `days` days, today included; of a year at most."""
    today = timezone.localdate(now)
    first = today - timedelta(days=min(days, LONGEST_SPAN) - 1)
    span = Span(first, today, timezone.get_current_timezone())
    return overview(Session.objects.all(), span, now, is_all=True)


def _daily_record(daily: Overview) -> dict[str, Any]:
    def of(days: tuple[DayCount, ...]) -> dict[str, int]:
        return {one.day.isoformat(): one.total for one in days}

    back = daily.looked_back_to
    return {
        "in_use": asdict(daily.in_use),
        "sign_ins_by_day": of(daily.sign_ins),
        "new_devices_by_day": of(daily.new_devices),
        "unusual_countries": asdict(daily.unusual),
        "days_complete_since": None if back is None else back.astimezone(UTC).isoformat(),
    }


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
