"""How long a session lasts and whether it is valid now. Pure: no clock, no database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum, StrEnum, auto
from typing import Any, Protocol

from sessions_hub.models.choices import AssuranceLevel, SessionType
from sessions_hub.models.validity import end_by_limit

# There is no endless session (ASVS 7.3.2); browsers keep no cookie longer either.
LONGEST = timedelta(days=400)
# How long the cookie before the newest one is still accepted (signed_cookies).
GENERATION_GRACE = timedelta(seconds=30)


# The key of SESSIONS_HUB_LIFETIMES for sessions below the level their user could reach.
BELOW_AVAILABLE = "below_available"
# Nobody sits in front of these: no assurance level of a person limits them. An access
# token may outlast the session it came from (NIST SP 800-63B-4 §5.1.2).
PROGRAMS = frozenset(
    {
        SessionType.API_KEY,
        SessionType.OAUTH_CLIENT,
        SessionType.OAUTH_SESSION,
        SessionType.SERVICE_ACCOUNT,
    }
)
# A time of last use further ahead than this is a wrong clock's, and not believed.
BELIEVED_AHEAD = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Limits:
    """The longest a session may last since it was proven, and may rest unused."""

    overall: timedelta = LONGEST
    idle: timedelta | None = None

    def within(self, other: Limits) -> Limits:
        """The stricter of both."""
        idles = [idle for idle in (self.idle, other.idle) if idle is not None]
        return Limits(min(self.overall, other.overall), min(idles, default=None))


# What SESSIONS_HUB_LIFETIMES holds: a lifetime, or a lifetime and an idle limit.
Lifetime = timedelta | tuple[timedelta, timedelta | None]

_HOUR = timedelta(hours=1)
# Types that somebody asks for. Sign-ins as sites have always had them are not among
# them, one_time_access neither: installing the hub signs nobody out.
_TYPES: Mapping[str, Limits] = {
    SessionType.TEMPORARY: Limits(timedelta(minutes=15)),
    SessionType.ACCOUNT_RECOVERY: Limits(_HOUR),
    SessionType.CREDENTIAL_RECOVERY: Limits(_HOUR),
    SessionType.IMPERSONATION: Limits(_HOUR),
}
# NIST SP 800-63B-4 §2.1.3, §2.2.3, §2.3.3.
NIST_LEVELS: Mapping[str, Limits] = {
    "aal0": Limits(timedelta(days=30)),
    "aal1": Limits(timedelta(days=30)),
    "aal2": Limits(timedelta(hours=24), _HOUR),
    "aal3": Limits(timedelta(hours=12), timedelta(minutes=15)),
}
_NIST = {**_TYPES, SessionType.ONE_TIME_ACCESS: Limits(_HOUR), **NIST_LEVELS}
# The longest an impersonation lasts where SESSIONS_HUB_LIFETIMES does not say.
IMPERSONATION_LIFETIME = _TYPES[SessionType.IMPERSONATION].overall

LIFETIME_KEYS = frozenset({*SessionType.values, *NIST_LEVELS, BELOW_AVAILABLE})


def limits_for(
    profile: str,
    level: int,
    kind: str = SessionType.REGULAR_LOGIN,
    lifetimes: Mapping[str, Lifetime] | None = None,
    *,
    is_below: bool = False,
) -> Limits:
    """The limits of a session of type `kind`: the strictest of all that apply to it.

    Those are its type's, its level's under `profile` ("django" or "nist"), and, where
    `is_below` says that its user could reach a higher level, those of
    "below_available". `lifetimes` (SESSIONS_HUB_LIFETIMES) replaces what is built in
    for a key. Programs have those of their type alone.

    Raises ValueError for a lifetime that is none.
    """
    limits = limit_of_key(profile, kind, lifetimes)
    if kind in PROGRAMS:
        return limits
    limits = limits.within(limit_of_key(profile, f"aal{AssuranceLevel(level)}", lifetimes))
    if is_below:
        limits = limits.within(limit_of_key(profile, BELOW_AVAILABLE, lifetimes))
    return limits


def limit_of_key(profile: str, key: str, lifetimes: Mapping[str, Lifetime] | None = None) -> Limits:
    """What one key stands for. A lone lifetime leaves the built-in idle limit as it is."""
    built_in = (_NIST if profile == "nist" else _TYPES).get(key, Limits())
    if not lifetimes or key not in lifetimes:
        return built_in
    match lifetimes[key]:
        case timedelta() as overall:
            idle = built_in.idle
        case (timedelta() as overall, (timedelta() | None) as idle):
            pass
        case other:
            raise ValueError(f"SESSIONS_HUB_LIFETIMES[{key!r}] is no lifetime: {other!r}")
    if overall <= timedelta(0) or (idle is not None and idle <= timedelta(0)):
        raise ValueError(f"SESSIONS_HUB_LIFETIMES[{key!r}] must be more than nothing")
    return Limits(min(overall, LONGEST), None if idle is None else min(idle, LONGEST))


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
    expires_at = min(_after(now, min(age, LONGEST)), _after(proven_at, limits.overall))
    return Expiry(expires_at, limits.idle, idle_expiry(now, limits.idle, expires_at))


def outlasts(limits: Limits, *, proven_at: datetime, now: datetime) -> bool:
    """Whether a session fully proven at `proven_at` has any time left at `now`."""
    return now < _after(proven_at, limits.overall)


def idle_expiry(now: datetime, idle_timeout: timedelta | None, expires_at: datetime) -> datetime:
    """When a session last used at `now` has rested too long; `expires_at` without a limit."""
    if idle_timeout is None:
        return expires_at
    return min(_after(now, min(idle_timeout, LONGEST)), expires_at)


def _after(instant: datetime, by: timedelta) -> datetime:
    """`instant + by`, or the end of time where that is further than Python counts."""
    try:
        return instant + by
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC)


def is_full(level: int, proven: int) -> bool:
    """Whether a new proof of level `proven` is a full one of a session at `level`.

    Only a full one moves the absolute limit. A password alone is enough to go on with
    an aal2 session until then, and moves its idle limit only; at aal3 it takes both
    factors every time (NIST SP 800-63B-4 §2.2.3, §2.3.3).
    """
    return proven >= level


def last_use(stored: datetime, now: datetime) -> datetime:
    """The time of last use after one at `now`: never taken back by a clock that lags.

    One stored by a clock that ran more than BELIEVED_AHEAD ahead is put right.
    """
    return stored if now < stored <= _after(now, BELIEVED_AHEAD) else now


def touch_interval(longest: timedelta, *lifetimes: timedelta | None) -> timedelta:
    """How often activity is written: at most `longest`, and a tenth of a short lifetime.

    Otherwise a session that lasts a minute would end while it is being used.
    """
    return min([longest, *(lifetime / 10 for lifetime in lifetimes if lifetime is not None)])


class Refusal(StrEnum):
    """Why a session was not extended."""

    # It ended, is not there, or its user is not.
    ENDED = "ended"
    # A limit has passed: it takes a new sign-in.
    TOO_LATE = "too_late"
    # It lasts as long as it may already; a full re-authentication moves that.
    CAPPED = "capped"
    # Nobody extends an impersonation.
    IMPERSONATION = "impersonation"


class Extensible(Protocol):
    """What `extension()` looks at."""

    @property
    def session_type(self) -> str: ...
    @property
    def fully_authenticated_at(self) -> datetime: ...
    @property
    def ended_at(self) -> datetime | None: ...
    @property
    def expires_at(self) -> datetime: ...
    @property
    def idle_expires_at(self) -> datetime: ...


def extension(
    facts: Extensible, *, age: timedelta, now: datetime, limits: Limits
) -> Expiry | Refusal:
    """What a session becomes when it is extended to `age` from `now`, or why it is not.

    Counts from the last full proof like any expiry, and never shortens.
    """
    if facts.ended_at is not None:
        return Refusal.ENDED
    if end_by_limit(facts.expires_at, facts.idle_expires_at, now) is not None:
        return Refusal.TOO_LATE
    if facts.session_type == SessionType.IMPERSONATION:
        return Refusal.IMPERSONATION
    new = expiry(age=age, now=now, proven_at=facts.fully_authenticated_at, limits=limits)
    expires_at = max(new.expires_at, facts.expires_at)
    idle_expires_at = max(idle_expiry(now, limits.idle, expires_at), facts.idle_expires_at)
    if (expires_at, idle_expires_at) == (facts.expires_at, facts.idle_expires_at):
        return Refusal.CAPPED
    return Expiry(expires_at, limits.idle, idle_expires_at)


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
