"""The compact form of a signed token (RFC 7515 §7.1), read strictly. Pure.

Read here and not by the library, so that there is one reading of the header: what is
checked is what is believed.
"""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping
from math import isfinite
from typing import Any, NamedTuple

from .jwt_errors import InvalidToken

# Longer than any token that is made here; servers take headers of 8 KB.
MAX_LENGTH = 8192
_MAX_DEPTH = 16

# The signature may be empty here, so that "none" is refused for what it is.
_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*", re.ASCII)


class Compact(NamedTuple):
    """A token taken apart; nothing in it has been verified."""

    header: dict[str, Any]
    signing_input: bytes
    signature: bytes
    # Still encoded: it is not read before the signature is known to be good.
    payload: str

    def claims(self) -> dict[str, Any]:
        """The claims. Raises InvalidToken as `read_compact()` does."""
        return _object(self.payload)


def read_compact(token: object) -> Compact:
    """Take a token apart. Raises InvalidToken for anything but three parts of canonical
    base64url, the first of them one JSON object without a member twice (RFC 7515 §4).
    """
    if isinstance(token, bytes):
        # Measured before it is copied.
        text = token.decode("ascii", "replace") if len(token) <= MAX_LENGTH else None
    else:
        text = token if isinstance(token, str) else ""
    if text is None or len(text) > MAX_LENGTH:
        raise InvalidToken("too_large")
    if _COMPACT.fullmatch(text) is None:
        raise InvalidToken("malformed")
    header, payload, signature = text.split(".")
    return Compact(
        header=_object(header),
        signing_input=f"{header}.{payload}".encode(),
        signature=_decode(signature),
        payload=payload,
    )


def signing_input(header: Mapping[str, Any], claims: Mapping[str, Any]) -> bytes:
    """What is signed. Raises TypeError or ValueError for what is no JSON."""
    return b".".join(_encode(_json(part)) for part in (header, claims))


def write_compact(signed: bytes, signature: bytes) -> str:
    """The token."""
    return (signed + b"." + _encode(signature)).decode()


def _json(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, separators=(",", ":"), allow_nan=False).encode()


def _encode(data: bytes) -> bytes:
    return urlsafe_b64encode(data).rstrip(b"=")


def _decode(part: str) -> bytes:
    try:
        data = urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except ValueError:
        raise InvalidToken("encoding") from None
    # Spare bits of the last letter would let one token be written in several ways.
    if _encode(data) != part.encode():
        raise InvalidToken("encoding")
    return data


def _object(part: str) -> dict[str, Any]:
    data = _decode(part)
    try:
        value = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_members,
            parse_constant=_refuse,
            parse_float=_finite,
        )
        # Escaped halves of a pair are no text, and fail wherever they are stored.
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError):
        raise InvalidToken("json") from None
    if not isinstance(value, dict) or _is_deep(value):
        raise InvalidToken("json")
    return value


def _is_deep(value: Any) -> bool:
    """Whether it goes deeper than any claim does: programs that walk it would fall over."""
    level = [value]
    for _ in range(_MAX_DEPTH):
        level = [child for item in level for child in _children(item)]
        if not level:
            return False
    return True


def _children(item: Any) -> Iterable[Any]:
    if isinstance(item, dict):
        return item.values()
    return item if isinstance(item, list) else ()


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("A member stands twice.")
    return members


def _refuse(word: str) -> Any:
    raise ValueError("JSON has no such number.")


def _finite(digits: str) -> float:
    number = float(digits)
    if not isfinite(number):
        raise ValueError("This number is too large.")
    return number
