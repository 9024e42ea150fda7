"""The numbers of an overview, as a page of charts gets them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from .span import Span
from .totals import Breakdown


class Fate:
    """What became of a sign-in that succeeded."""

    OPEN = "open"
    SIGNED_OUT = "signed_out"
    EXPIRED = "expired"
    ENDED = "ended"
    ALL = (OPEN, SIGNED_OUT, EXPIRED, ENDED)


@dataclass(frozen=True, slots=True)
class DayCount:
    """The rows of one day; `counts` by fate, where there are any."""

    day: date
    total: int
    counts: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class InUse:
    """Sessions active at one moment, and those used in the time before it.

    `is_capped` where there may be more: not all open and lately ended ones were looked at.
    """

    now: int
    day: int
    week: int
    month: int
    is_capped: bool


@dataclass(frozen=True, slots=True)
class Overview:
    """The numbers of a span at the moment `at`.

    `looked_back_to` is where the newest `LOOKED_THROUGH` sign-ins begin; None where those
    are all. `failed` counts on each day those that failed, as far back; None where they
    are not told: of a part of the sessions, or where the site does not count them.
    `methods` counts a sign-in once for each method. `unusual` counts sign-ins by
    country in which their user had no other session before, in the span or the 90 days
    before it, though elsewhere; of the newest 2,000 alone, whose first is at
    `compared_back_to`. `ends_back_to` is to the ends what `looked_back_to` is to sign-ins.
    """

    at: datetime
    span: Span
    in_use: InUse
    sign_ins: tuple[DayCount, ...]
    failed: tuple[int, ...] | None
    new_devices: tuple[DayCount, ...]
    operating_systems: Breakdown
    clients: Breakdown
    device_types: Breakdown
    countries: Breakdown
    methods: Breakdown
    assurance_levels: Breakdown
    ends: Breakdown
    unusual: Breakdown
    looked_back_to: datetime | None
    devices_back_to: datetime | None
    ends_back_to: datetime | None
    compared_back_to: datetime | None
