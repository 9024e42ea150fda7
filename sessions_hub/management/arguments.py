"""Types of arguments: what a person types → what a command works with.

Each raises ArgumentTypeError with what would be right.
"""

from __future__ import annotations

import re
from argparse import ArgumentTypeError
from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any, TypeVar
from uuid import UUID

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.core.management.base import CommandError
from django.db import connections
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from sessions_hub.capture.address import network_range
from sessions_hub.models import AssuranceLevel

T = TypeVar("T")

_DURATION = re.compile(r"([0-9]{1,6})([smhdw])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_LONGEST = timedelta(days=36500)


def parsed(kind: Callable[[str], T], value: Any) -> T:
    """An option as its type makes it, also where `call_command()` handed over text."""
    if not isinstance(value, str):
        return value  # type: ignore[no-any-return]
    try:
        return kind(value)
    except ArgumentTypeError as error:
        raise CommandError(str(error)) from None


def duration(text: str) -> timedelta:
    """`90d`, `12h`, `30m`, `45s` or `2w`."""
    match = _DURATION.fullmatch(text.strip().lower())
    if match is not None:
        value = timedelta(**{_UNITS[match[2]]: int(match[1])})
        if timedelta(0) < value <= _LONGEST:
            return value
    raise ArgumentTypeError(f"“{text}” is not a duration; write 90d, 12h, 30m, 45s or 2w.")


def moment(text: str) -> datetime | timedelta:
    """A date, a date and time, or how long ago: `2026-01-31`, `2026-01-31T12:00Z`, `7d`.

    Local time where no zone is given. See `as_time()`.
    """
    try:
        if (day := parse_date(text)) is not None:
            return timezone.make_aware(datetime.combine(day, time.min))
        if (at := parse_datetime(text)) is not None:
            return timezone.make_aware(at) if timezone.is_naive(at) else at
        return duration(text)
    except (ValueError, OverflowError, ArgumentTypeError):
        raise ArgumentTypeError(
            f"“{text}” is not a time; write 2026-01-31, 2026-01-31T12:00 or, for "
            "so long ago, 7d, 12h or 30m."
        ) from None


def as_time(value: Any, now: datetime) -> datetime:
    """The instant a `moment()` means at `now`."""
    at: datetime | timedelta = parsed(moment, value)
    return now - at if isinstance(at, timedelta) else at


def plain(text: str) -> str:
    """Any text that a database can look for."""
    if "\x00" in text:
        raise ArgumentTypeError("A text with NUL in it matches nothing.")
    return text


def network(text: str) -> str:
    """An address or a network."""
    try:
        network_range(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from None
    return text


def level(text: str) -> int:
    """An assurance level by its name."""
    levels = {f"aal{number}": number for number in AssuranceLevel.values}
    if text in levels:
        return levels[text]
    raise ArgumentTypeError(f"“{text}” is not one of {', '.join(levels)}.")


def one_of(words: list[str]) -> Callable[[str], str]:
    """A type that takes one of these words."""

    def kind(text: str) -> str:
        if text in words:
            return text
        raise ArgumentTypeError(f"“{text}” is not one of {', '.join(words)}.")

    return kind


def country(text: str) -> str:
    """A country code in upper case."""
    if len(text) == 2 and text.isascii() and text.isalpha():
        return text.upper()
    raise ArgumentTypeError(f"“{text}” is not a country code of two letters, such as DE.")


def row_id(text: str) -> UUID:
    """The id of a session or a device."""
    try:
        return UUID(text)
    except ValueError:
        raise ArgumentTypeError(f"“{text}” is not an id, which is a UUID.") from None


def database(text: str) -> str:
    """The alias of a database."""
    if text in connections:
        return text
    raise ArgumentTypeError(f"“{text}” is not one of DATABASES: {', '.join(connections)}.")


def count(text: str) -> int:
    """A whole number from 1 on."""
    if text.isascii() and text.isdigit() and len(text) <= 9 and int(text) >= 1:
        return int(text)
    raise ArgumentTypeError(f"“{text}” is not a whole number from 1 on.")


def seconds(text: str) -> float:
    """Seconds, also parts of one."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if 0 <= value <= _LONGEST.total_seconds():
        return value
    raise ArgumentTypeError(f"“{text}” is not a number of seconds.")


def word(value: Any, words: list[str], option: str) -> str:
    """One of a list of words, also where `call_command()` bypassed the parser."""
    if value in words:
        return str(value)
    raise CommandError(f"{option}: “{value}” is not one of {', '.join(words)}.")


def user_named(name: str, option: str) -> AbstractBaseUser:
    """The user a person means; a CommandError says what to do when there is none."""
    model = get_user_model()
    field = model.USERNAME_FIELD
    try:
        return model._default_manager.get(**{field: name})
    except model.DoesNotExist:
        raise CommandError(
            f"{option}: there is no user whose {field} is “{name}”. Check the spelling: upper "
            f"and lower case count, and it is the {field} that is asked for."
        ) from None
