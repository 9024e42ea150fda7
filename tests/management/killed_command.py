"""Runs a command in a process of its own that is killed inside a transaction.

Usage: python -m tests.management.killed_command NUMBER COMMAND [OPTION ...]: killed when
it is about to commit its NUMBERth transaction.
"""

from __future__ import annotations

import os
import signal
import sys
from unittest import mock

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")


def main(number: int, *command: str) -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import transaction
    from django.db.transaction import Atomic

    real, left = Atomic.__exit__, []

    def leave(self: Atomic, *args: object) -> None:
        if len(transaction.get_connection(self.using).atomic_blocks) == 1:
            left.append(self)
        if len(left) >= number:
            os.kill(os.getpid(), signal.SIGKILL)
        real(self, *args)

    with mock.patch.object(Atomic, "__exit__", leave):
        call_command(*command)


main(int(sys.argv[1]), *sys.argv[2:])
