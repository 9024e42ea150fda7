"""What every token says, and whether it says it properly (RFC 7519 §4.1, ASVS 9.2). Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from .jwt_errors import InvalidToken
from .jwt_purposes import Purpose

# The end of the year 9999: later times are none.
_LAST_SECOND = 253402300799


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value != ""


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and all(_is_text(item) for item in value)


def _is_time(value: object) -> bool:
    # Not bool, which is an int to Python; not float, which JSON does not keep exactly.
    return type(value) is int and 0 <= value <= _LAST_SECOND


def _is_audience(value: object) -> bool:
    return _is_text(value) or (_are_texts(value) and value != [])


def _is_actor(value: object) -> bool:
    return isinstance(value, dict) and _is_text(value.get("sub"))


def _is_scope(value: object) -> bool:
    # Empty for who may do nothing.
    return isinstance(value, str)


_TYPES: Mapping[str, Callable[[object], bool]] = {
    "iss": _is_text,
    "sub": _is_text,
    "aud": _is_audience,
    "exp": _is_time,
    "nbf": _is_time,
    "iat": _is_time,
    "jti": _is_text,
    "sid": _is_text,
    "auth_time": _is_time,
    "acr": _is_text,
    "amr": _are_texts,
    "act": _is_actor,
    "scope": _is_scope,
}
# What a template's own claims may not be called.
RESERVED = frozenset(_TYPES) | {"may_act", "cnf", "typ"}

_ALWAYS = frozenset({"iss", "sub", "aud", "exp", "nbf", "iat", "jti", "sid"})
_REQUIRED: Mapping[Purpose, frozenset[str]] = {
    Purpose.SESSION: _ALWAYS | {"auth_time", "acr", "amr"},
}


def check_shape(claims: Mapping[str, Any], purpose: Purpose) -> None:
    """Raise InvalidToken where a claim is missing or has the wrong type."""
    if not _REQUIRED.get(purpose, _ALWAYS) <= claims.keys():
        raise InvalidToken("missing_claim")
    for name, is_right in _TYPES.items():
        if name in claims and not is_right(claims[name]):
            raise InvalidToken("claim_type")


def check_meaning(
    claims: Mapping[str, Any],
    *,
    issuer: str,
    audiences: Collection[str],
    now: float,
    leeway: float,
) -> None:
    """Raise InvalidToken for another issuer, another audience, or another time.

    Of claims whose shape has been checked. Times are in seconds since 1970.
    """
    if claims["iss"] != issuer:
        raise InvalidToken("issuer")
    meant = claims["aud"]
    if set([meant] if isinstance(meant, str) else meant).isdisjoint(audiences):
        raise InvalidToken("audience")
    if not claims["exp"] > now - leeway:
        raise InvalidToken("expired")
    if claims["nbf"] > now + leeway or claims["iat"] > now + leeway:
        raise InvalidToken("not_yet_valid")
