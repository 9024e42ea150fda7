"""Settings of secrets and of tokens. The comments are their documentation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from .reading import read


class CredentialSettings:
    """Settings of secrets and of tokens."""

    # -- Secrets ----------------------------------------------------------------

    @property
    def SESSIONS_HUB_HASH_KEYS(self) -> Sequence[str]:
        # Keys of the digests of tokens, device and session keys. The first one writes,
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

    # -- Session tokens ---------------------------------------------------------

    @property
    def SESSIONS_HUB_API_SIGN_IN(self) -> Sequence[str]:
        # The proofs by which programs may sign in over the API: "password", and the
        # second factors of which a code can be typed ("totp", "lookup_secret", "code",
        # "sms"). Empty: nobody signs in there.
        return read("SESSIONS_HUB_API_SIGN_IN", ())

    @property
    def SESSIONS_HUB_TOKEN_PREFIX(self) -> str:
        # What the secrets of this site begin with, before an underscore: letters and
        # digits. Changing it turns all secrets away that were handed out before.
        return read("SESSIONS_HUB_TOKEN_PREFIX", "shub")

    @property
    def SESSIONS_HUB_TOKEN_REUSE_GRACE(self) -> timedelta:
        # How long a secret that was rotated may still be used, for requests that were
        # on their way. Later its use ends the session: somebody has copied it.
        return read("SESSIONS_HUB_TOKEN_REUSE_GRACE", timedelta(seconds=10))

    @property
    def SESSIONS_HUB_SCOPES(self) -> Sequence[str]:
        # Scopes of the site's own that tokens may be given, beside the hub's.
        return read("SESSIONS_HUB_SCOPES", ())

    @property
    def SESSIONS_HUB_THROTTLES(self) -> Mapping[str, str]:
        # How often the API may be asked to "sign_in" (per address), to "create" an API
        # key and to "introspect" or revoke tokens (per user), and to "rotate" a secret
        # (per session): a number per second, minute, hour or day. What is not named is
        # not limited.
        rates = {
            "sign_in": "10/minute",
            "create": "30/hour",
            "rotate": "60/hour",
            "introspect": "6000/minute",
        }
        return read("SESSIONS_HUB_THROTTLES", rates)

    @property
    def SESSIONS_HUB_DEVICE_HEADER(self) -> str | None:
        # The header in which apps name their installation: the device that users see.
        # None: none is read.
        return read("SESSIONS_HUB_DEVICE_HEADER", "X-Device-Id")

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
