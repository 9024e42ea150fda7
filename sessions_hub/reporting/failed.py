"""Sign-ins that failed, as they were counted: for the whole site, in quarters of an hour."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q, Sum

from sessions_hub.conf import conf
from sessions_hub.models import FailedSignIns
from sessions_hub.models.failed_sign_ins import quarter_of

from .span import Span, day_number


def failed_per_day(span: Span, since: datetime | None, using: str) -> tuple[int, ...] | None:
    """How many failed on each day of the span, from the quarter around `since` on.

    None where the site does not count them. One query.
    """
    if not conf.SESSIONS_HUB_COUNT_FAILED_SIGN_INS:
        return None
    start, stop = span.starts[0], span.starts[-1]
    start = start if since is None else max(start, quarter_of(since))
    groups = (
        FailedSignIns._base_manager.using(using)
        .filter(starts_at__gte=start, starts_at__lt=stop)
        .annotate(day=day_number(span, "starts_at", start))
        .values_list("day")
        .annotate(number=Sum("count", default=0))
        .order_by()
    )
    counts = dict(groups)
    return tuple(counts.get(day, 0) for day in range(len(span.days)))


def failed_since(moments: Sequence[datetime], using: str) -> list[int | None]:
    """How many have failed since each moment, or the quarter of an hour around it.

    None where the site does not count them. One query.
    """
    if not conf.SESSIONS_HUB_COUNT_FAILED_SIGN_INS:
        return [None] * len(moments)
    starts = [quarter_of(moment) for moment in moments]
    sums = {
        f"since_{number}": Sum("count", filter=Q(starts_at__gte=start), default=0)
        for number, start in enumerate(starts)
    }
    rows = FailedSignIns._base_manager.using(using).filter(starts_at__gte=min(starts))
    return list(rows.aggregate(**sums).values())
