"""The settings, one typed property each. The comments here are their documentation.

Every property reads Django's settings live, so `override_settings` works and
nothing is cached. Wrong values are reported by `sessions_hub.checks`; a property
returns the value as given.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar, cast

from django.conf import LazySettings, UserSettingsHolder, global_settings, settings
from django.conf import Settings as Wrapped

PREFIX = "SESSIONS_HUB_"

# A file of this name is used where it is and not missed where it is not.
DEFAULT_GEOIP_ASN = "GeoLite2-ASN.mmdb"
DEFAULT_BACKEND = "sessions_hub.understanding.backends.user_agents.UserAgentsBackend"

Value = TypeVar("Value")


def _read(name: str, default: Value) -> Value:
    # Most settings are not set, and asking for one that is not costs an exception
    # on every request.
    return cast(Value, getattr(settings, name, default)) if _may_be_set(name) else default


def _may_be_set(name: str) -> bool:
    """False where it is certain that nobody has set it.

    `settings.is_overridden` does not see what a program assigns, and packages such as
    dynaconf put settings of their own in the place of Django's.
    """
    if type(settings) is not LazySettings or name in settings.__dict__:
        return True
    holder: object = settings._wrapped  # type: ignore[misc]
    while type(holder) is UserSettingsHolder:
        if name in vars(holder):
            return True
        # What override_settings() was put in front of.
        holder = holder.default_settings
    return holder is not global_settings and (type(holder) is not Wrapped or name in vars(holder))


class Settings:
    """Django's settings named `SESSIONS_HUB_*`, with their defaults."""

    # -- Enforcement ------------------------------------------------------------

    @property
    def SESSIONS_HUB_ENFORCE(self) -> bool:
        # False records sign-ins and never refuses a request: for a trial run.
        return _read("SESSIONS_HUB_ENFORCE", True)

    @property
    def SESSIONS_HUB_EXEMPT_PATHS(self) -> Sequence[str]:
        # Path prefixes the middleware leaves alone (health checks, static files).
        # An ended session is still signed in there.
        return _read("SESSIONS_HUB_EXEMPT_PATHS", ())

    @property
    def SESSIONS_HUB_UNKNOWN_SESSION(self) -> str:
        # What happens to a signed-in Django session the hub has never seen:
        # "adopt" gives it a row, "deny" signs it out.
        return _read("SESSIONS_HUB_UNKNOWN_SESSION", "adopt")

    @property
    def SESSIONS_HUB_ADOPT_UNTIL(self) -> datetime | date | str | None:
        # Unknown sessions are adopted before this time and denied from then on.
        # A datetime, a date, or either as ISO 8601 text. None: no limit, which
        # signed_cookies sessions do not allow.
        return _read("SESSIONS_HUB_ADOPT_UNTIL", None)

    @property
    def SESSIONS_HUB_RECORD_FAILURE(self) -> str:
        # What a sign-in that cannot be recorded does: "refuse" answers 503,
        # "allow" lets it stand and gives it a row on the next request.
        return _read("SESSIONS_HUB_RECORD_FAILURE", "refuse")

    @property
    def SESSIONS_HUB_LOCK_TIMEOUT(self) -> timedelta:
        # How long a hub write waits for a database lock (PostgreSQL, MariaDB).
        return _read("SESSIONS_HUB_LOCK_TIMEOUT", timedelta(seconds=1))

    @property
    def SESSIONS_HUB_CACHE(self) -> str | None:
        # Alias in CACHES of a cache that all processes share (Redis, Memcached); it
        # stands in for the query of each request. None: the database is asked.
        return _read("SESSIONS_HUB_CACHE", None)

    @property
    def SESSIONS_HUB_CACHE_TTL(self) -> timedelta:
        # How long an ended session may be let in where the cache did not take the
        # news of its end. At most ten seconds.
        return _read("SESSIONS_HUB_CACHE_TTL", timedelta(seconds=10))

    # -- Lifetime ---------------------------------------------------------------

    @property
    def SESSIONS_HUB_LIMITS(self) -> str:
        # "django": a session lasts as long as Django's own, at most 400 days.
        # "nist": also within the limits of NIST SP 800-63B-4 for its assurance
        # level (aal1 30 days; aal2 24 hours, 1 hour idle; aal3 12 hours,
        # 15 minutes idle).
        return _read("SESSIONS_HUB_LIMITS", "django")

    @property
    def SESSIONS_HUB_LIFETIMES(
        self,
    ) -> Mapping[str, timedelta | tuple[timedelta, timedelta | None]]:
        # Session type, "aal0" to "aal3", or "below_available" (a session below the
        # level its user could reach) → how long such a session lasts, or that and how
        # long it may rest: {"aal2": (timedelta(hours=12), timedelta(minutes=30))}.
        # Takes the place of what is built in for that key; the strictest one wins.
        return _read("SESSIONS_HUB_LIFETIMES", {})

    @property
    def SESSIONS_HUB_SESSION_TYPE(self) -> str | None:
        # Dotted path of a function that names the type of a sign-in:
        # `f(request, user, methods)` returns one of `SessionType`, or None for the
        # hub's own answer. Here a site says "temporary" of a sign-in that still
        # awaits its second factor.
        return _read("SESSIONS_HUB_SESSION_TYPE", None)

    @property
    def SESSIONS_HUB_MAX_SESSIONS(self) -> int | None:
        # Sessions a user may have at once. Impersonations and programs do not count.
        return _read("SESSIONS_HUB_MAX_SESSIONS", None)

    @property
    def SESSIONS_HUB_MAX_SESSIONS_ACTION(self) -> str:
        # At the limit a sign-in ends the oldest session ("end_oldest"), or is refused
        # with 409 ("refuse").
        return _read("SESSIONS_HUB_MAX_SESSIONS_ACTION", "end_oldest")

    @property
    def SESSIONS_HUB_ONE_SESSION_PER_DEVICE(self) -> bool:
        # A sign-in ends the user's older sessions on the same device.
        return _read("SESSIONS_HUB_ONE_SESSION_PER_DEVICE", False)

    @property
    def SESSIONS_HUB_END_OTHERS_AT_SIGN_IN(self) -> bool:
        # A sign-in ends all other sessions of its user.
        return _read("SESSIONS_HUB_END_OTHERS_AT_SIGN_IN", False)

    @property
    def SESSIONS_HUB_TOUCH_INTERVAL(self) -> timedelta:
        # `last_used_at` is written at most once per interval and session.
        return _read("SESSIONS_HUB_TOUCH_INTERVAL", timedelta(seconds=60))

    @property
    def SESSIONS_HUB_RETENTION(self) -> timedelta | None:
        # How long `prunesessions` keeps the row of an ended session. None: for ever.
        return _read("SESSIONS_HUB_RETENTION", timedelta(days=90))

    @property
    def SESSIONS_HUB_ON_USER_DELETE(self) -> str:
        # "delete" removes the rows of a deleted user; "anonymize" ends them,
        # blanks what points to a person and keeps the rest for statistics.
        return _read("SESSIONS_HUB_ON_USER_DELETE", "delete")

    # -- Impersonation ----------------------------------------------------------

    @property
    def SESSIONS_HUB_IMPERSONATION_LIFETIME(self) -> timedelta:
        # How long an impersonation lasts at most, from its start. Nothing extends it.
        return _read("SESSIONS_HUB_IMPERSONATION_LIFETIME", timedelta(hours=1))

    @property
    def SESSIONS_HUB_IMPERSONATION_POLICY(self) -> str | None:
        # Dotted path of `policy(request, actor, target) -> bool`, asked at the start once
        # the hub's own rules are met: it can only forbid more. One that raises forbids.
        return _read("SESSIONS_HUB_IMPERSONATION_POLICY", None)

    # -- Tenants ----------------------------------------------------------------

    @property
    def SESSIONS_HUB_TENANT(self) -> str | None:
        # Dotted path of a function (request, user) -> (tenant, workspace), asked at
        # each sign-in; what it returns stands in the session. None: no tenants.
        return _read("SESSIONS_HUB_TENANT", None)

    # -- Assurance --------------------------------------------------------------

    @property
    def SESSIONS_HUB_UPSTREAM_AAL2(self) -> Mapping[str, Mapping[str, Sequence[str]]]:
        # What a provider's verified answer must say for its sign-in to be aal2:
        # {"company": {"acr": ["urn:company:mfa"], "amr": ["mfa"]}}. Anything else
        # that somebody else vouches for is aal1.
        return _read("SESSIONS_HUB_UPSTREAM_AAL2", {})

    @property
    def SESSIONS_HUB_FACTOR_SOURCES(self) -> Sequence[str]:
        # Functions of your own that tell which methods a user could prove
        # themselves with, by dotted path: `user -> Iterable[str]`. Passwords,
        # django-otp and django-allauth are known.
        return _read("SESSIONS_HUB_FACTOR_SOURCES", ())

    @property
    def SESSIONS_HUB_REAUTHENTICATE_FOR(self) -> Sequence[str]:
        # What users do to their own sessions only with a fresh proof (ASVS 7.5.2):
        # "end_session" (another one), "end_other_sessions". Empty: nothing.
        return _read("SESSIONS_HUB_REAUTHENTICATE_FOR", ("end_session", "end_other_sessions"))

    @property
    def SESSIONS_HUB_REAUTHENTICATE_MAX_AGE(self) -> timedelta:
        # How long a proof is fresh enough for them, and for acting as another user.
        return _read("SESSIONS_HUB_REAUTHENTICATE_MAX_AGE", timedelta(minutes=15))

    @property
    def SESSIONS_HUB_REAUTHENTICATE_ATTEMPTS(self) -> int:
        # How often in a row an account may get its password or code wrong within
        # 15 minutes on the page that asks for them again; 1 to 100.
        return _read("SESSIONS_HUB_REAUTHENTICATE_ATTEMPTS", 10)

    # -- Devices ----------------------------------------------------------------

    @property
    def SESSIONS_HUB_DEVICE_COOKIE(self) -> str | None:
        # Name of the cookie a browser is recognised by (`__Host-` is put before
        # it on https). None: no cookie; operating system, client and device type
        # stand in.
        return _read("SESSIONS_HUB_DEVICE_COOKIE", "sessions_hub_device")

    @property
    def SESSIONS_HUB_MAX_ENDPOINTS(self) -> int:
        # Places (device, address, user agent) kept per session. The oldest goes,
        # never the first.
        return _read("SESSIONS_HUB_MAX_ENDPOINTS", 50)

    # -- Moves and alerts -------------------------------------------------------

    @property
    def SESSIONS_HUB_BINDING(self) -> Mapping[str, str]:
        # What happens to a session that shows up with another operating system
        # ("os"), client ("client"), country ("country") or network operator
        # ("autonomous_system") than it was accepted with, or sooner than anybody
        # travels ("travel"). For each: "ignore" (the default), "record" a line in
        # the log and the signal `session_moved`, "step_up" refuses all but proving
        # the session again, "end" ends it. Unknown values are no move.
        return _read("SESSIONS_HUB_BINDING", {})

    @property
    def SESSIONS_HUB_TRAVEL_SPEED(self) -> int | float:
        # Above how many km/h nobody travels.
        return _read("SESSIONS_HUB_TRAVEL_SPEED", 1000)

    @property
    def SESSIONS_HUB_REAUTHENTICATE_URL(self) -> str:
        # Where a session is proven again: a path or the name of a view. LOGIN_URL
        # where there is no such view.
        return _read("SESSIONS_HUB_REAUTHENTICATE_URL", "sessions_hub:reauthenticate")

    @property
    def SESSIONS_HUB_PROOF_PATHS(self) -> Sequence[str]:
        # Prefixes of further paths open to a session that has to be proven again:
        # the second page of a sign-in, the way back from a single sign-on.
        return _read("SESSIONS_HUB_PROOF_PATHS", ())

    @property
    def SESSIONS_HUB_ALERTS(self) -> Sequence[str]:
        # What users are sent a mail about: "device", a sign-in from a device not
        # seen with them before; "country", a country not seen with them before.
        # Never about their first.
        return _read("SESSIONS_HUB_ALERTS", ())

    @property
    def SESSIONS_HUB_ALERT_LANGUAGE(self) -> str | None:
        # The attribute of a user that holds the code of their language, such as
        # "language" or "profile.language". None: the language of the request,
        # which whoever signs in may choose.
        return _read("SESSIONS_HUB_ALERT_LANGUAGE", None)

    @property
    def SESSIONS_HUB_BASE_URL(self) -> str | None:
        # What the link in a mail begins with ("https://www.example.com"). None: the
        # host of the request, unless ALLOWED_HOSTS accepts any.
        return _read("SESSIONS_HUB_BASE_URL", None)

    @property
    def SESSIONS_HUB_PASSWORD_URL(self) -> str | None:
        # Where "This wasn't me" leads to: a path or the name of a view. None:
        # "password_reset" or allauth's "account_reset_password", else LOGIN_URL.
        return _read("SESSIONS_HUB_PASSWORD_URL", None)

    # -- Client address ---------------------------------------------------------

    @property
    def SESSIONS_HUB_TRUSTED_PROXIES(self) -> Sequence[str]:
        # Networks (CIDR) whose forwarding headers are believed, walked from the
        # right. The word "unix" trusts a peer without an address.
        return _read("SESSIONS_HUB_TRUSTED_PROXIES", ())

    @property
    def SESSIONS_HUB_PROXY_COUNT(self) -> int:
        # Number of proxies in front of the site: the n-th address from the right
        # is the client's. Not together with SESSIONS_HUB_TRUSTED_PROXIES.
        return _read("SESSIONS_HUB_PROXY_COUNT", 0)

    @property
    def SESSIONS_HUB_CLIENT_ADDRESS_HEADER(self) -> str | None:
        # The one header to read, where a proxy sets its own ("CF-Connecting-IP") or
        # passes one of the two lists on unchecked. Read only behind trusted proxies.
        # None: Forwarded (RFC 7239) and X-Forwarded-For; where a request has both
        # and they disagree neither is believed, since a client can send the one
        # that the proxy does not write.
        return _read("SESSIONS_HUB_CLIENT_ADDRESS_HEADER", None)

    # -- Understanding ----------------------------------------------------------

    @property
    def SESSIONS_HUB_USER_AGENT_BACKEND(self) -> str:
        # What reads user agents: the dotted path of a `UserAgentBackend`.
        # "sessions_hub.understanding.backends.matomo.MatomoBackend" knows more
        # models and bots, needs the extra [matomo], and is some ten times slower.
        return _read("SESSIONS_HUB_USER_AGENT_BACKEND", DEFAULT_BACKEND)

    @property
    def SESSIONS_HUB_USER_AGENT_TIMEOUT(self) -> timedelta:
        # How long a backend other than the default one may take. Later, the client
        # of the sign-in stays unknown.
        return _read("SESSIONS_HUB_USER_AGENT_TIMEOUT", timedelta(seconds=1))

    @property
    def SESSIONS_HUB_CLIENT_HINTS_PATHS(self) -> Sequence[str]:
        # Prefixes of further pages to sign in on, where ClientHintsMiddleware asks
        # for client hints: ("/signup/",). It knows LOGIN_URL and Django's own forms.
        return _read("SESSIONS_HUB_CLIENT_HINTS_PATHS", ())

    @property
    def SESSIONS_HUB_GEOIP_PATH(self) -> str | Path | None:
        # A MaxMind DB file, or the folder of the files named below. Falls back
        # to Django's GEOIP_PATH. None: no places.
        return _read("SESSIONS_HUB_GEOIP_PATH", getattr(settings, "GEOIP_PATH", None))

    @property
    def SESSIONS_HUB_GEOIP_CITY(self) -> str:
        # File name of the city database. Falls back to Django's GEOIP_CITY.
        return _read(
            "SESSIONS_HUB_GEOIP_CITY",
            getattr(settings, "GEOIP_CITY", "GeoLite2-City.mmdb"),
        )

    @property
    def SESSIONS_HUB_GEOIP_COUNTRY(self) -> str:
        # File name of the country database, used where there is no city
        # database. Falls back to Django's GEOIP_COUNTRY.
        return _read(
            "SESSIONS_HUB_GEOIP_COUNTRY",
            getattr(settings, "GEOIP_COUNTRY", "GeoLite2-Country.mmdb"),
        )

    @property
    def SESSIONS_HUB_GEOIP_ASN(self) -> str | None:
        # File name of the database of network operators, used next to the city
        # or country database. None: none.
        return _read("SESSIONS_HUB_GEOIP_ASN", DEFAULT_GEOIP_ASN)

    @property
    def SESSIONS_HUB_BACKEND_METHODS(self) -> Mapping[str, str]:
        # Authentication backend (dotted path) → method, for backends the hub
        # does not know: {"example.MagicLinkBackend": "magic_link"}.
        return _read("SESSIONS_HUB_BACKEND_METHODS", {})

    # -- Session engine ---------------------------------------------------------

    @property
    def SESSIONS_HUB_ENGINE_TAKES_OVER(self) -> bool:
        # With SESSION_ENGINE = "sessions_hub.engine.store": True moves sessions over
        # from Django's db and cached_db engines as their clients come back, so that
        # changing the engine signs nobody out. False once they have all expired.
        return _read("SESSIONS_HUB_ENGINE_TAKES_OVER", False)

    # -- Secrets ----------------------------------------------------------------

    @property
    def SESSIONS_HUB_HASH_KEYS(self) -> Sequence[str]:
        # Keys of the digests of device and session keys. The first one writes,
        # all are tried when reading. Empty: SECRET_KEY, SECRET_KEY_FALLBACKS.
        return _read("SESSIONS_HUB_HASH_KEYS", ())


conf = Settings()

NAMES: frozenset[str] = frozenset(name for name in vars(Settings) if name.startswith(PREFIX))


def configured() -> dict[str, Any]:
    """Every `SESSIONS_HUB_*` setting the project has set, known or not."""
    return {name: getattr(settings, name) for name in dir(settings) if name.startswith(PREFIX)}
