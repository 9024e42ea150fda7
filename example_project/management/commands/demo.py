"""`manage.py demo`: people sign in to a real server, and their sessions are shown."""

from __future__ import annotations

import signal
import sys
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from example_project.demo.database import demo_path, make_fresh
from example_project.demo.problems import DemoError


def port_number(text: str) -> int:
    """A port, or 0 for a free one."""
    if not text.isdecimal() or int(text) > 65535:
        raise ArgumentTypeError(f"{text!r} is not a port: 0 to 65535, 0 for a free one.")
    return int(text)


class Command(BaseCommand):
    help = (
        "Makes a fresh demonstration database, starts the example site on 127.0.0.1, signs "
        "people in over HTTP with the browsers, phones, apps and scripts of today, shows their "
        "sessions, and serves until Ctrl-C."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--once",
            action="store_true",
            help="stop after the table; exit status 1 if anything came out wrong",
        )
        parser.add_argument(
            "--port",
            type=port_number,
            default=0,
            help="the port to serve on (default: 0, a free one)",
        )

    def handle(self, *args: Any, once: bool, port: int, **options: Any) -> None:
        try:
            with _ended_by_signals():
                self._run(once=once, port=port)
        except DemoError as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            self._say("\nStopped.")
            sys.exit(130)

    def _run(self, *, once: bool, port: int) -> None:
        try:
            from example_project.demo import geoip
        except ImportError as error:
            raise DemoError(
                f"{error.name} is not installed. The demo needs: pip install -e '.[demo]'"
            ) from error
        # Below, since they import models and packages of the extra.
        from example_project.demo import report
        from example_project.demo.accounts import NAMES, create_account
        from example_project.demo.promises import broken_promises
        from example_project.demo.server import Server
        from example_project.demo.story import Story

        path = demo_path()
        self._step(f"Making a fresh database: {path}")
        make_fresh(path)
        self._step("Building a small GeoIP database. Its places are made up: it gives the")
        self._say("  documentation addresses (RFC 5737, RFC 3849) cities they never were in.")
        geoip.build(settings.HUB_EXAMPLE_GEOIP)
        self._step(f"Creating {len(NAMES)} users, with passwords for this run only")
        accounts = {username: create_account(username) for username in NAMES}
        self._step("Starting the server")
        with Server(port) as server:
            self._say(f"  {server.url}")
            story = Story(server.url, accounts, lambda text: self._say(f"  {text}"))
            self._step("Signing in through the login pages")
            story.sign_everybody_in()
            self._step("Using some sessions from a second place")
            story.travel()
            self._step("Ending a session through the API")
            story.end_through_the_api()
            self._step("Signing out")
            story.sign_out()
            self._step("The sessions, newest first")
            report.print_sessions(self.stdout)
            if broken := broken_promises():
                raise DemoError("Not as promised:\n  " + "\n  ".join(broken))
            self._say(self.style.SUCCESS("\nEverything came out as promised."))
            if once:
                return
            report.print_access(self.stdout, server.url, accounts.values())
            self._serve(server)

    def _serve(self, server: Any) -> None:
        self._say("\nServing until Ctrl-C. Requests are shown below.")
        server.output = self.stdout
        try:
            server.wait()
        except KeyboardInterrupt:
            self._say("\nStopped. The database stays until the next run.")
        else:
            raise DemoError("The server ended by itself.")

    def _step(self, text: str) -> None:
        self._say(self.style.MIGRATE_HEADING(f"\n{text}"))

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Let SIGTERM end the command as Ctrl-C does, so that its server ends with it."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
