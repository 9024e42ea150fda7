"""How values are written: times as RFC 3339 in UTC with `Z`, levels by name."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

# What texts are, beyond their type: the name JSON Schema has for the format.
Identifier = Annotated[str, "uuid"]
Moment = Annotated[str, "date-time"]


def time_text(moment: datetime) -> str:
    """An instant in UTC."""
    return moment.astimezone(UTC).isoformat().removesuffix("+00:00") + "Z"


def time_or_null(moment: datetime | None) -> str | None:
    """An instant, where there is one."""
    return None if moment is None else time_text(moment)


def level_text(level: int) -> str:
    """An assurance level as the other systems name it."""
    return f"aal{level}"
