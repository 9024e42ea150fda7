"""A fresh demonstration database, and nobody else's file in danger."""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connections

from .problems import DemoError

if sys.platform != "win32":
    import fcntl

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
    if Path(str(default["NAME"])) != path:
        raise DemoError(
            f"The default database is {default['NAME']}, not the demo's own {path}. "
            "Nothing was changed."
        )
    if not settings.DEBUG:
        raise DemoError(
            "The demo speaks plain HTTP on this computer: run it without HUB_EXAMPLE_DEPLOY."
        )
    return path


@contextmanager
def only_demo(folder: Path) -> Iterator[None]:
    """Keep a second demo away from the folder while one runs in it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DemoError(f"{folder} cannot be made: {error}") from error
    if sys.platform == "win32":
        # A file in use cannot be deleted there.
        yield
        return
    # The lock goes with the process, however that ends.
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        raise DemoError(
            f"Another demo is running in {folder}. Stop it, or name a file in another folder in "
            "HUB_EXAMPLE_DATABASE."
        ) from error
    try:
        yield
    finally:
        os.close(descriptor)


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
        with closing(sqlite3.connect(path)) as connection:
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            # Kept in the file: readers do not wait for the writer.
            connection.execute("PRAGMA journal_mode = WAL")
    except (OSError, sqlite3.Error) as error:
        raise DemoError(f"{path} cannot be made: {error}") from error
    call_command("migrate", interactive=False, verbosity=0)


def _is_ours(path: Path) -> bool:
    """Whether a file carries the demo's mark, or has nothing in it to lose."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        header = file.read(100)
    if not header.startswith(_MAGIC):
        return header == b""
    mark = int.from_bytes(header[68:72], "big")
    return mark == APPLICATION_ID or (mark == 0 and _has_no_tables(path))


def _has_no_tables(path: Path) -> bool:
    """Whether a database is one that Django's checks leave behind when there was none."""
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
            (tables,) = connection.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()
    except sqlite3.Error:
        return False
    return bool(tables == 0)
