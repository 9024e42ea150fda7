"""Asking before something that cannot be taken back."""

from __future__ import annotations

import sys

from django.core.management.base import CommandError

from .statuses import FAILED


def confirm(question: str, what: str, kept: str) -> None:
    """Go on where the person at the terminal says yes.

    Raises CommandError, with `kept`, where they do not; with `what`, where nobody can be
    asked.
    """
    if sys.stdin is None or not sys.stdin.isatty():
        raise CommandError(
            f"{what} Add --yes to do so without being asked, or --dry-run to look first.",
            returncode=FAILED,
        )
    if input(f"{question} [y/N] ").strip().lower() not in {"y", "yes"}:
        raise CommandError(kept, returncode=FAILED)
