"""Which key signs with which algorithm: one each, said by the key and never by a token
(RFC 8725 §3.1). Pure.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from joserfc.jwk import ECKey, JWKRegistry, Key, OctKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

# Algorithm → type and curve of its keys (RFC 7518 §3.1, RFC 8037 §3.1). "EdDSA" and not
# RFC 9864's "Ed25519", which verifiers do not know yet.
KINDS: Mapping[str, tuple[str, str | None]] = {
    "ES256": ("EC", "P-256"),
    "EdDSA": ("OKP", "Ed25519"),
    "RS256": ("RSA", None),
    "PS256": ("RSA", None),
    "HS256": ("oct", None),
}
SYMMETRIC = "HS256"
ASYMMETRIC = frozenset(KINDS) - {SYMMETRIC}

# What of a key everybody may know (RFC 7518 §6, RFC 8037 §2).
_PUBLIC: Mapping[str, tuple[str, ...]] = {
    "EC": ("crv", "x", "y"),
    "OKP": ("crv", "x"),
    "RSA": ("n", "e"),
}
# RFC 7518 §3.3 and §3.2. The library would only warn.
_LEAST_RSA_BITS = 2048
_LEAST_SECRET_BYTES = 32


def read_key(material: str | Mapping[str, Any]) -> Key:
    """The key in a PEM text, or in a JWK (a mapping, or that as JSON).

    Raises ValueError, with a message that holds nothing of it.
    """
    if isinstance(material, str) and material.lstrip().startswith("{"):
        try:
            material = json.loads(material)
        except (ValueError, RecursionError):
            raise ValueError("is no JSON") from None
    try:
        if isinstance(material, str):
            key = _read_pem(material)
        else:
            key = JWKRegistry.import_key(dict(material))
        # Members are worked out from the key itself: what else a JWK says of it may be
        # wrong, and would change its thumbprint.
        return type(key)(key.raw_value, None)  # type: ignore[arg-type]
    # The library raises errors of its own, of Python and of OpenSSL.
    except Exception:  # noqa: BLE001
        raise ValueError("cannot be read") from None


def _read_pem(text: str) -> Key:
    problem: Exception | None = None
    for kind in (ECKey, OKPKey, RSAKey):
        try:
            return kind.import_key(text)
        except Exception as error:  # noqa: BLE001
            problem = error
    raise ValueError("is none of these") from problem


def algorithm_of(key: Key, named: object = None) -> str:
    """The one algorithm a key is for; `named` is what its owner says.

    Only a P-256 or Ed25519 key needs no word of its owner. Raises ValueError for a key
    that is for none, is too short, or is for another than named.
    """
    try:
        kind = (key.key_type, getattr(key, "curve_name", None))
    # A curve the library has no name for.
    except Exception:  # noqa: BLE001
        kind = (key.key_type, "another")
    fitting = [name for name, wanted in KINDS.items() if wanted == kind]
    if not fitting:
        raise ValueError("is of a kind that is not used here")
    if isinstance(key, RSAKey) and key.raw_value.key_size < _LEAST_RSA_BITS:
        raise ValueError(f"has fewer than {_LEAST_RSA_BITS} bits")
    if isinstance(key, OctKey) and len(key.raw_value) < _LEAST_SECRET_BYTES:
        raise ValueError(f"has fewer than {_LEAST_SECRET_BYTES} bytes")
    if named is None and fitting in (["ES256"], ["EdDSA"]):
        return fitting[0]
    if named not in fitting:
        raise ValueError(f"needs an alg that fits it ({' or '.join(fitting)})")
    return str(named)


def kid_of(key: Key) -> str:
    """The key's name: its SHA-256 thumbprint (RFC 7638), which nobody can choose."""
    return key.thumbprint()


def public_jwk(key: Key, algorithm: str) -> dict[str, str]:
    """The public half as a JWK. Raises KeyError for a symmetric key, which has none."""
    members = key.dict_value
    public = {name: str(members[name]) for name in _PUBLIC[key.key_type]}
    return {"kty": key.key_type, **public, "kid": kid_of(key), "use": "sig", "alg": algorithm}


def sign(message: bytes, key: Key, algorithm: str) -> bytes:
    """The signature of a message."""
    signature: bytes = _model(algorithm).sign(message, key)
    return signature


def is_signed(message: bytes, signature: bytes, key: Key, algorithm: str) -> bool:
    """Whether a signature is the key's. Never raises: what cannot be verified is not."""
    try:
        return _model(algorithm).verify(message, signature, key) is True
    # Whatever a hostile signature does to the library or to OpenSSL.
    except Exception:  # noqa: BLE001
        return False


def _model(algorithm: str) -> Any:
    # From the registry's table: `get_alg()` warns of EdDSA's name on every call.
    return JWSRegistry.algorithms[algorithm]
