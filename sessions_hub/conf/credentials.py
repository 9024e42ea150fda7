"""Settings of secrets. The comments are their documentation."""

from __future__ import annotations

from collections.abc import Sequence

from .reading import read


class CredentialSettings:
    """Settings of secrets."""

    # -- Secrets ----------------------------------------------------------------

    @property
    def SESSIONS_HUB_HASH_KEYS(self) -> Sequence[str]:
        # Keys of the digests of device and session keys. The first one writes,
        # all are tried when reading. Empty: SECRET_KEY, SECRET_KEY_FALLBACKS.
        return read("SESSIONS_HUB_HASH_KEYS", ())
