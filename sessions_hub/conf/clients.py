"""Settings of devices, clients and places. The comments are their documentation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path

from django.conf import settings

from .reading import read

# A file of this name is used where it is and not missed where it is not.
DEFAULT_GEOIP_ASN = "GeoLite2-ASN.mmdb"
DEFAULT_BACKEND = "sessions_hub.understanding.backends.user_agents.UserAgentsBackend"


class ClientSettings:
    """Settings of devices, clients and places."""

    # -- Devices ----------------------------------------------------------------

    @property
    def SESSIONS_HUB_DEVICE_COOKIE(self) -> str | None:
        # Name of the cookie a browser is recognised by (`__Host-` is put before
        # it on https). None: no cookie; operating system, client and device type
        # stand in.
        return read("SESSIONS_HUB_DEVICE_COOKIE", "sessions_hub_device")

    @property
    def SESSIONS_HUB_MAX_ENDPOINTS(self) -> int:
        # Places (device, address, user agent) kept per session. The oldest goes,
        # never the first.
        return read("SESSIONS_HUB_MAX_ENDPOINTS", 50)

    # -- Moves and alerts -------------------------------------------------------

    @property
    def SESSIONS_HUB_BINDING(self) -> Mapping[str, str]:
        # What happens to a session that shows up with another operating system
        # ("os"), client ("client"), country ("country") or network operator
        # ("autonomous_system") than it was accepted with, or sooner than anybody
        # travels ("travel"). For each: "ignore" (the default), "record" a line in
        # the log and the signal `session_moved`, "step_up" refuses all but proving
        # the session again, "end" ends it. Unknown values are no move.
        return read("SESSIONS_HUB_BINDING", {})

    @property
    def SESSIONS_HUB_TRAVEL_SPEED(self) -> int | float:
        # Above how many km/h nobody travels.
        return read("SESSIONS_HUB_TRAVEL_SPEED", 1000)

    @property
    def SESSIONS_HUB_REAUTHENTICATE_URL(self) -> str:
        # Where a session is proven again: a path or the name of a view. LOGIN_URL
        # where there is no such view.
        return read("SESSIONS_HUB_REAUTHENTICATE_URL", "sessions_hub:reauthenticate")

    @property
    def SESSIONS_HUB_PROOF_PATHS(self) -> Sequence[str]:
        # Prefixes of further paths open to a session that has to be proven again:
        # the second page of a sign-in, the way back from a single sign-on.
        return read("SESSIONS_HUB_PROOF_PATHS", ())

    @property
    def SESSIONS_HUB_ALERTS(self) -> Sequence[str]:
        # What users are sent a mail about: "device", a sign-in from a device not
        # seen with them before; "country", a country not seen with them before.
        # Never about their first.
        return read("SESSIONS_HUB_ALERTS", ())

    @property
    def SESSIONS_HUB_ALERT_LANGUAGE(self) -> str | None:
        # The attribute of a user that holds the code of their language, such as
        # "language" or "profile.language". None: the language of the request,
        # which whoever signs in may choose.
        return read("SESSIONS_HUB_ALERT_LANGUAGE", None)

    @property
    def SESSIONS_HUB_BASE_URL(self) -> str | None:
        # What the link in a mail begins with ("https://www.example.com"). None: the
        # host of the request, unless ALLOWED_HOSTS accepts any.
        return read("SESSIONS_HUB_BASE_URL", None)

    @property
    def SESSIONS_HUB_PASSWORD_URL(self) -> str | None:
        # Where "This wasn't me" leads to: a path or the name of a view. None:
        # "password_reset" or allauth's "account_reset_password", else LOGIN_URL.
        return read("SESSIONS_HUB_PASSWORD_URL", None)

    # -- Client address ---------------------------------------------------------

    @property
    def SESSIONS_HUB_TRUSTED_PROXIES(self) -> Sequence[str]:
        # Networks (CIDR) whose forwarding headers are believed, walked from the
        # right. The word "unix" trusts a peer without an address.
        return read("SESSIONS_HUB_TRUSTED_PROXIES", ())

    @property
    def SESSIONS_HUB_PROXY_COUNT(self) -> int:
        # Number of proxies in front of the site: the n-th address from the right
        # is the client's. Not together with SESSIONS_HUB_TRUSTED_PROXIES.
        return read("SESSIONS_HUB_PROXY_COUNT", 0)

    @property
    def SESSIONS_HUB_CLIENT_ADDRESS_HEADER(self) -> str | None:
        # The one header to read, where a proxy sets its own ("CF-Connecting-IP") or
        # passes one of the two lists on unchecked. Read only behind trusted proxies.
        # None: Forwarded (RFC 7239) and X-Forwarded-For; where a request has both
        # and they disagree neither is believed, since a client can send the one
        # that the proxy does not write.
        return read("SESSIONS_HUB_CLIENT_ADDRESS_HEADER", None)

    # -- Understanding ----------------------------------------------------------

    @property
    def SESSIONS_HUB_USER_AGENT_BACKEND(self) -> str:
        # What reads user agents: the dotted path of a `UserAgentBackend`.
        # "sessions_hub.understanding.backends.matomo.MatomoBackend" knows more
        # models and bots, needs the extra [matomo], and is some ten times slower.
        return read("SESSIONS_HUB_USER_AGENT_BACKEND", DEFAULT_BACKEND)

    @property
    def SESSIONS_HUB_USER_AGENT_TIMEOUT(self) -> timedelta:
        # How long a backend other than the default one may take. Later, the client
        # of the sign-in stays unknown.
        return read("SESSIONS_HUB_USER_AGENT_TIMEOUT", timedelta(seconds=1))

    @property
    def SESSIONS_HUB_CLIENT_HINTS_PATHS(self) -> Sequence[str]:
        # Prefixes of further pages to sign in on, where ClientHintsMiddleware asks
        # for client hints: ("/signup/",). It knows LOGIN_URL and Django's own forms.
        return read("SESSIONS_HUB_CLIENT_HINTS_PATHS", ())

    @property
    def SESSIONS_HUB_GEOIP_PATH(self) -> str | Path | None:
        # A MaxMind DB file, or the folder of the files named below. Falls back
        # to Django's GEOIP_PATH. None: no places.
        return read("SESSIONS_HUB_GEOIP_PATH", getattr(settings, "GEOIP_PATH", None))

    @property
    def SESSIONS_HUB_GEOIP_CITY(self) -> str:
        # File name of the city database. Falls back to Django's GEOIP_CITY.
        return read(
            "SESSIONS_HUB_GEOIP_CITY",
            getattr(settings, "GEOIP_CITY", "GeoLite2-City.mmdb"),
        )

    @property
    def SESSIONS_HUB_GEOIP_COUNTRY(self) -> str:
        # File name of the country database, used where there is no city
        # database. Falls back to Django's GEOIP_COUNTRY.
        return read(
            "SESSIONS_HUB_GEOIP_COUNTRY",
            getattr(settings, "GEOIP_COUNTRY", "GeoLite2-Country.mmdb"),
        )

    @property
    def SESSIONS_HUB_GEOIP_ASN(self) -> str | None:
        # File name of the database of network operators, used next to the city
        # or country database. None: none.
        return read("SESSIONS_HUB_GEOIP_ASN", DEFAULT_GEOIP_ASN)

    @property
    def SESSIONS_HUB_BACKEND_METHODS(self) -> Mapping[str, str]:
        # Authentication backend (dotted path) → method, for backends the hub
        # does not know: {"example.MagicLinkBackend": "magic_link"}.
        return read("SESSIONS_HUB_BACKEND_METHODS", {})
