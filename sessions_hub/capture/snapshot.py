"""`ClientSnapshot`: what one request tells about its client, cleaned, not understood."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING

from .address import client_address, normalise
from .headers import clean

if TYPE_CHECKING:
    from django.http import HttpRequest

# User-Agent Client Hints (https://wicg.github.io/ua-client-hints/) and the header
# in which Android WebViews name their app. A fixed list: it bounds number and cost.
HINT_HEADERS: dict[str, str] = {
    f"HTTP_{name.upper().replace('-', '_')}": name
    for name in (
        "sec-ch-ua",
        "sec-ch-ua-mobile",
        "sec-ch-ua-platform",
        "sec-ch-ua-platform-version",
        "sec-ch-ua-model",
        "sec-ch-ua-full-version-list",
        "sec-ch-ua-full-version",
        "sec-ch-ua-arch",
        "sec-ch-ua-bitness",
        "sec-ch-ua-wow64",
        "sec-ch-ua-form-factors",
        "x-requested-with",
    )
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientSnapshot:
    """Address, user agent and client hints of one request.

    `address` is canonical or `""`. `hints` has lower-case header names as keys.
    No text is longer than 512 characters.
    """

    address: str = ""
    user_agent: str = ""
    hints: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def is_empty(self) -> bool:
        """True when the request told nothing at all."""
        return not (self.address or self.user_agent or self.hints)

    @property
    def fingerprint(self) -> str:
        """32 hex digits that tell one endpoint (address and user agent) from another."""
        return _fingerprint(self.address, self.user_agent)


def take_snapshot(request: HttpRequest | None) -> ClientSnapshot:
    """The snapshot of `request`, also of a DRF request; an empty one for None.

    Never raises: whatever a header holds, it becomes clean text or `""`.
    """
    request = getattr(request, "_request", request)
    meta = getattr(request, "META", None)
    if not isinstance(meta, Mapping):
        return ClientSnapshot()
    return ClientSnapshot(
        address=client_address(meta),
        user_agent=clean(meta.get("HTTP_USER_AGENT", "")),
        hints=_hints(meta),
    )


def given_snapshot(
    address: str, user_agent: str, hints: Mapping[str, str] | None = None
) -> ClientSnapshot:
    """The snapshot of a client that somebody describes: cleaned and cut like a captured one.

    `hints` are client hints by header name, in upper or lower case; unknown names and
    what is no text are left out. Raises ValueError when `address` is no IP address.
    """
    canonical = normalise(address)
    if not canonical:
        raise ValueError(
            f"{clean(address, 50)!r} is not an IP address; give that of the client, such as "
            "192.0.2.7 or 2001:db8::7."
        )
    known = set(HINT_HEADERS.values())
    given = hints.items() if isinstance(hints, Mapping) else ()
    named = ((str(name).lower(), clean(value)) for name, value in given)
    return ClientSnapshot(
        address=canonical,
        user_agent=clean(user_agent),
        hints={name: value for name, value in named if value and name in known},
    )


def take_fingerprint(request: HttpRequest) -> str:
    """The fingerprint of a request's snapshot, `""` when that is empty.

    For every request: without looking at the hints where address or agent is known.
    """
    meta = request.META
    address, user_agent = client_address(meta), clean(meta.get("HTTP_USER_AGENT", ""))
    if address or user_agent or _hints(meta):
        return _fingerprint(address, user_agent)
    return ""


@lru_cache(maxsize=2048)
def _fingerprint(address: str, user_agent: str) -> str:
    # The length stands before each part: ("1", "23") and ("12", "3") differ.
    text = f"{len(address)}:{address}{len(user_agent)}:{user_agent}"
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _hints(meta: Mapping[str, object]) -> dict[str, str]:
    # Firefox, Safari and API clients send none: one call finds that out.
    if HINT_HEADERS.keys().isdisjoint(meta):
        return {}
    cleaned = ((name, clean(meta[key])) for key, name in HINT_HEADERS.items() if key in meta)
    return {name: value for name, value in cleaned if value}
