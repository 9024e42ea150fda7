"""How long the rows of ended sessions are kept, by why they ended and what they were. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Self

from django.db.models import Q

from sessions_hub.conf import conf
from sessions_hub.models import EndReason, SessionType


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """Times to keep: `default`, and those of single end reasons and session types.

    None is for ever. A row whose reason and type are both named is kept for the longer
    time of the two; one of which neither is named, for the default.
    """

    default: timedelta | None
    reasons: Mapping[str, timedelta | None] = field(default_factory=dict)
    types: Mapping[str, timedelta | None] = field(default_factory=dict)

    @classmethod
    def configured(cls, default: Any = ...) -> Self:
        """The settings, with another default where one is given.

        Raises ValueError where a setting is none of what it may be.
        """
        if default is ...:
            default = kept_for("SESSIONS_HUB_RETENTION", conf.SESSIONS_HUB_RETENTION)
        name = "SESSIONS_HUB_RETENTION_FOR"
        given: object = conf.SESSIONS_HUB_RETENTION_FOR
        if not isinstance(given, Mapping):
            raise ValueError(f"{name} must be a dict. It is {given!r}.")
        if unknown := sorted(map(str, given.keys() - set(KEYS))):
            raise ValueError(
                f"{name} has “{unknown[0]}”, which is neither an end reason nor a session type."
            )
        times = {key: kept_for(f"{name}[{key!r}]", value) for key, value in given.items()}
        return cls(
            default=default,
            reasons={key: value for key, value in times.items() if key in EndReason.values},
            types={key: value for key, value in times.items() if key in SessionType.values},
        )

    def is_over(
        self, now: datetime, *, ended: str = "ended_at", reason: str = "end_reason"
    ) -> Q | None:
        """The condition "ended longer ago than it is kept"; None where all is kept for ever.

        `ended` and `reason` are the columns, or annotations, that hold the end.
        """
        times = [self.default, *self.reasons.values(), *self.types.values()]
        known = [time for time in times if time is not None]
        if not known:
            return None
        # What none is kept shorter than: a range of the index on the end.
        condition = Q(**{f"{ended}__lt": now - min(known)})
        named = Q()
        for column, kept in ((reason, self.reasons), ("session_type", self.types)):
            if kept:
                named |= Q(**{f"{column}__in": list(kept)})
            for word, time in kept.items():
                condition &= ~Q(**{column: word}) | _before(ended, now, time)
        by_default = _before(ended, now, self.default)
        return condition & (named | by_default if named else by_default)


# What a key of SESSIONS_HUB_RETENTION_FOR may be; no word is both.
KEYS = (*EndReason.values, *SessionType.values)


def _before(column: str, now: datetime, time: timedelta | None) -> Q:
    # Nothing is in an empty list: never over.
    return Q(pk__in=[]) if time is None else Q(**{f"{column}__lt": now - time})


def kept_for(name: str, value: Any) -> timedelta | None:
    """The value of a setting that is a time to keep something, or None. Raises ValueError."""
    if value is None or (isinstance(value, timedelta) and value > timedelta(0)):
        return value
    raise ValueError(
        f"{name} must be a timedelta above zero, such as timedelta(days=90), or None to keep "
        f"for ever. It is {value!r}."
    )
