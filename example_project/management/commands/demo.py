"""`manage.py demo`: people sign in to a real server, and their sessions are shown."""

from __future__ import annotations

import signal
import sys
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from example_project.demo import geoip, report
from example_project.demo.accounts import NAMES, create_account
from example_project.demo.database import demo_path, make_fresh, only_demo
from example_project.demo.history import SESSIONS, fill
from example_project.demo.problems import DemoError
from example_project.demo.promises import broken_promises
from example_project.demo.provider import connect_account
from example_project.demo.server import Server
from example_project.demo.story import Story


def port_number(text: str) -> int:
    """A port, or 0 for a free one."""
    if not text.isdecimal() or int(text) > 65535:
        raise ArgumentTypeError(f"{text!r} is not a port: 0 to 65535, 0 for a free one.")
    return int(text)


def number_of_sessions(text: str) -> int:
    """How many sessions a history may have: enough to see something, and not a whole night's."""
    if not text.isdecimal() or not 100 <= int(text) <= 100_000:
        raise ArgumentTypeError(f"{text!r} is no number from 100 to 100000.")
    return int(text)


def add_history_arguments(parser: ArgumentParser) -> None:
    """The options of a history, wherever it is written."""
    parser.add_argument(
        "--sessions",
        type=number_of_sessions,
        default=SESSIONS,
        metavar="N",
        help=f"about how many sessions the history has (default: {SESSIONS})",
    )
    parser.add_argument(
        "--seed",
        type=int,
        default=1,
        metavar="N",
        help="another number makes another history; the same one the same (default: 1)",
    )


class Command(BaseCommand):
    # The server runs them. Here they would open the database before it is known whose it is.
    requires_system_checks = ()
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
            "--history",
            action="store_true",
            help="first write eight weeks of made-up sign-ins, so that the admin's overview and "
            "stories have something to show; their users are called demo-user-001 and so on, "
            "and nobody can sign in as one of them",
        )
        add_history_arguments(parser)
        parser.add_argument(
            "--port",
            type=port_number,
            default=0,
            help="the port to serve on (default: 0, a free one)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if isinstance(sys.stdout, TextIOWrapper):
            # Names and arrows, on a terminal that may know neither.
            sys.stdout.reconfigure(errors="replace")
        try:
            path = demo_path()
            with _ended_by_signals(), only_demo(path.parent):
                self._run(path, **options)
        except DemoError as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            self._say("\nStopped.")
            sys.exit(130)

    def _run(self, path: Path, *, once: bool, port: int, history: bool, **options: Any) -> None:
        self._step(f"Making a fresh database: {path}")
        make_fresh(path)
        self._step("Building a small GeoIP database")
        self._say("  Its places are made up: addresses set aside for documentation (RFC 5737,")
        self._say("  RFC 3849) are put into cities they never were in.")
        geoip.build(settings.HUB_EXAMPLE_GEOIP)
        if history:
            self._step("Writing eight weeks of sign-ins that never happened")
            filled = fill(timezone.now(), seed=options["seed"], sessions=options["sessions"])
            self._say(f"  {filled.sessions} sessions of {filled.users} users, all made up: each")
            self._say("  session says so in its metadata, and no password opens these accounts.")
        self._step(f"Creating {len(NAMES)} users, with passwords for this run only")
        accounts = {username: create_account(username) for username in NAMES}
        self._step("Starting the server")
        with Server(port) as server:
            self._say(f"  {server.url}")
            story = Story(server.url, accounts, lambda text: self._say(f"  {text}"))
            try:
                self._play(story)
            except DemoError as error:
                raise DemoError(f"{error}\n{server.last_words}") from error
            self._step("The sessions, newest first")
            if history:
                self._say("  Those of the story; the made-up ones are in the admin.")
            report.print_sessions(self.stdout)
            if broken := broken_promises():
                raise DemoError("Not as promised:\n  " + "\n  ".join(broken))
            self._say(self.style.SUCCESS("\nEverything came out as promised."))
            if once:
                return
            report.print_access(self.stdout, server.url, accounts.values())
            self._serve(server)

    def _play(self, story: Story) -> None:
        self._step("Signing in through the login pages")
        story.sign_everybody_in()
        self._step("Using some sessions from a second place")
        story.travel()
        self._step("Connecting an account of a made-up provider")
        connect_account()
        self._step("Ending a session through the API")
        story.end_through_the_api()
        self._step("Signing out")
        story.sign_out()

    def _serve(self, server: Server) -> None:
        self._say("\nServing until Ctrl-C. Requests are shown below.")
        server.on_line = self._say
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
    """Let SIGTERM end the command as Ctrl-C does, so that its server ends with it.

    Ctrl-C too: a shell has jobs in the background ignore it.
    """

    def stop(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
