"""How often one may ask: keyed on who asks, or on the address this site itself resolves.

Django REST framework's own key is what the client writes into X-Forwarded-For.
"""

from __future__ import annotations

from datetime import timedelta
from ipaddress import ip_network

from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from sessions_hub.lifecycle.bearer import Bearer
from sessions_hub.lifecycle.rates import CREATE, wait_for
from sessions_hub.lifecycle.sighting import snapshot_of


class RateThrottle(BaseThrottle):
    """At most as often as SESSIONS_HUB_THROTTLES says for `scope`."""

    scope = ""

    def __init__(self) -> None:
        self.period = timedelta(0)

    def allow_request(self, request: Request, view: APIView) -> bool:
        longer = wait_for(self.scope, self.key(request))
        self.period = longer or self.period
        return longer is None

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

    scope = CREATE


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


def network_of(address: str) -> str:
    """The address, or the /64 it is in where it is of IPv6: one customer has that many."""
    return str(ip_network(f"{address}/64", strict=False)) if ":" in address else address
