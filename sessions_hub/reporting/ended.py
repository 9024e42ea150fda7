"""How sessions ended, and how many are in use: two passes over the index of their ends."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Count, Q

from sessions_hub.models.querysets import LIMIT_REASONS, limit_values, user_is_active
from sessions_hub.models.validity import past_limits, within_limits

from .figures import InUse
from .seen import Seen, not_before, oldest_of_newest
from .span import Span
from .totals import PERIODS, Breakdown

_USED = ("day", "week", "month")


class Ends(NamedTuple):
    """Ends within a span by reason, those that nothing has stamped yet included.

    `back_to` is where the newest that were looked at begin; None where those are all.
    """

    reasons: Breakdown
    back_to: datetime | None
    in_use: InUse


def ends_and_use(seen: Seen, span: Span, now: datetime, most: int) -> Ends:
    """What `seen` tells of the ends in `span`, and of use up to `now`.

    Of the open sessions, the ends in the span and the ends in the past month the newest
    `most` are looked at. Five queries; six for a span that ended before that month.
    """
    used = {
        name: Q(last_used_at__gte=now - length) for name, length in zip(_USED, PERIODS, strict=True)
    }
    of_open, has_more = _open(seen, span, now, most, used)
    start, stop, lately = span.starts[0], span.starts[-1], now - PERIODS[-1]
    floors = [
        oldest_of_newest(seen.table.filter(condition), most, "ended_at")
        for condition in (Q(ended_at__gte=start, ended_at__lt=stop), Q(ended_at__gte=lately))
    ]
    within = Q(ended_at__gte=floors[0] or start, ended_at__lt=stop)
    recent = Q(ended_at__gte=floors[1] or lately)
    # One range where they meet. Not with OR, which PostgreSQL answers four times slower.
    whole = Q(ended_at__gte=min(floors[0] or start, floors[1] or lately))
    reasons: Counter[str] = Counter({reason: of_open[reason] for reason in LIMIT_REASONS})
    counts = Counter({name: of_open[name] for name in _USED})
    for condition in [whole] if stop >= lately else [within, recent]:
        groups = (
            seen.where(condition)
            .values_list("end_reason")
            .annotate(
                in_span=Count("pk", filter=within),
                **{name: Count("pk", filter=recent & one) for name, one in used.items()},
            )
            .order_by()
        )
        for reason, in_span, *in_use in groups:
            reasons[reason] += in_span
            counts.update(dict(zip(_USED, in_use, strict=True)))
    is_capped = has_more or floors[1] is not None
    return Ends(
        Breakdown.of(reasons),
        floors[0],
        InUse(now=of_open["now"], **{name: counts[name] for name in _USED}, is_capped=is_capped),
    )


def _open(
    seen: Seen, span: Span, now: datetime, most: int, used: dict[str, Q]
) -> tuple[dict[str, Any], bool]:
    """Open sessions: those in use, those a limit has ended; and whether there are more."""
    is_open = Q(ended_at__isnull=True)
    floor = oldest_of_newest(seen.table.filter(is_open), most)
    limit = limit_values(now)
    is_over = past_limits(now) & Q(over_at__gte=span.starts[0], over_at__lt=span.starts[-1])
    counts = (
        seen.where(is_open & not_before("pk", floor))
        .annotate(over_at=limit["ended_at"], reason=limit["end_reason"])
        .aggregate(
            now=Count("pk", filter=within_limits(now) & user_is_active()),
            **{name: Count("pk", filter=one) for name, one in used.items()},
            **{one: Count("pk", filter=is_over & Q(reason=one)) for one in LIMIT_REASONS},
        )
    )
    return counts, floor is not None
