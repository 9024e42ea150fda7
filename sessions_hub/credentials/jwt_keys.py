"""The site's own keys: SESSIONS_HUB_JWT_KEYS, the state of each, and what is published."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from django.views.decorators.debug import sensitive_variables
from joserfc.jwk import Key

from sessions_hub.conf import conf

from .jwt_algorithms import SYMMETRIC, algorithm_of, kid_of, public_jwk, read_key
from .jwt_errors import TokenizeUnavailable
from .jwt_key_set import KeySet, VerificationKey

# Known to verifiers before it signs; signing; known until the last token has expired.
STATES = ("published", "signing", "retired")
SIGNING = "signing"
_MEMBERS = frozenset({"key", "state", "alg"})


@dataclass(frozen=True, slots=True)
class RingKey:
    """One key of the site."""

    kid: str
    algorithm: str
    state: str
    key: Key = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The keys that can be used, and what is wrong with the others."""

    keys: tuple[RingKey, ...]
    problems: tuple[str, ...]

    def signing_key(self, algorithm: str | None = None) -> RingKey:
        """The one key that signs, of an algorithm or of all.

        Raises TokenizeUnavailable where there is none, or more than one.
        """
        found = [
            key for key in self.keys if key.state == SIGNING and algorithm in (None, key.algorithm)
        ]
        if len(found) != 1:
            which = f" for {algorithm}" if algorithm else ""
            number = "no key signs" if not found else "more than one key signs"
            raise TokenizeUnavailable(f"SESSIONS_HUB_JWT_KEYS: {number}{which}.")
        return found[0]

    def jwks(self) -> dict[str, list[dict[str, str]]]:
        """The JWK Set for everybody (RFC 7517 §5): public members of asymmetric keys."""
        return {
            "keys": [
                public_jwk(key.key, key.algorithm)
                for key in self.keys
                if key.algorithm != SYMMETRIC
            ]
        }

    def verification_keys(self) -> KeySet:
        """What the site itself verifies its tokens with."""
        return {key.kid: VerificationKey(key.key, key.algorithm) for key in self.keys}


class _Given(NamedTuple):
    """A key as it stands in the settings, its file read."""

    place: int
    material: str
    state: str
    alg: str | None


@sensitive_variables()
def key_ring() -> KeyRing:
    """The keys as the settings and the files they name are now.

    Files are read on every call, so that a replaced one counts; keys are parsed once.
    A key that cannot be used is a problem and stops no other.
    """
    entries: Any = conf.SESSIONS_HUB_JWT_KEYS
    if not isinstance(entries, list | tuple):
        return KeyRing((), ("it is no list",))
    given: list[_Given] = []
    problems: list[str] = []
    for place, entry in enumerate(entries, 1):
        try:
            given.append(_given(place, entry))
        except ValueError as error:
            problems.append(f"key {place} {error}")
    ring = _parsed(tuple(given))
    return KeyRing(ring.keys, (*problems, *ring.problems))


@sensitive_variables()
def _given(place: int, entry: Any) -> _Given:
    if not isinstance(entry, Mapping):
        raise ValueError("is no dict")
    if unknown := sorted(str(member) for member in entry.keys() - _MEMBERS):
        raise ValueError(f"has members that there are not: {', '.join(unknown)}")
    state, alg = entry.get("state"), entry.get("alg")
    if state not in STATES:
        raise ValueError(f"has no state ({', '.join(STATES)})")
    if alg is not None and not isinstance(alg, str):
        raise ValueError("has an alg that is no text")
    return _Given(place, _material(entry.get("key")), state, alg)


@sensitive_variables()
def _material(key: Any) -> str:
    if isinstance(key, Mapping):
        try:
            return json.dumps(dict(key))
        except (TypeError, ValueError, RecursionError):
            raise ValueError("is a JWK that is no JSON") from None
    if isinstance(key, str) and key.lstrip().startswith(("-----BEGIN", "{")):
        return key
    if not isinstance(key, str | Path) or not str(key):
        raise ValueError("has no key: PEM, a JWK, or the path of a file with either")
    try:
        return Path(key).read_text(encoding="utf-8")
    except (OSError, ValueError):
        raise ValueError("is in a file that cannot be read") from None


@lru_cache(maxsize=8)
@sensitive_variables()
def _parsed(given: tuple[_Given, ...]) -> KeyRing:
    keys: dict[str, RingKey] = {}
    problems: list[str] = []
    for one in given:
        try:
            ring_key = _parse(one)
        except ValueError as error:
            problems.append(f"key {one.place} {error}")
            continue
        if ring_key.kid in keys:
            problems.append(f"key {one.place} stands twice")
            continue
        keys[ring_key.kid] = ring_key
    usable = tuple(keys.values())
    if len({key.algorithm == SYMMETRIC for key in usable}) > 1:
        # ASVS 9.1.2. What anybody can verify is kept.
        problems.append("HS256 does not go together with asymmetric keys")
        usable = tuple(key for key in usable if key.algorithm != SYMMETRIC)
    return KeyRing(usable, (*problems, *_doubled(usable)))


def _doubled(keys: Sequence[RingKey]) -> Iterator[str]:
    signing = Counter(key.algorithm for key in keys if key.state == SIGNING)
    return (f"more than one key signs {name}" for name, count in signing.items() if count > 1)


@sensitive_variables()
def _parse(given: _Given) -> RingKey:
    key = read_key(given.material)
    if not key.is_private:
        raise ValueError("is no private key")
    algorithm = algorithm_of(key, given.alg)
    return RingKey(kid_of(key), algorithm, given.state, key)
