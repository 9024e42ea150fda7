"""Verifying tokens, in a service of its own as well as here.

Made once, and kept::

    verifier = SessionTokenVerifier(
        issuer="https://www.example.com",
        audience="https://orders.example.com",
        keys="https://www.example.com/api/.well-known/jwks.json",
    )
    token = verifier.verify(text)  # raises InvalidToken

Needs neither Django's settings nor a database.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from .jwks_source import JwksSource, fetch_url
from .jws import Compact, read_compact
from .jwt_algorithms import ASYMMETRIC, KINDS, SYMMETRIC, is_signed
from .jwt_claims import check_meaning, check_shape
from .jwt_errors import InvalidToken
from .jwt_key_set import VerificationKey, key_set, one_kind
from .jwt_purposes import Purpose

__all__ = ["KeySource", "SessionTokenVerifier", "VerifiedToken"]

MAX_LEEWAY = timedelta(seconds=60)
# A key in the header, or where to get one, is the sender's (RFC 8725 §3.10).
_FOREIGN_KEYS = frozenset({"jku", "jwk", "x5u", "x5c", "x5t", "x5t#S256"})


class KeySource(Protocol):
    """Where the key of a name comes from: a mapping, or a JwksSource."""

    def get(self, kid: str, /) -> VerificationKey | None: ...


@dataclass(frozen=True, slots=True)
class VerifiedToken:
    """What a token says, now that it is believed."""

    claims: Mapping[str, Any]

    @property
    def user_id(self) -> str:
        """The user's primary key, as text."""
        return str(self.claims["sub"])

    @property
    def session_id(self) -> str:
        """The id of the session."""
        return str(self.claims["sid"])

    @property
    def expires_at(self) -> datetime:
        """When it ceases to be valid, in UTC."""
        return datetime.fromtimestamp(self.claims["exp"], UTC)

    @property
    def actor_id(self) -> str | None:
        """The primary key of whoever acts as the user (RFC 8693 §4.1); None for nobody."""
        actor = self.claims.get("act")
        return None if actor is None else str(actor["sub"])


class SessionTokenVerifier:
    """Says of a text whether it is a token of this issuer, for this audience, valid now.

    `keys` is a JWK Set (a mapping), the URL of one, a JwksSource, or key names with
    their keys. `audience` is one or several names; a token has to be for one of them.
    `algorithms` narrows what keys may be for: asymmetric ones unless HS256 is named.
    `leeway` allows for clocks that differ, 60 seconds at most. `is_active` is asked last
    of all, with the session's id; without it a token is good until it expires, whatever
    has become of its session.

    Raises ValueError for what cannot be meant.
    """

    def __init__(
        self,
        *,
        issuer: str,
        audience: str | Collection[str],
        keys: str | KeySource | Mapping[str, Any],
        purpose: Purpose = Purpose.SESSION,
        algorithms: Collection[str] = ASYMMETRIC,
        leeway: timedelta = timedelta(seconds=30),
        is_active: Callable[[str], bool] | None = None,
    ) -> None:
        self._audiences = frozenset([audience] if isinstance(audience, str) else audience)
        if not issuer or not self._audiences or "" in self._audiences:
            raise ValueError("A verifier needs an issuer and an audience.")
        if not timedelta(0) <= leeway <= MAX_LEEWAY:
            raise ValueError("The leeway is at most 60 seconds.")
        self._algorithms = frozenset(algorithms)
        if not self._algorithms or not self._algorithms <= KINDS.keys():
            raise ValueError(f"Algorithms are some of {', '.join(KINDS)}.")
        if SYMMETRIC in self._algorithms and len(self._algorithms) > 1:
            raise ValueError("Symmetric and asymmetric algorithms do not go together.")
        self._issuer = issuer
        self._keys = _source(keys)
        self._type = Purpose(purpose)
        self._leeway = leeway.total_seconds()
        self._is_active = is_active

    def verify(self, token: object, *, now: datetime | None = None) -> VerifiedToken:
        """What the token says. Raises InvalidToken, and nothing else, for any other text."""
        compact = read_compact(token)
        self._check_header(compact.header)
        self._check_signature(compact)
        claims = compact.claims()
        check_shape(claims, self._type)
        check_meaning(
            claims,
            issuer=self._issuer,
            audiences=self._audiences,
            now=time.time() if now is None else now.timestamp(),
            leeway=self._leeway,
        )
        self._check_activity(claims["sid"])
        return VerifiedToken(claims)

    def _check_header(self, header: Mapping[str, Any]) -> None:
        algorithm = header.get("alg")
        if not isinstance(algorithm, str) or algorithm not in self._algorithms:
            raise InvalidToken("algorithm")
        if "crit" in header or "b64" in header:
            # RFC 7515 §4.1.11: none is understood, and an empty list is no list.
            raise InvalidToken("critical_header")
        if not _FOREIGN_KEYS.isdisjoint(header):
            raise InvalidToken("foreign_key")
        if header.get("typ") != self._type.value:
            raise InvalidToken("type")

    def _check_signature(self, compact: Compact) -> None:
        kid = compact.header.get("kid")
        if not isinstance(kid, str) or not kid:
            raise InvalidToken("key_id")
        if (known := self._keys.get(kid)) is None:
            raise InvalidToken("unknown_key")
        key, algorithm = known
        if compact.header["alg"] != algorithm:
            raise InvalidToken("algorithm")
        if not is_signed(compact.signing_input, compact.signature, key, algorithm):
            raise InvalidToken("signature")

    def _check_activity(self, session_id: str) -> None:
        if self._is_active is None:
            return
        try:
            active = self._is_active(session_id)
        # Closed: what nobody could find out is no "yes".
        except Exception as error:
            raise InvalidToken("activity_unknown") from error
        if active is not True:
            raise InvalidToken("inactive")


def _source(keys: str | KeySource | Mapping[str, Any]) -> KeySource:
    if isinstance(keys, str):
        return JwksSource(fetch_url(keys))
    if not isinstance(keys, Mapping):
        return keys
    if "keys" in keys:
        return key_set(keys)
    if not all(isinstance(key, VerificationKey) for key in keys.values()):
        raise ValueError("Keys are a JWK Set, or names with their keys.")
    return one_kind(dict(keys))
