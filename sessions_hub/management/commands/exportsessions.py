"""exportsessions: all that is stored of one user, as JSON, for them to take away."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from sessions_hub import events
from sessions_hub.lifecycle.audit import Actor, Deed, tell
from sessions_hub.lifecycle.personal_data import personal_data
from sessions_hub.management.arguments import plain, user_named
from sessions_hub.management.command import HubCommand
from sessions_hub.management.private_file import write_private
from sessions_hub.management.statuses import FAILED


class Command(HubCommand):
    help = (
        "Writes all that is stored of one user as JSON: devices, sessions, places of use, proofs "
        "(GDPR, articles 15 and 20). Nothing of other people, and no secret. It is what users "
        "download themselves on their pages. Written down in the log."
    )
    examples = ("--user ada --output ada.json", "--user ada | jq '.sessions | length'")

    def add_arguments(self, parser: CommandParser) -> None:
        group = parser.add_argument_group("what is written where")
        group.add_argument(
            "--user", type=plain, required=True, metavar="NAME", help="The user with this name."
        )
        group.add_argument(
            "--output",
            metavar="FILE",
            help="Into this file, which only you may read (default: what the command prints).",
        )
        group.add_argument("--force", action="store_true", help="Write over a file that is there.")

    def handle(self, *args: Any, **options: Any) -> None:
        user = user_named(options["user"], "--user")
        document = personal_data(user, now=timezone.now())
        output = options["output"]
        facts = {"user_id": events.name_of(user.pk)}
        tell(Actor(None, via="command"), Deed(event=events.STAFF_EXPORTED, facts=facts))
        if output is None:
            for piece in document:
                self.stdout.write(piece, ending="")
            return
        try:
            write_private(Path(output), document, overwrite=options["force"])
        except FileExistsError:
            raise CommandError(
                f"--output: {output} is there already. Choose another name, or add --force.",
                returncode=FAILED,
            ) from None
        except OSError as error:
            raise CommandError(
                f"--output: {output} cannot be written: {error.strerror}.", returncode=FAILED
            ) from None
        self.say(f"Wrote all that is stored of {user.get_username()} to {output}.")
