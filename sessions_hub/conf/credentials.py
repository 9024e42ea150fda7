"""Settings of secrets and of tokens. The comments are their documentation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .reading import read


class CredentialSettings:
    """Settings of secrets and of tokens."""

    # -- Secrets ----------------------------------------------------------------

    @property
    def SESSIONS_HUB_HASH_KEYS(self) -> Sequence[str]:
        # Keys of the digests of device and session keys. The first one writes,
        # all are tried when reading. Empty: SECRET_KEY, SECRET_KEY_FALLBACKS.
        return read("SESSIONS_HUB_HASH_KEYS", ())

    # -- Tokens -----------------------------------------------------------------

    @property
    def SESSIONS_HUB_JWT_KEYS(self) -> Sequence[Mapping[str, Any]]:
        # Keys of the tokens of SESSIONS_HUB_TOKENIZE_TEMPLATES, each a dict: "key" is a
        # private key as PEM text, as a JWK, or the path of a file with either; "state"
        # is "published" (verifiers get to know it), "signing" (one for each algorithm)
        # or "retired" (until the last token it signed has expired). P-256 keys sign
        # ES256 and Ed25519 keys EdDSA; RSA keys need an "alg", RS256 or PS256. HS256 is
        # for a single service: a JWK of at least 32 bytes, "alg" set, and no other kind
        # of key beside it. A key's `kid` is its thumbprint (RFC 7638).
        return read("SESSIONS_HUB_JWT_KEYS", ())

    @property
    def SESSIONS_HUB_JWT_ISSUER(self) -> str | None:
        # The `iss` of the tokens: the site's URL. None: no tokens are made.
        return read("SESSIONS_HUB_JWT_ISSUER", None)

    @property
    def SESSIONS_HUB_TOKENIZE_TEMPLATES(self) -> Mapping[str, Mapping[str, Any]]:
        # Name → what a token of that name is, a dict: "audience" (who it is for, one
        # text or several), "ttl" (a timedelta of at most a day; no token outlives its
        # session), and if you like "claims" (dotted path of a function
        # `session, user -> dict` of further claims), "alg" (which signing key) and
        # "impersonation" (False: none while somebody acts as the user).
        return read("SESSIONS_HUB_TOKENIZE_TEMPLATES", {})
