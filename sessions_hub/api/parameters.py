"""Query parameters, read strictly: one that is not known is an error, not ignored.

A misspelt filter would list everything, and a parameter that reaches a column nobody
named could be used to guess what is in it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ValidationError

# What every list takes.
PAGES = frozenset({"cursor", "page_size", "ordering"})
# RFC 3339 §5.6: a date alone names no instant.
_INSTANT = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)[Tt](?P<time>\d\d:\d\d:\d\d)(?P<fraction>\.\d{1,9})?"
    r"(?P<zone>[Zz]|[+-]\d\d:\d\d)",
    re.ASCII,
)

Rows = TypeVar("Rows", bound="QuerySet[Any]")
Filter = Callable[[Rows, str], Rows]


class Unreadable(ValueError):
    """A value that means nothing; the text says what would."""


def filtered(
    rows: Rows,
    given: QueryDict,
    filters: Mapping[str, Filter[Rows]],
    others: Collection[str] = PAGES,
) -> Rows:
    """The rows that all given filters leave.

    Raises ValidationError naming each parameter that is neither a filter nor one of
    `others`, is given twice, or has a value that means nothing.
    """
    errors = refused(given, {*filters, *others})
    for name in given.keys() & filters.keys() - errors.keys():
        try:
            rows = filters[name](rows, str(given[name]))
        except Unreadable as error:
            errors[name] = error.args[:1]
    if errors:
        raise ValidationError({name: list(texts) for name, texts in sorted(errors.items())})
    return rows


def refused(given: QueryDict, known: Collection[str]) -> dict[str, Collection[Any]]:
    """What is wrong with the names of parameters, by name."""
    errors: dict[str, Collection[Any]] = {}
    for name, values in given.lists():
        if name not in known:
            errors[name] = [_("There is no such parameter.")]
        elif len(values) > 1:
            errors[name] = [_("Give it once.")]
    return errors


def ordering_in(given: QueryDict) -> str:
    """The order of a list: by id, which is by time; newest first unless asked otherwise."""
    order = given.get("ordering", "-id")
    if order not in {"id", "-id"}:
        raise ValidationError({"ordering": [_("Use “id” or “-id”.")]})
    return order


def one_of(words: Collection[str], value: str) -> str:
    """The value, if it is one of these words."""
    if value not in words:
        raise Unreadable(_("Use one of: %(words)s.") % {"words": ", ".join(words)})
    return value


def instant(value: str) -> datetime:
    """The instant that is written as RFC 3339 has it."""
    try:
        if (match := _INSTANT.fullmatch(value)) is None:
            raise ValueError
        day, time, fraction, zone = match.group("day", "time", "fraction", "zone")
        # Of nanoseconds, as many as columns hold.
        written = f"{day}T{time}{(fraction or '.0')[:7]}{zone.upper()}"
        return datetime.fromisoformat(written).astimezone(UTC)
    # Near the ends of the calendar there is no such instant in UTC.
    except (ValueError, OverflowError):
        message = _("Use a time with its offset (RFC 3339): 2026-01-31T12:00:00Z. A + is %2B.")
        raise Unreadable(message) from None
