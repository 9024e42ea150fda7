"""The keys tokens are verified with, by their names. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from joserfc.jwk import Key

from .jwt_algorithms import SYMMETRIC, algorithm_of, read_key

# More keys than anybody rotates: each is read when a set is fetched.
MAX_KEYS = 64


class VerificationKey(NamedTuple):
    """A key, and the one algorithm it verifies."""

    key: Key
    algorithm: str


KeySet = Mapping[str, VerificationKey]


def key_set(document: object, *, may_be_secret: bool = True) -> KeySet:
    """The keys of a JWK Set (RFC 7517 §5) by `kid`.

    A key that is no signing key, has no name or does not fit an algorithm used here is
    left out, as is one whose name stands twice. With `may_be_secret` False symmetric
    keys are left out as well: what was published is no secret.

    Raises ValueError for what is no JWK Set, and for one that holds symmetric and
    asymmetric keys.
    """
    keys = document.get("keys") if isinstance(document, Mapping) else None
    if not isinstance(keys, list | tuple) or len(keys) > MAX_KEYS:
        raise ValueError("This is no JWK Set.")
    found: dict[str, VerificationKey] = {}
    twice: set[str] = set()
    for member in keys:
        if (known := _read(member)) is None:
            continue
        kid, key = known
        if key.algorithm == SYMMETRIC and not may_be_secret:
            continue
        if kid in found:
            twice.add(kid)
        found[kid] = key
    for kid in twice:
        del found[kid]
    return one_kind(found)


def one_kind(keys: KeySet) -> KeySet:
    """The keys. Raises ValueError for symmetric and asymmetric ones together (ASVS 9.1.2)."""
    if len(_kinds(key.algorithm for key in keys.values())) > 1:
        raise ValueError("Symmetric and asymmetric keys do not go together.")
    return keys


def _kinds(algorithms: Iterable[str]) -> set[bool]:
    return {algorithm == SYMMETRIC for algorithm in algorithms}


def _read(member: Any) -> tuple[str, VerificationKey] | None:
    if not isinstance(member, Mapping) or member.get("use", "sig") != "sig":
        return None
    kid, operations = member.get("kid"), member.get("key_ops", ["verify"])
    if not isinstance(kid, str) or not kid or not isinstance(operations, list | tuple):
        return None
    if not {"verify", "sign"}.intersection(one for one in operations if isinstance(one, str)):
        return None
    try:
        key = read_key(member)
        return kid, VerificationKey(key, algorithm_of(key, member.get("alg")))
    except ValueError:
        return None
