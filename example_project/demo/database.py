"""A fresh demonstration database, and nobody else's file in danger."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connections

from .problems import DemoError

# Written into the header of the demo's own files (PRAGMA application_id): "HUBd".
APPLICATION_ID = 0x48554264
_MAGIC = b"SQLite format 3\0"


def demo_path() -> Path:
    """The demo's database file. Raises DemoError under any other settings."""
    path: Path | None = getattr(settings, "HUB_EXAMPLE_DATABASE", None)
    default = settings.DATABASES["default"]
    if path is None or default["ENGINE"] != "django.db.backends.sqlite3":
        raise DemoError(
            "The demo runs on an SQLite file of its own, with example_project.settings; "
            f"the default database here is {default['ENGINE']}. Nothing was changed."
        )
    if Path(default["NAME"]) != path:
        raise DemoError(
            f"The default database is {default['NAME']}, not the demo's own {path}. "
            "Nothing was changed."
        )
    if not settings.DEBUG:
        raise DemoError(
            "The demo speaks plain HTTP on this computer: run it without HUB_EXAMPLE_DEPLOY."
        )
    return path


def make_fresh(path: Path) -> None:
    """Replace the demo's database by an empty, migrated one."""
    if path.exists() and not _is_ours(path):
        raise DemoError(
            f"{path} was not made by the demo, so it stays as it is. Move it away, or name "
            "another file in HUB_EXAMPLE_DATABASE."
        )
    connections.close_all()
    for name in (path.name, f"{path.name}-journal", f"{path.name}-wal", f"{path.name}-shm"):
        path.with_name(name).unlink(missing_ok=True)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(path)) as connection:
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    except (OSError, sqlite3.Error) as error:
        raise DemoError(f"{path} cannot be made: {error}") from error
    call_command("migrate", interactive=False, verbosity=0)


def _is_ours(path: Path) -> bool:
    """Whether a file is empty or carries the demo's mark."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        header = file.read(100)
    # An empty file holds nothing to lose: opening a database is enough to leave one.
    return header == b"" or (
        header.startswith(_MAGIC) and int.from_bytes(header[68:72], "big") == APPLICATION_ID
    )
