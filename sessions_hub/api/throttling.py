"""How often one may ask: keyed on who asks, or on the address this site itself resolves.

Django REST framework's own key is what the client writes into X-Forwarded-For.
"""

from __future__ import annotations

from datetime import timedelta
from ipaddress import ip_network

from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from sessions_hub.conf import conf
from sessions_hub.lifecycle import counting
from sessions_hub.lifecycle.bearer import Bearer
from sessions_hub.lifecycle.digests import ATTEMPTS, digest
from sessions_hub.lifecycle.sighting import snapshot_of

PERIODS = {
    "second": timedelta(seconds=1),
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
}


class RateThrottle(BaseThrottle):
    """At most as often as SESSIONS_HUB_THROTTLES says for `scope`, counted in fixed windows.

    While the cache does not count, every process does.
    """

    scope = ""

    def __init__(self) -> None:
        self.period = timedelta(0)

    def allow_request(self, request: Request, view: APIView) -> bool:
        rate = conf.SESSIONS_HUB_THROTTLES.get(self.scope)
        if rate is None:
            return True
        most, self.period = parse_rate(rate)
        key = digest(ATTEMPTS, "throttle", self.scope, self.key(request))
        return counting.count(f"sessions_hub:throttle:{key}", self.period).events <= most

    def key(self, request: Request) -> str:
        """Who asks: the user, or the network of the address."""
        if request.user.is_authenticated:
            return f"user:{request.user.pk}"
        return f"address:{network_of(snapshot_of(request._request).address)}"

    def wait(self) -> float:
        return self.period.total_seconds()


class SignInThrottle(RateThrottle):
    """Signing in, right or wrong, by address."""

    scope = "sign_in"


class CreateThrottle(RateThrottle):
    """Making API keys, by user."""

    scope = "create"


class RotateThrottle(RateThrottle):
    """Changing a secret, by session."""

    scope = "rotate"

    def key(self, request: Request) -> str:
        if isinstance(request.auth, Bearer):
            return f"session:{request.auth.session_id}"
        return super().key(request)


class TokenThrottle(RateThrottle):
    """Asking about tokens, and revoking them, by user."""

    scope = "introspect"


def parse_rate(rate: str) -> tuple[int, timedelta]:
    """`10/minute` as a number and a period. Raises ValueError for what is no rate."""
    number, _slash, period = rate.partition("/")
    if not number.isascii() or not number.isdigit() or period not in PERIODS or int(number) < 1:
        raise ValueError(f"Not a rate: {rate!r}. Write it as 10/minute.")
    return int(number), PERIODS[period]


def network_of(address: str) -> str:
    """The address, or the /64 it is in where it is of IPv6: one customer has that many."""
    return str(ip_network(f"{address}/64", strict=False)) if ":" in address else address
