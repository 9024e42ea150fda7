"""When a session is valid: one rule, in Python and in SQL, side by side.

A session is within its limits at `now` while `now < expires_at` and
`now < idle_expires_at`: at the very instant of a limit it is over (ASVS 7.3).
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from django.db.models import Q

from .choices import EndReason


class End(NamedTuple):
    """When and why a session ended."""

    at: datetime
    reason: EndReason


def is_within_limits(expires_at: datetime, idle_expires_at: datetime, now: datetime) -> bool:
    """Whether neither limit has been reached at `now`."""
    return now < expires_at and now < idle_expires_at


def within_limits(now: datetime) -> Q:
    """`is_within_limits()` as a condition on Session rows."""
    return Q(expires_at__gt=now, idle_expires_at__gt=now)


def past_limits(now: datetime) -> Q:
    """The opposite of `within_limits()`, in a form an index can use."""
    return Q(expires_at__lte=now) | Q(idle_expires_at__lte=now)


def end_by_limit(expires_at: datetime, idle_expires_at: datetime, now: datetime) -> End | None:
    """The instant the first limit passed, and which; None while within limits.

    The absolute limit is named when both fall on the same instant: without an
    idle limit the two columns are equal.
    """
    if is_within_limits(expires_at, idle_expires_at, now):
        return None
    if expires_at <= idle_expires_at:
        return End(expires_at, EndReason.EXPIRED)
    return End(idle_expires_at, EndReason.IDLE)
