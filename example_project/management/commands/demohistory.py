"""`manage.py demohistory`: the demo's made-up history, in a database of one's own choice."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from example_project.demo.history import fill
from example_project.demo.problems import DemoError

from .demo import add_history_arguments


class Command(BaseCommand):
    help = (
        "Writes eight weeks of made-up sign-ins into the database the settings name, as "
        "`demo --history` does into its own. Their users are called demo-user-001 and so on; "
        "nobody can sign in as one of them. A second run adds nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_history_arguments(parser)
        parser.add_argument(
            "--beside-others",
            action="store_true",
            help="also where there are users who are not the demo's",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        names = ("seed", "sessions", "beside_others")
        try:
            filled = fill(timezone.now(), **{name: options[name] for name in names})
        except DemoError as error:
            raise CommandError(str(error)) from error
        if not filled.sessions:
            self.stdout.write("There is a made-up history already; nothing was added.")
            return
        self.stdout.write(
            self.style.WARNING(
                f"{filled.sessions} made-up sessions of {filled.users} made-up users were written."
            )
        )
