"""Sign-ins from countries in which their user had no session before."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q

from sessions_hub.models import SessionType
from sessions_hub.models.ids import first_id_at, time_of

from .seen import Seen, not_before, oldest_of_newest
from .span import Span
from .totals import PROGRAMS, Breakdown, breakdown

# Each of these costs looks at the earlier sessions of its user.
COMPARED = 2_000
USUAL = timedelta(days=90)


def unusual_countries(seen: Seen, span: Span, top: int) -> tuple[Breakdown, datetime | None]:
    """Countries of the newest `COMPARED` sign-ins of the span, and where those begin.

    None instead where they are all. Two queries.
    """
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
