"""Files that nobody but their owner may read, and that are there whole or not at all."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path


def write_private(path: Path, pieces: Iterable[str], *, overwrite: bool) -> None:
    """Write a file with mode 0600. What fails leaves what was there.

    Raises FileExistsError without `overwrite`, and what the file system raises.
    """
    if not overwrite and os.path.lexists(path):
        raise FileExistsError(path)
    # Beside it, so that it can take its place; made anew, so that nobody has it open.
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with open(descriptor, "w", encoding="utf-8") as file:
            file.writelines(pieces)
            file.flush()
            os.fsync(file.fileno())
        if overwrite:
            os.replace(draft, path)
        else:
            _move_to_free(draft, path)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(draft)


def _move_to_free(draft: Path, path: Path) -> None:
    """Give the file its name; FileExistsError where somebody has taken that meanwhile."""
    try:
        os.link(draft, path)
    except FileExistsError:
        raise
    except OSError:
        # A file system without hard links: the name is taken first, empty.
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        try:
            os.replace(draft, path)
        except OSError:
            os.unlink(path)
            raise
