"""The options that choose sessions, shared by the commands: the conditions of the API."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db.models import Q

from sessions_hub.models import Method, SessionType
from sessions_hub.models.predicate import WrongCondition, condition_of

from .arguments import (
    as_time,
    country,
    level,
    moment,
    network,
    one_of,
    parsed,
    plain,
    row_id,
    user_named,
)
from .statuses import WRONG_ARGUMENTS

_TIMES = "2026-01-31, 2026-01-31T12:00, or 7d for seven days ago (also 12h, 30m)"


@dataclass(frozen=True, slots=True)
class Option:
    """An option, the condition of `models.predicate` it stands for, and its type.

    The first of `flags` is its name in programs.
    """

    flags: tuple[str, ...]
    condition: str
    kind: Callable[[str], Any]
    metavar: str
    help: str

    @property
    def name(self) -> str:
        """The key of its value among the options."""
        return self.flags[0].lstrip("-").replace("-", "_")

    def value(self, given: Any, now: datetime) -> Any:
        """What the condition takes. Raises CommandError."""
        if self.kind is moment:
            return as_time(given, now)
        if self.condition == "user":
            return user_named(given, self.flags[0]).pk
        return parsed(self.kind, given)


OPTIONS = (
    Option(("--user",), "user", plain, "NAME", "Of the user with this user name."),
    Option(
        ("--address", "--network"),
        "network",
        network,
        "ADDRESS",
        "Signed in from this address or network (192.0.2.7, 192.0.2.0/24, 2001:db8::/32).",
    ),
    Option(
        ("--country",), "country_code", country, "CODE", "… from this country (two letters: DE)."
    ),
    Option(
        ("--operator",),
        "autonomous_system",
        plain,
        "NAME",
        "… through this network operator, by its number (AS3320) or its whole name.",
    ),
    Option(("--os",), "os_code", plain, "CODE", "On this operating system (WIN, MAC, IOS …)."),
    Option(
        ("--os-below",), "os_version_below", plain, "VERSION", "… in a version below; with --os."
    ),
    Option(("--client-type",), "client_type", plain, "TYPE", "In this kind of client (browser …)."),
    Option(("--client",), "client_code", plain, "CODE", "In this client (CH, FF, SF …)."),
    Option(
        ("--client-below",),
        "client_version_below",
        plain,
        "VERSION",
        "… in a version below; with --client.",
    ),
    Option(("--device",), "device", row_id, "ID", "Used on the device with this id."),
    Option(
        ("--type", "--session-type"),
        "session_type",
        one_of(SessionType.values),
        "TYPE",
        f"Of this type: {', '.join(SessionType.values)}.",
    ),
    Option(
        ("--method",),
        "method",
        one_of(Method.values),
        "METHOD",
        f"Proven so, first or later: {', '.join(Method.values)}.",
    ),
    Option(("--level",), "assurance_level", level, "LEVEL", "Of this assurance level (aal2)."),
    Option(
        ("--level-below",), "assurance_level_below", level, "LEVEL", "Of a level below this one."
    ),
    Option(("--tenant",), "tenant_id", plain, "ID", "That are in this tenant now."),
    Option(
        ("--since", "--issued-after"),
        "issued_after",
        moment,
        "TIME",
        f"Signed in at or after this time: {_TIMES}.",
    ),
    Option(
        ("--before", "--until", "--issued-before"),
        "issued_before",
        moment,
        "TIME",
        "Signed in before this time.",
    ),
    Option(
        ("--used-after",), "last_used_after", moment, "TIME", "Last used at or after this time."
    ),
    Option(("--used-before",), "last_used_before", moment, "TIME", "Last used before this time."),
)
_BY_CONDITION: Mapping[str, Option] = {one.condition: one for one in OPTIONS}


def add_selection(parser: CommandParser) -> None:
    """The options of OPTIONS, and `--session`."""
    group = parser.add_argument_group(
        "which sessions", "Sessions that meet all conditions that are given."
    )
    group.add_argument(
        "--session",
        type=row_id,
        action="append",
        metavar="ID",
        help="With this id; may be given several times.",
    )
    for one in OPTIONS:
        group.add_argument(
            *one.flags, dest=one.name, type=one.kind, metavar=one.metavar, help=one.help
        )


def conditions(options: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """The conditions that are given, by their names in `models.predicate`.

    Raises CommandError.
    """
    return {
        one.condition: one.value(options[one.name], now)
        for one in OPTIONS
        if options[one.name] is not None
    }


def session_ids(options: Mapping[str, Any]) -> list[Any]:
    """The ids that are given by `--session`. Raises CommandError."""
    given = options["session"] or []
    several = given if isinstance(given, list | tuple) else [given]
    return [parsed(row_id, one) for one in several]


def selected(wanted: Mapping[str, Any], ids: list[Any]) -> Q:
    """The sessions that meet all of these; all sessions where nothing is given.

    Raises CommandError for a condition that says nothing.
    """
    chosen = Q(pk__in=ids) if ids else Q()
    try:
        return chosen & condition_of(wanted) if wanted else chosen
    except WrongCondition as error:
        text = str(error)
        for name in ("os_code", "client_code"):
            text = text.replace(name, _BY_CONDITION[name].flags[0])
        option = _BY_CONDITION[error.name].flags[0]
        raise CommandError(f"{option}: {text}", returncode=WRONG_ARGUMENTS) from None
