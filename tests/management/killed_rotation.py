"""Rotates keys in a process of its own that is killed while it writes a batch.

Usage: python -m tests.management.killed_rotation UPDATES
"""

from __future__ import annotations

import os
import signal
import sys
from unittest import mock

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")


def main(updates: int) -> None:
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.db.models import QuerySet

    from tests.credentials.keys import FIRST, SECOND

    settings.SESSIONS_HUB_ENCRYPTION_KEYS = [SECOND, FIRST]
    real, calls = QuerySet.update, []

    def update(self: QuerySet, **values: object) -> int:
        calls.append(values)
        if len(calls) > updates:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(self, **values)

    with mock.patch.object(QuerySet, "update", update):
        call_command("rotatesessionkeys", "--batch-size=2")


main(int(sys.argv[1]))
