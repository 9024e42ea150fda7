"""What happened on a site in a span of days: the numbers behind a page of charts.

One aggregate for each chart, over a range of an index and at most `LOOKED_THROUGH` of its
newest rows. Rows are all it knows: a sign-in that failed has left none.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import Case, CharField, Count, Exists, OuterRef, Q, QuerySet, Value, When

from sessions_hub.models import AuthenticationMethod, Device, EndReason, Session
from sessions_hub.models.choices import SessionType
from sessions_hub.models.ids import first_id_at, time_of
from sessions_hub.models.querysets import LIMIT_REASONS, limit_values, user_is_active
from sessions_hub.models.validity import past_limits, within_limits

from .seen import Seen, not_before, oldest_of_newest
from .span import Span, day_number
from .totals import PERIODS, PROGRAMS, Breakdown, Share, breakdown

LOOKED_THROUGH = 100_000
# What has to be looked up in another table costs several times as much.
_DEARER = 4
# Each of these costs looks at the earlier sessions of its user.
COMPARED = 2_000
USUAL = timedelta(days=90)
# All there are, and a bound for what is stored as one and is none.
COUNTRIES = 300


class Outcome:
    """What became of a sign-in."""

    OPEN = "open"
    SIGNED_OUT = "signed_out"
    EXPIRED = "expired"
    ENDED = "ended"
    ALL = (OPEN, SIGNED_OUT, EXPIRED, ENDED)


@dataclass(frozen=True, slots=True)
class DayCount:
    """The rows of one day; `counts` by outcome, where there are any."""

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
    are all. `methods` counts a sign-in once for each method. `unusual` counts sign-ins by
    country in which their user had no other session before, in the span or the 90 days
    before it, though elsewhere; of the newest `COMPARED` alone, whose first is at
    `compared_back_to`. `ends_back_to` is to the ends what `looked_back_to` is to sign-ins.
    """

    at: datetime
    span: Span
    in_use: InUse
    sign_ins: tuple[DayCount, ...]
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


def overview(
    rows: QuerySet[Session],
    span: Span,
    now: datetime,
    *,
    is_all: bool,
    tenant: str = "",
    top: int = 10,
    looks_through: int = LOOKED_THROUGH,
) -> Overview:
    """The numbers of the sessions among `rows` that signed in within `span`.

    `is_all` where `rows` are all sessions there are. An empty `tenant` is any. At most
    `top` names in a breakdown of names, but all countries of the sign-ins. Eighteen queries,
    on the database of `rows`.
    """
    seen = Seen(rows, is_all, tenant)
    most_devices = looks_through
    if not is_all and seen.is_joined:
        looks_through //= _DEARER
    if seen.is_narrowed:
        most_devices //= _DEARER
    floor = oldest_of_newest(seen.table.filter(span.ids()), looks_through)
    bounds = span.ids() & not_before("pk", floor)
    sign_ins = seen.where(bounds)
    by_day = _by_day(sign_ins, span, now)
    total = sum(day.total for day in by_day)
    proofs = AuthenticationMethod._base_manager.using(rows.db).filter(
        span.ids("session") & not_before("session", floor)
    )
    if seen.is_narrowed:
        proofs = proofs.filter(session__in=sign_ins.values("pk"))
    devices, devices_back_to = _new_devices(seen, span, most_devices)
    still_open, has_more = _open_rows(seen, looks_through)
    ends, ends_floor = _ends(seen, span, now, looks_through, still_open)
    unusual, compared = _unusual(seen, span, top)

    devices_used, levels = _devices_and_levels(sign_ins)

    def by(column: str) -> Breakdown:
        return breakdown(sign_ins, column, top=top, total=total)

    return Overview(
        at=now,
        span=span,
        in_use=_in_use(seen, now, looks_through, still_open, has_more=has_more),
        sign_ins=by_day,
        new_devices=devices,
        operating_systems=by("os_name"),
        clients=by("client_name"),
        device_types=devices_used,
        countries=breakdown(sign_ins, "country_code", top=COUNTRIES, total=total),
        methods=breakdown(proofs, "method", Count("session", distinct=True)),
        assurance_levels=levels,
        ends=ends,
        unusual=unusual,
        looked_back_to=None if floor is None else time_of(floor),
        devices_back_to=devices_back_to,
        ends_back_to=ends_floor,
        compared_back_to=compared,
    )


def _outcome(now: datetime) -> Case:
    return Case(
        When(Q(end_reason="") & within_limits(now), then=Value(Outcome.OPEN)),
        When(Q(end_reason="") | Q(end_reason__in=LIMIT_REASONS), then=Value(Outcome.EXPIRED)),
        When(end_reason=EndReason.SIGNED_OUT, then=Value(Outcome.SIGNED_OUT)),
        default=Value(Outcome.ENDED),
        output_field=CharField(),
    )


def _by_day(sign_ins: QuerySet[Session], span: Span, now: datetime) -> tuple[DayCount, ...]:
    groups = (
        sign_ins.annotate(day=day_number(span), outcome=_outcome(now))
        .values_list("day", "outcome")
        .annotate(number=Count("pk"))
        .order_by()
    )
    counts: list[dict[str, int]] = [{} for _day in span.days]
    for day, outcome, number in groups:
        counts[day][outcome] = number
    return tuple(
        DayCount(day, sum(one.values()), one) for day, one in zip(span.days, counts, strict=True)
    )


def _devices_and_levels(sign_ins: QuerySet[Session]) -> tuple[Breakdown, Breakdown]:
    """Two short lists of words, in one pass over the rows."""
    pairs = list(
        sign_ins.values_list("device_type", "assurance_level")
        .annotate(number=Count("pk"))
        .order_by()
    )
    devices = Breakdown(tuple(Share(device, number) for device, _level, number in pairs))
    levels = Breakdown(tuple(Share(f"aal{level}", number) for _device, level, number in pairs))
    return devices.regrouped(str), levels.regrouped(str)


def _new_devices(seen: Seen, span: Span, most: int) -> tuple[tuple[DayCount, ...], datetime | None]:
    devices = Device._base_manager.using(seen.rows.db).filter(span.ids())
    floor = oldest_of_newest(devices, most)
    devices = devices.filter(not_before("pk", floor))
    if seen.is_narrowed:
        # A device is seen through the sessions on it.
        devices = devices.filter(Exists(seen.any_of(session_devices__device=OuterRef("pk"))))
    groups = (
        devices.annotate(day=day_number(span))
        .values_list("day")
        .annotate(number=Count("pk"))
        .order_by()
    )
    counts = Counter(dict(groups))
    days = tuple(DayCount(day, counts[number]) for number, day in enumerate(span.days))
    return days, None if floor is None else time_of(floor)


def _ends(
    seen: Seen, span: Span, now: datetime, most: int, still_open: Q
) -> tuple[Breakdown, datetime | None]:
    """The ends within the span, those by a limit that nothing has stamped yet included."""
    start, stop = span.starts[0], span.starts[-1]
    within = Q(ended_at__gte=start, ended_at__lt=stop)
    floor = oldest_of_newest(seen.table.filter(within), most, "ended_at")
    stamped = breakdown(seen.where(within & not_before("ended_at", floor)), "end_reason")
    limit = limit_values(now)
    unstamped = (
        seen.where(still_open & past_limits(now))
        .annotate(over_at=limit["ended_at"], reason=limit["end_reason"])
        .filter(over_at__gte=start, over_at__lt=stop)
    )
    both = Breakdown((*stamped.shares, *breakdown(unstamped, "reason").shares))
    return both.regrouped(str), floor


def _open_rows(seen: Seen, most: int) -> tuple[Q, bool]:
    """The newest sessions without an end, and whether there are older ones."""
    is_open = Q(ended_at__isnull=True)
    floor = oldest_of_newest(seen.table.filter(is_open), most)
    return is_open & not_before("pk", floor), floor is not None


def _in_use(seen: Seen, now: datetime, most: int, still_open: Q, *, has_more: bool) -> InUse:
    used = {
        name: Count("pk", filter=Q(last_used_at__gte=now - length))
        for name, length in zip(("day", "week", "month"), PERIODS, strict=True)
    }
    of_open = seen.where(still_open).aggregate(
        now=Count("pk", filter=within_limits(now) & user_is_active()), **used
    )
    lately = Q(ended_at__gte=now - PERIODS[-1])
    floor = oldest_of_newest(seen.table.filter(lately), most, "ended_at")
    of_ended = seen.where(lately & not_before("ended_at", floor)).aggregate(**used)
    return InUse(
        now=of_open["now"],
        day=of_open["day"] + of_ended["day"],
        week=of_open["week"] + of_ended["week"],
        month=of_open["month"] + of_ended["month"],
        is_capped=has_more or floor is not None,
    )


def _unusual(seen: Seen, span: Span, top: int) -> tuple[Breakdown, datetime | None]:
    floor = oldest_of_newest(seen.table.filter(span.ids()), COMPARED)
    placed = ~Q(country_code="")
    before = seen.rows.filter(
        placed,
        user=OuterRef("user"),
        pk__lt=OuterRef("pk"),
        pk__gte=first_id_at(span.starts[0] - USUAL),
    ).order_by()
    found = seen.where(
        span.ids()
        & not_before("pk", floor)
        & placed
        & Q(user__isnull=False)
        # Nobody travels with them, and one may have a million sessions.
        & ~Q(session_type__in=[*PROGRAMS, SessionType.IMPERSONATION])
    ).filter(Exists(before), ~Exists(before.filter(country_code=OuterRef("country_code"))))
    # All countries: there are few, and a count for the rest would look twice.
    whole = breakdown(found, "country_code")
    return whole.first(top), None if floor is None else time_of(floor)
