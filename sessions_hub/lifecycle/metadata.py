"""What a session's metadata may be: small, shallow, and kept by every database. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

# Bytes of compact JSON, and levels of objects and lists in each other.
LONGEST = 4096
DEEPEST = 8


class MetadataTooLarge(ValueError):
    """More than LONGEST bytes."""


class MetadataTooDeep(ValueError):
    """More than DEEPEST levels."""


class NotStorable(ValueError):
    """No JSON object, or one that not every database stores and gives back."""


def check_metadata(value: Any) -> None:
    """Raise MetadataTooLarge, MetadataTooDeep or NotStorable for what is not kept."""
    if not isinstance(value, dict):
        raise NotStorable("It is no JSON object.")
    size = 0
    for leaf in _leaves(value, 1):
        if isinstance(leaf, str) and "\x00" in leaf:
            raise NotStorable("PostgreSQL stores no NUL.")
        if isinstance(leaf, float):
            size += _written_out(leaf) - len(repr(leaf))
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        # A lone surrogate is no Unicode text.
        size += len(text.encode())
    except (TypeError, ValueError) as error:
        raise NotStorable("It is no JSON.") from error
    if size > LONGEST:
        raise MetadataTooLarge(f"It has {size} bytes.")


def _leaves(value: Any, depth: int) -> Iterator[Any]:
    """Keys and values that hold no others."""
    if not isinstance(value, dict | list):
        yield value
        return
    if depth > DEEPEST:
        raise MetadataTooDeep(f"It is more than {DEEPEST} levels deep.")
    if isinstance(value, dict):
        yield from value
    for inner in value.values() if isinstance(value, dict) else value:
        yield from _leaves(inner, depth + 1)


def _written_out(number: float) -> int:
    """How long a number is without an exponent: PostgreSQL gives 1e300 back with all zeros."""
    if not float("-inf") < number < float("inf"):
        raise NotStorable("It is no JSON.")
    return len(format(Decimal(repr(number)), "f"))
