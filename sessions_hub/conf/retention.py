"""Settings of how long what is kept. The comments are their documentation."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from .reading import read


class RetentionSettings:
    """Settings of how long what is kept."""

    @property
    def SESSIONS_HUB_RETENTION(self) -> timedelta | None:
        # How long `prunesessions` keeps the row of an ended session, and a device that
        # no session is left of. None: for ever.
        return read("SESSIONS_HUB_RETENTION", timedelta(days=90))

    @property
    def SESSIONS_HUB_RETENTION_FOR(self) -> Mapping[str, timedelta | None]:
        # End reason or session type → how long such rows are kept, in the place of
        # SESSIONS_HUB_RETENTION; where both are named, the longer time counts. None: for
        # ever. What an inquiry will ask about is kept longer than the rest.
        year = timedelta(days=400)
        return read("SESSIONS_HUB_RETENTION_FOR", {"compromised": year, "impersonation": year})

    @property
    def SESSIONS_HUB_ADDRESS_RETENTION(self) -> timedelta | None:
        # How long after the end of a session `anonymizesessions` leaves its addresses
        # whole; then they are cut to /24 (IPv4) and /48 (IPv6), and coordinates rounded
        # to a tenth of a degree. None: they stay whole.
        return read("SESSIONS_HUB_ADDRESS_RETENTION", timedelta(days=90))

    @property
    def SESSIONS_HUB_USER_AGENT_RETENTION(self) -> timedelta | None:
        # How long after the end of a session `anonymizesessions` keeps user agents and
        # client hints as they were sent; what was made of them stays. None: for ever.
        return read("SESSIONS_HUB_USER_AGENT_RETENTION", timedelta(days=90))

    @property
    def SESSIONS_HUB_ON_USER_DELETE(self) -> str:
        # "delete" removes the rows of a deleted user; "anonymize" ends them,
        # blanks what points to a person and keeps the rest for statistics.
        return read("SESSIONS_HUB_ON_USER_DELETE", "delete")
