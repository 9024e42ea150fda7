"""Giving rows to sessions that other tables know: of Django, and of packages like this one."""

from __future__ import annotations

from .importer import BATCH, Batch, Outcome, import_sessions
from .sources import SOURCES, NoSuchTable, Source

__all__ = [
    "BATCH",
    "SOURCES",
    "Batch",
    "NoSuchTable",
    "Outcome",
    "Source",
    "import_sessions",
]
