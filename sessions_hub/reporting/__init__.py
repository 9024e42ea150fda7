"""Numbers about sign-ins, for people who look after a site. Reads only."""

from __future__ import annotations

from .charted import LOOKED_THROUGH, overview
from .figures import DayCount, Fate, InUse, Overview
from .span import LONGEST, Span
from .totals import (
    DAY,
    Breakdown,
    Period,
    Share,
    SharedAddress,
    Statistics,
    shared_address,
    statistics,
)

__all__ = [
    "DAY",
    "LONGEST",
    "LOOKED_THROUGH",
    "Breakdown",
    "DayCount",
    "Fate",
    "InUse",
    "Overview",
    "Period",
    "Share",
    "SharedAddress",
    "Span",
    "Statistics",
    "overview",
    "shared_address",
    "statistics",
]
