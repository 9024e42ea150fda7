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

    @property
    def SESSIONS_HUB_ENCRYPTION_KEYS(self) -> Sequence[str]:
        # Keys of what is stored to be read back: the tokens of providers. The first one
        # writes, all read. Each from `secrets.token_urlsafe(32)`, and none used for
        # anything else: not SECRET_KEY. Empty: no tokens are stored.
        return read("SESSIONS_HUB_ENCRYPTION_KEYS", ())

    @property
    def SESSIONS_HUB_EXPOSE_PROVIDER_TOKENS(self) -> bool:
        # True lets users read the tokens that providers gave for their own sessions,
        # with a fresh proof. False: nobody gets one from the hub.
        return read("SESSIONS_HUB_EXPOSE_PROVIDER_TOKENS", False)
