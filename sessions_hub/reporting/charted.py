"""What happened on a site in a span of days: the numbers behind a page of charts.

Aggregates over ranges of indexes, each of at most `LOOKED_THROUGH` of the newest rows in
it, and as few passes over the same rows as they can be counted in.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, QuerySet

from sessions_hub.models import AuthenticationMethod, Device, Session
from sessions_hub.models.ids import time_of

from .ended import ends_and_use
from .failed import failed_per_day
from .figures import DayCount, Overview
from .seen import Seen, not_before, oldest_of_newest
from .signed_in import by_day, by_kind
from .span import Span, day_number
from .totals import breakdown
from .unusual import unusual_countries

LOOKED_THROUGH = 100_000
# What has to be looked up in another table costs several times as much.
_DEARER = 4


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
    `top` names in a breakdown of names, but all countries of the sign-ins. Fourteen queries,
    on the database of `rows`; one fewer for a part of the sessions, one more for a span
    long ago.
    """
    seen = Seen(rows, is_all, tenant)
    most_devices = looks_through
    if not is_all and seen.is_joined:
        looks_through //= _DEARER
    if seen.is_narrowed:
        most_devices //= _DEARER
    floor = oldest_of_newest(seen.table.filter(span.ids()), looks_through)
    looked_back_to = None if floor is None else time_of(floor)
    sign_ins = seen.where(span.ids() & not_before("pk", floor))
    kinds = by_kind(sign_ins, top)
    proofs = AuthenticationMethod._base_manager.using(rows.db).filter(
        span.ids("session") & not_before("session", floor)
    )
    if seen.is_narrowed:
        proofs = proofs.filter(session__in=sign_ins.values("pk"))
    devices, devices_back_to = _new_devices(seen, span, most_devices)
    ends = ends_and_use(seen, span, now, looks_through)
    unusual, compared = unusual_countries(seen, span, top)
    return Overview(
        at=now,
        span=span,
        in_use=ends.in_use,
        sign_ins=by_day(sign_ins, span, now, floor),
        # They have no user and no tenant: of a part nobody can tell.
        failed=None if seen.is_narrowed else failed_per_day(span, looked_back_to, rows.db),
        new_devices=devices,
        operating_systems=kinds.operating_systems,
        clients=kinds.clients,
        device_types=kinds.device_types,
        countries=kinds.countries,
        methods=breakdown(proofs, "method", Count("session", distinct=True)),
        assurance_levels=kinds.assurance_levels,
        ends=ends.reasons,
        unusual=unusual,
        looked_back_to=looked_back_to,
        devices_back_to=devices_back_to,
        ends_back_to=ends.back_to,
        compared_back_to=compared,
    )


def _new_devices(seen: Seen, span: Span, most: int) -> tuple[tuple[DayCount, ...], datetime | None]:
    devices = Device._base_manager.using(seen.rows.db).filter(span.ids())
    floor = oldest_of_newest(devices, most)
    devices = devices.filter(not_before("pk", floor))
    if seen.is_narrowed:
        # A device is seen through the sessions on it.
        devices = devices.filter(Exists(seen.any_of(session_devices__device=OuterRef("pk"))))
    groups = (
        devices.annotate(day=day_number(span, floor=floor))
        .values_list("day")
        .annotate(number=Count("pk"))
        .order_by()
    )
    counts = Counter(dict(groups))
    days = tuple(DayCount(day, counts[number]) for number, day in enumerate(span.days))
    return days, None if floor is None else time_of(floor)
