"""Signs in, in a process of its own that is killed half-way.

Usage: python -m tests.lifecycle.killed_process MOMENT [COOKIE]
"""

from __future__ import annotations

import os
import signal
import sys
from unittest import mock

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")


def die(*args: object, **kwargs: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def main(moment: str, cookie: str = "") -> None:
    import django

    django.setup()
    from django.conf import settings
    from django.test import Client

    from sessions_hub import middleware, signals
    from sessions_hub.lifecycle import link

    client = Client()
    if cookie:
        client.cookies[settings.SESSION_COOKIE_NAME] = cookie
    match moment:
        case "row stored":
            # After commit, and before Django saves its own session.
            signals.session_started.connect(die, weak=False)
            client.get("/sign-in/?user=ada")
        case "row not committed":
            with mock.patch("sessions_hub.lifecycle.start.proofs.store", die):
                client.get("/sign-in/?user=ada")
        case "key changed":
            real = link.cycle_key

            def change(session: object) -> None:
                real(session)
                die()

            with mock.patch.object(link, "cycle_key", change):
                client.get("/sign-in/?user=ada")
        case "answer lost":
            with mock.patch.object(middleware, "deliver_device_key", die):
                client.get("/sign-in/?user=ada")


main(*sys.argv[1:])
