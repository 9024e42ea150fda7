"""The client of a program: what calls the API with a secret, and keeps no cookies.

It may name its installation in the header that SESSIONS_HUB_DEVICE_HEADER names.
Where it does not, clients of the same kind count as one device.
"""

from __future__ import annotations

from dataclasses import replace

from django.http import HttpRequest

from sessions_hub.capture import take_fingerprint
from sessions_hub.conf import conf

from .sighting import Sighting, sight, snapshot_of
from .state import state_of

# As long as the longest identifiers of installations that systems hand out.
_LONGEST = 128


def sight_program(request: HttpRequest) -> Sighting:
    """Look at the client of a program's request. Never raises."""
    sighting = sight(request, snapshot_of(request))
    return replace(sighting, device_key=device_key(request) or _kind(sighting))


def fingerprint_of_program(request: HttpRequest) -> str:
    """The fingerprint of the client that presents a secret, `""` if not known."""
    if state_of(request).is_forwarded:
        # The client of an end user, whom a server describes.
        return ""
    return take_fingerprint(request)


def device_key(request: HttpRequest) -> str | None:
    """The key of the installation the request names; None where it names none.

    Marked, so that nobody can send the key of a browser's cookie in its place.
    """
    name = conf.SESSIONS_HUB_DEVICE_HEADER
    value = request.headers.get(name, "").strip() if name else ""
    return f"header:{value}" if 0 < len(value) <= _LONGEST else None


def _kind(sighting: Sighting) -> str:
    facts = sighting.facts
    return f"kind:{facts.os_code}|{facts.client_name}|{facts.device_type}"
