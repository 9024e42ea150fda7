"""Tokens of every kind, made without the code under test, so that they may be wrong."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest
from joserfc.jwk import ECKey, Key, OctKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from sessions_hub.credentials.jwt_errors import InvalidToken
from sessions_hub.credentials.jwt_verify import SessionTokenVerifier

ISSUER = "https://www.example.com"
AUDIENCE = "https://orders.example.com"
NOW = datetime(2026, 6, 15, 12, 0, tzinfo=UTC)
NOW_SECONDS = int(NOW.timestamp())
TYPE = "session+jwt"


def make_key(algorithm: str, which: int = 0) -> Key:
    """A private key of that algorithm; another one for each `which`."""
    return _made(algorithm, which)


@cache
def _made(algorithm: str, which: int) -> Key:
    match algorithm:
        case "ES256":
            return ECKey.generate_key("P-256")
        case "EdDSA":
            return OKPKey.generate_key("Ed25519")
        case "HS256":
            return OctKey.generate_key(256)
        case _:
            return RSAKey.generate_key(2048)


def kid_of(algorithm: str, which: int = 0) -> str:
    return make_key(algorithm, which).thumbprint()


def jwk(algorithm: str, which: int = 0, **members: Any) -> dict[str, Any]:
    """The public JWK (of HS256 the secret one)."""
    return {
        **make_key(algorithm, which).as_dict(private=False),
        "kid": kid_of(algorithm, which),
        "alg": algorithm,
        "use": "sig",
        **members,
    }


def jwks(*keys: dict[str, Any]) -> dict[str, Any]:
    return {"keys": list(keys)}


def good_claims(**changes: Any) -> dict[str, Any]:
    """The claims of a session's token; a change to `...` leaves the claim out."""
    claims = {
        "iss": ISSUER,
        "sub": "7",
        "aud": AUDIENCE,
        "exp": NOW_SECONDS + 300,
        "nbf": NOW_SECONDS,
        "iat": NOW_SECONDS,
        "jti": "0f8fad5b-d9cb-469f-a165-70867728950e",
        "sid": "0197729b-4a00-7000-8000-000000000001",
        "auth_time": NOW_SECONDS - 60,
        "acr": "aal1",
        "amr": ["pwd"],
        **changes,
    }
    return {name: value for name, value in claims.items() if value is not ...}


def good_header(algorithm: str = "ES256", **changes: Any) -> dict[str, Any]:
    header = {"alg": algorithm, "typ": TYPE, "kid": kid_of(algorithm), **changes}
    return {name: value for name, value in header.items() if value is not ...}


def b64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def part(value: Any) -> str:
    """A segment: of a mapping as JSON, of bytes as they are."""
    return b64(value if isinstance(value, bytes) else json.dumps(value).encode())


def sign(message: str, algorithm: str = "ES256", key: Key | None = None) -> bytes:
    model = JWSRegistry.algorithms[algorithm]
    return model.sign(message.encode(), key or make_key(algorithm))


def forge(
    header: Any = None,
    claims: Any = None,
    *,
    algorithm: str = "ES256",
    key: Key | None = None,
    signature: bytes | None = None,
) -> str:
    """A token, with a good signature unless another one is given."""
    header = good_header(algorithm) if header is None else header
    claims = good_claims() if claims is None else claims
    message = f"{part(header)}.{part(claims)}"
    signature = sign(message, algorithm, key) if signature is None else signature
    return f"{message}.{b64(signature)}"


def changed(**claims: Any) -> str:
    return forge(claims=good_claims(**claims))


def headed(**header: Any) -> str:
    return forge(good_header(**header))


ALGORITHMS = ["ES256", "EdDSA", "RS256", "PS256"]


def verifier(**options: Any) -> SessionTokenVerifier:
    """One that knows a key of each asymmetric algorithm."""
    options = {
        "issuer": ISSUER,
        "audience": AUDIENCE,
        "keys": jwks(*(jwk(name) for name in ALGORITHMS)),
        **options,
    }
    return SessionTokenVerifier(**options)


def refusal(token: object, **options: Any) -> str:
    """The code a token is refused with."""
    with pytest.raises(InvalidToken) as raised:
        verifier(**options).verify(token, now=NOW)
    return raised.value.code
