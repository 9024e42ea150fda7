"""Ids as they stand in paths and parameters."""

from __future__ import annotations

from uuid import UUID


def id_in(text: str) -> UUID | None:
    """The id that is written so; other spellings of a UUID name nothing."""
    try:
        value = UUID(text)
    except ValueError:
        return None
    return value if str(value) == text.lower() else None
