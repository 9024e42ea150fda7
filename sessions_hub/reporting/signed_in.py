"""Sign-ins of a span by day, client, place, level and method."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from sessions_hub.models import EndReason, Session
from sessions_hub.models.querysets import LIMIT_REASONS
from sessions_hub.models.validity import past_limits, within_limits

from .figures import DayCount, Fate
from .span import Span, day_number
from .totals import Breakdown

_LEVEL = "assurance_level"
# All there are, and a bound for what is stored as one and is none.
COUNTRIES = 300
_COLUMNS = ("os_name", "client_name", "device_type", "country_code", _LEVEL)


class Kinds(NamedTuple):
    """Sign-ins by each of a few columns."""

    operating_systems: Breakdown
    clients: Breakdown
    device_types: Breakdown
    countries: Breakdown
    assurance_levels: Breakdown


def by_kind(sign_ins: QuerySet[Session], top: int) -> Kinds:
    """All of them in one pass over the rows, which costs more than the adding up here.

    At most `top` systems and clients, but all countries.
    """
    counts: dict[str, Counter[str]] = {column: Counter() for column in _COLUMNS}
    groups = sign_ins.values_list(*_COLUMNS).annotate(number=Count("pk")).order_by()
    for *values, number in groups:
        for column, value in zip(_COLUMNS, values, strict=True):
            counts[column][f"aal{value}" if column == _LEVEL else value] += number
    systems, clients, devices, countries, levels = counts.values()
    return Kinds(
        Breakdown.of(systems, top),
        Breakdown.of(clients, top),
        Breakdown.of(devices),
        Breakdown.of(countries, COUNTRIES),
        Breakdown.of(levels),
    )


def by_day(
    sign_ins: QuerySet[Session], span: Span, now: datetime, floor: UUID | None
) -> tuple[DayCount, ...]:
    """The sign-ins of each day by what became of them; `floor` is the oldest row's id."""
    groups = (
        sign_ins.annotate(day=day_number(span, floor=floor))
        .values_list("day")
        .annotate(**{fate: Count("pk", filter=one) for fate, one in _fates(now).items()})
        .order_by()
    )
    counts: list[dict[str, int]] = [{} for _day in span.days]
    for day, *numbers in groups:
        counts[day] = {
            fate: number for fate, number in zip(Fate.ALL, numbers, strict=True) if number
        }
    return tuple(
        DayCount(day, sum(one.values()), one) for day, one in zip(span.days, counts, strict=True)
    )


def _fates(now: datetime) -> dict[str, Q]:
    """What became of a row: exactly one of these."""
    unstamped, by_limit = Q(end_reason=""), Q(end_reason__in=LIMIT_REASONS)
    signed_out = Q(end_reason=EndReason.SIGNED_OUT)
    return {
        Fate.OPEN: unstamped & within_limits(now),
        Fate.SIGNED_OUT: signed_out,
        Fate.EXPIRED: by_limit | (unstamped & past_limits(now)),
        Fate.ENDED: ~(unstamped | by_limit | signed_out),
    }
