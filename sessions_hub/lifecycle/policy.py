"""How long a session lasts and whether it is valid now. Pure: no clock, no database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Any, Protocol

from sessions_hub.models.choices import AssuranceLevel
from sessions_hub.models.validity import end_by_limit

# There is no endless session (ASVS 7.3.2); browsers keep no cookie longer either.
LONGEST = timedelta(days=400)
# How long the cookie before the newest one is still accepted (signed_cookies).
GENERATION_GRACE = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Limits:
    """The longest a session may last since it was proven, and may rest unused."""

    overall: timedelta = LONGEST
    idle: timedelta | None = None


_DJANGO = Limits()
# NIST SP 800-63B-4 §2.1.3, §2.2.3, §2.3.3.
_NIST = {
    AssuranceLevel.AAL2: Limits(timedelta(hours=24), timedelta(hours=1)),
    AssuranceLevel.AAL3: Limits(timedelta(hours=12), timedelta(minutes=15)),
}
_NIST_LOWEST = Limits(timedelta(days=30))


def limits_for(profile: str, level: int) -> Limits:
    """The limits of a profile ("django" or "nist") at an assurance level."""
    if profile != "nist":
        return _DJANGO
    return _NIST.get(AssuranceLevel(level), _NIST_LOWEST)


@dataclass(frozen=True, slots=True)
class Expiry:
    """The two instants a session ends at if nothing else ends it."""

    expires_at: datetime
    idle_timeout: timedelta | None
    idle_expires_at: datetime

    @property
    def columns(self) -> dict[str, Any]:
        """The columns that hold it."""
        return {
            "expires_at": self.expires_at,
            "idle_timeout": self.idle_timeout,
            "idle_expires_at": self.idle_expires_at,
        }


def expiry(*, age: timedelta, now: datetime, proven_at: datetime, limits: Limits) -> Expiry:
    """The expiry of a session used at `now` that Django keeps for `age` from now on.

    The absolute limit counts from `proven_at`, the last full proof.
    """
    expires_at = min(now + min(age, LONGEST), proven_at + limits.overall)
    return Expiry(expires_at, limits.idle, idle_expiry(now, limits.idle, expires_at))


def idle_expiry(now: datetime, idle_timeout: timedelta | None, expires_at: datetime) -> datetime:
    """When a session last used at `now` has rested too long; `expires_at` without a limit."""
    return expires_at if idle_timeout is None else min(now + idle_timeout, expires_at)


def touch_interval(longest: timedelta, *lifetimes: timedelta | None) -> timedelta:
    """How often activity is written: at most `longest`, and a tenth of a short lifetime.

    Otherwise a session that lasts a minute would end while it is being used.
    """
    return min([longest, *(lifetime / 10 for lifetime in lifetimes if lifetime is not None)])


class Verdict(Enum):
    """What a session's row says about a request."""

    VALID = auto()
    ENDED = auto()
    LIMIT_PASSED = auto()
    REPLAYED = auto()


class Facts(Protocol):
    """What `evaluate()` looks at."""

    @property
    def ended_at(self) -> datetime | None: ...
    @property
    def expires_at(self) -> datetime: ...
    @property
    def idle_expires_at(self) -> datetime: ...
    @property
    def generation(self) -> int: ...
    @property
    def generation_changed_at(self) -> datetime | None: ...


def evaluate(facts: Facts, now: datetime, generation: int | None = None) -> Verdict:
    """Whether a request may go on with its session.

    `generation` is what the client presents where an older cookie can be
    replayed: the newest one is good, the one before it until the newest has come
    back, at most GENERATION_GRACE.
    """
    if facts.ended_at is not None:
        return Verdict.ENDED
    if end_by_limit(facts.expires_at, facts.idle_expires_at, now) is not None:
        return Verdict.LIMIT_PASSED
    if generation is not None and generation != facts.generation:
        waiting_since = facts.generation_changed_at
        previous = generation == facts.generation - 1
        if not previous or waiting_since is None or now >= waiting_since + GENERATION_GRACE:
            return Verdict.REPLAYED
    return Verdict.VALID
