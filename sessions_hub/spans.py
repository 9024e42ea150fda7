"""The words for a span of time, as they stand in “… ago” and “in …”.

Those of `timesince()` stand alone: “3 Tage”. Behind a preposition some languages decline them
(“vor 3 Tagen”), so these have contexts of their own.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.timesince import timesince
from django.utils.translation import gettext, npgettext_lazy

# Lazy texts, which the stubs of `timesince()` do not know of.
PAST: dict[str, Any] = {
    "year": npgettext_lazy("sessions_hub past", "%(num)d year", "%(num)d years", "num"),
    "month": npgettext_lazy("sessions_hub past", "%(num)d month", "%(num)d months", "num"),
    "week": npgettext_lazy("sessions_hub past", "%(num)d week", "%(num)d weeks", "num"),
    "day": npgettext_lazy("sessions_hub past", "%(num)d day", "%(num)d days", "num"),
    "hour": npgettext_lazy("sessions_hub past", "%(num)d hour", "%(num)d hours", "num"),
    "minute": npgettext_lazy("sessions_hub past", "%(num)d minute", "%(num)d minutes", "num"),
}
FUTURE: dict[str, Any] = {
    "year": npgettext_lazy("sessions_hub future", "%(num)d year", "%(num)d years", "num"),
    "month": npgettext_lazy("sessions_hub future", "%(num)d month", "%(num)d months", "num"),
    "week": npgettext_lazy("sessions_hub future", "%(num)d week", "%(num)d weeks", "num"),
    "day": npgettext_lazy("sessions_hub future", "%(num)d day", "%(num)d days", "num"),
    "hour": npgettext_lazy("sessions_hub future", "%(num)d hour", "%(num)d hours", "num"),
    "minute": npgettext_lazy("sessions_hub future", "%(num)d minute", "%(num)d minutes", "num"),
}


def since_or_until(moment: datetime, now: datetime, *, depth: int = 1) -> str:
    """“3 months ago” or “in 13 days”, as exact as `depth` units; in the reader's language."""
    if moment <= now:
        return ago(timesince(moment, now, time_strings=PAST, depth=depth))
    return ahead(timesince(now, moment, time_strings=FUTURE, depth=depth))


def ago(span: str) -> str:
    """A span in the words of `PAST`, told as one that has gone by."""
    return gettext("%(time)s ago") % {"time": span}


def ahead(span: str) -> str:
    """A span in the words of `FUTURE`, told as one to come."""
    return gettext("in %(time)s") % {"time": span}
