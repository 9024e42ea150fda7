"""Settings of the life of a session. The comments are their documentation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from .reading import read


class SessionSettings:
    """Settings of the life of a session."""

    # -- Enforcement ------------------------------------------------------------

    @property
    def SESSIONS_HUB_ENFORCE(self) -> bool:
        # False records sign-ins and refuses no browser its session: for a trial run.
        # Tokens and impersonations are held to their limits all the same, and a request
        # on which the database does not tell is 503.
        return read("SESSIONS_HUB_ENFORCE", True)

    @property
    def SESSIONS_HUB_EXEMPT_PATHS(self) -> Sequence[str]:
        # Path prefixes the middleware leaves alone (health checks, static files).
        # An ended session is still signed in there.
        return read("SESSIONS_HUB_EXEMPT_PATHS", ())

    @property
    def SESSIONS_HUB_UNKNOWN_SESSION(self) -> str:
        # What happens to a signed-in Django session the hub has never seen:
        # "adopt" gives it a row, "deny" signs it out.
        return read("SESSIONS_HUB_UNKNOWN_SESSION", "adopt")

    @property
    def SESSIONS_HUB_ADOPT_UNTIL(self) -> datetime | date | str | None:
        # Unknown sessions are adopted before this time and denied from then on.
        # A datetime, a date, or either as ISO 8601 text. None: no limit, which
        # signed_cookies sessions do not allow.
        return read("SESSIONS_HUB_ADOPT_UNTIL", None)

    @property
    def SESSIONS_HUB_RECORD_FAILURE(self) -> str:
        # What a sign-in that cannot be recorded does: "refuse" answers 503,
        # "allow" lets it stand and gives it a row on the next request.
        return read("SESSIONS_HUB_RECORD_FAILURE", "refuse")

    @property
    def SESSIONS_HUB_COUNT_FAILED_SIGN_INS(self) -> bool:
        # Counts the sign-ins that fail, per quarter of an hour and without any name or
        # address: one short UPDATE after the answer is made.
        return read("SESSIONS_HUB_COUNT_FAILED_SIGN_INS", True)

    @property
    def SESSIONS_HUB_LOCK_TIMEOUT(self) -> timedelta:
        # How long a hub write waits for a database lock (PostgreSQL, MariaDB).
        return read("SESSIONS_HUB_LOCK_TIMEOUT", timedelta(seconds=1))

    @property
    def SESSIONS_HUB_CACHE(self) -> str | None:
        # Alias in CACHES of a cache that all processes share (Redis, Memcached); it
        # stands in for the query of each request. None: the database is asked.
        return read("SESSIONS_HUB_CACHE", None)

    @property
    def SESSIONS_HUB_CACHE_TTL(self) -> timedelta:
        # How long an ended session may be let in where the cache did not take the
        # news of its end. At most ten seconds.
        return read("SESSIONS_HUB_CACHE_TTL", timedelta(seconds=10))

    # -- Lifetime ---------------------------------------------------------------

    @property
    def SESSIONS_HUB_LIMITS(self) -> str:
        # "django": a session lasts as long as Django's own, at most 400 days.
        # "nist": also within the limits of NIST SP 800-63B-4 for its assurance
        # level (aal1 30 days; aal2 24 hours, 1 hour idle; aal3 12 hours,
        # 15 minutes idle).
        return read("SESSIONS_HUB_LIMITS", "django")

    @property
    def SESSIONS_HUB_LIFETIMES(
        self,
    ) -> Mapping[str, timedelta | tuple[timedelta, timedelta | None]]:
        # Session type, "aal0" to "aal3", or "below_available" (a session below the
        # level its user could reach) → how long such a session lasts, or that and how
        # long it may rest: {"aal2": (timedelta(hours=12), timedelta(minutes=30))}.
        # Takes the place of what is built in for that key; the strictest one wins.
        return read("SESSIONS_HUB_LIFETIMES", {})

    @property
    def SESSIONS_HUB_SESSION_TYPE(self) -> str | None:
        # Dotted path of a function that names the type of a sign-in:
        # `f(request, user, methods)` returns one of `SessionType`, or None for the
        # hub's own answer. Here a site says "temporary" of a sign-in that still
        # awaits its second factor.
        return read("SESSIONS_HUB_SESSION_TYPE", None)

    @property
    def SESSIONS_HUB_MAX_SESSIONS(self) -> int | None:
        # Sessions a user may have at once. Impersonations and programs do not count.
        return read("SESSIONS_HUB_MAX_SESSIONS", None)

    @property
    def SESSIONS_HUB_MAX_SESSIONS_ACTION(self) -> str:
        # At the limit a sign-in ends the oldest session ("end_oldest"), or is refused
        # with 409 ("refuse").
        return read("SESSIONS_HUB_MAX_SESSIONS_ACTION", "end_oldest")

    @property
    def SESSIONS_HUB_ONE_SESSION_PER_DEVICE(self) -> bool:
        # A sign-in ends the user's older sessions on the same device.
        return read("SESSIONS_HUB_ONE_SESSION_PER_DEVICE", False)

    @property
    def SESSIONS_HUB_END_OTHERS_AT_SIGN_IN(self) -> bool:
        # A sign-in ends all other sessions of its user.
        return read("SESSIONS_HUB_END_OTHERS_AT_SIGN_IN", False)

    @property
    def SESSIONS_HUB_TOUCH_INTERVAL(self) -> timedelta:
        # `last_used_at` is written at most once per interval and session.
        return read("SESSIONS_HUB_TOUCH_INTERVAL", timedelta(seconds=60))

    # -- Impersonation ----------------------------------------------------------

    @property
    def SESSIONS_HUB_IMPERSONATION_LIFETIME(self) -> timedelta:
        # How long an impersonation lasts at most, from its start. Nothing extends it.
        return read("SESSIONS_HUB_IMPERSONATION_LIFETIME", timedelta(hours=1))

    @property
    def SESSIONS_HUB_IMPERSONATION_POLICY(self) -> str | None:
        # Dotted path of `policy(request, actor, target) -> bool`, asked at the start once
        # the hub's own rules are met: it can only forbid more. One that raises forbids.
        return read("SESSIONS_HUB_IMPERSONATION_POLICY", None)

    # -- Tenants ----------------------------------------------------------------

    @property
    def SESSIONS_HUB_TENANT(self) -> str | None:
        # Dotted path of a function (request, user) -> (tenant, workspace), asked at
        # each sign-in; what it returns stands in the session. None: no tenants.
        return read("SESSIONS_HUB_TENANT", None)

    # -- Assurance --------------------------------------------------------------

    @property
    def SESSIONS_HUB_UPSTREAM_AAL2(self) -> Mapping[str, Mapping[str, Sequence[str]]]:
        # What a provider's verified answer must say for its sign-in to be aal2:
        # {"company": {"acr": ["urn:company:mfa"], "amr": ["mfa"]}}. Anything else
        # that somebody else vouches for is aal1.
        return read("SESSIONS_HUB_UPSTREAM_AAL2", {})

    @property
    def SESSIONS_HUB_FACTOR_SOURCES(self) -> Sequence[str]:
        # Functions of your own that tell which methods a user could prove
        # themselves with, by dotted path: `user -> Iterable[str]`. Passwords,
        # django-otp and django-allauth are known.
        return read("SESSIONS_HUB_FACTOR_SOURCES", ())

    @property
    def SESSIONS_HUB_REAUTHENTICATE_FOR(self) -> Sequence[str]:
        # What users do to their own sessions only with a fresh proof (ASVS 7.5.2):
        # "end_session" (another one), "end_other_sessions", "create_api_key",
        # "download_data". Empty: nothing.
        actions = ("end_session", "end_other_sessions", "create_api_key", "download_data")
        return read("SESSIONS_HUB_REAUTHENTICATE_FOR", actions)

    @property
    def SESSIONS_HUB_REAUTHENTICATE_MAX_AGE(self) -> timedelta:
        # How long a proof is fresh enough for them, for acting as another user, and for
        # staff who start a session for one.
        return read("SESSIONS_HUB_REAUTHENTICATE_MAX_AGE", timedelta(minutes=15))

    @property
    def SESSIONS_HUB_REAUTHENTICATE_ATTEMPTS(self) -> int:
        # How often in a row an account may get its password wrong within 15 minutes on
        # the page that asks again, and as often its codes or keys; 1 to 100.
        return read("SESSIONS_HUB_REAUTHENTICATE_ATTEMPTS", 10)

    # -- Session engine ---------------------------------------------------------

    @property
    def SESSIONS_HUB_ENGINE_TAKES_OVER(self) -> bool:
        # With SESSION_ENGINE = "sessions_hub.engine.store": True moves sessions over
        # from Django's db and cached_db engines as their clients come back, so that
        # changing the engine signs nobody out. False once they have all expired.
        return read("SESSIONS_HUB_ENGINE_TAKES_OVER", False)
