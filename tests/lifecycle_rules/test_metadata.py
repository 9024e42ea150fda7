"""What metadata is kept, and what is refused before a database sees it."""

from __future__ import annotations

import json

import pytest

from sessions_hub.lifecycle.metadata import (
    DEEPEST,
    LONGEST,
    MetadataTooDeep,
    MetadataTooLarge,
    NotStorable,
    check_metadata,
)


def nested(levels: int, innermost: object = 1) -> object:
    value = innermost
    for _ in range(levels):
        value = {"a": value}
    return value


def of_size(size: int) -> dict[str, str]:
    """An object whose compact JSON has this many bytes."""
    return {"a": "x" * (size - len('{"a":""}'))}


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"colour": "blue", "n": [1, 2.5, None, True]},
        {"": ""},
        of_size(LONGEST),
        {"a": "é" * ((LONGEST - 8) // 2)},
        nested(DEEPEST),
        {"a": 10**300},
        {"a": 1e-5},
        {"\U0001d49c": "\U0001d49c"},
    ],
)
def test_is_kept(value):
    check_metadata(value)


@pytest.mark.parametrize(
    ("value", "error"),
    [
        (None, NotStorable),
        ([], NotStorable),
        ("text", NotStorable),
        (7, NotStorable),
        ({"a": "\x00"}, NotStorable),
        ({"\x00": 1}, NotStorable),
        ({"a": [{"b": "x\x00"}]}, NotStorable),
        ({"a": "\ud800"}, NotStorable),
        ({"\udfff": 1}, NotStorable),
        ({"a": float("inf")}, NotStorable),
        ({"a": [float("nan")]}, NotStorable),
        ({"a": {1, 2}}, NotStorable),
        (of_size(LONGEST + 1), MetadataTooLarge),
        ({"a": "é" * 2047}, MetadataTooLarge),
        # 300 zeros each once PostgreSQL gives them back.
        ({"a": [1e300] * 20}, MetadataTooLarge),
        ({"a": [1e-300] * 20}, MetadataTooLarge),
        (nested(DEEPEST + 1), MetadataTooDeep),
        (nested(100_000), MetadataTooDeep),
        ({"a": json.loads("[" * 500 + "]" * 500)}, MetadataTooDeep),
    ],
)
def test_is_refused(value, error):
    with pytest.raises(error):
        check_metadata(value)
