"""rotatesessionkeys: encrypt stored provider tokens under the first key of the ring."""

from __future__ import annotations

import json
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import CommandError, CommandParser
from django.db import Error

from sessions_hub.lifecycle.rekey import BATCH, NoEncryptionKey, Tally, count_rows, rekey
from sessions_hub.management.arguments import word
from sessions_hub.management.batches import add_batch_options, batch_size_of, pace_of
from sessions_hub.management.command import HubCommand
from sessions_hub.management.faults import ended_by
from sessions_hub.management.pace import Pace
from sessions_hub.management.statuses import DONE, FAILED, STOPPED, WORK_LEFT, WRONG_ARGUMENTS
from sessions_hub.management.tables import print_table

FORMATS = ["text", "json"]


class Command(HubCommand):
    works_on_unread = True
    help = (
        "Encrypts stored provider tokens under the first of SESSIONS_HUB_ENCRYPTION_KEYS, and "
        "checks that all of them can be read. Run it after a new key was put in front and every "
        "process has it; once it ends with 0, the older keys may go.\n\n"
        "Works in short transactions, so it may run while the site does, and again at any time: "
        "what is under the first key is only read. It ends with 1 where a token needs a key that "
        "is not there, cannot be read, or was left since somebody else was at work on it."
    )
    examples = ("--dry-run", "--format json")
    statuses = (DONE, FAILED, WRONG_ARGUMENTS, WORK_LEFT, *STOPPED)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument_group("how to print").add_argument(
            "--format",
            choices=FORMATS,
            default="text",
            help="How to print the numbers (default: text).",
        )
        add_batch_options(parser, BATCH, dry_run="Write nothing, and print the same numbers.")

    def handle(self, *args: Any, **options: Any) -> None:
        as_json = word(options["format"], FORMATS, "--format") == "json"
        dry_run = bool(options["dry_run"])
        pace = pace_of(options)
        total = Tally()
        fault = self._run(total, pace, batch_size_of(options), dry_run=dry_run, quiet=as_json)
        if as_json:
            self.stdout.write(json.dumps(_record(total, dry_run=dry_run), indent=2))
        elif self.verbosity:
            self._print(total, dry_run=dry_run)
        _say_what_is_wrong(total, pace, fault)
        self.end_by(pace)

    def _run(
        self, total: Tally, pace: Pace, batch_size: int, *, dry_run: bool, quiet: bool
    ) -> Error | None:
        """Add up the batches; return what the database failed with."""
        progress = self.progress(count_rows, aside=quiet)
        try:
            with pace.heeding_signals():
                for tally in rekey(batch_size=batch_size, dry_run=dry_run):
                    total.add(tally)
                    progress.say(f"Read {total.read}, encrypted anew {total.rotated}", total.rows)
                    if not pace.goes_on():
                        break
        except NoEncryptionKey:
            raise CommandError(
                "SESSIONS_HUB_ENCRYPTION_KEYS is empty: there is no key to encrypt under.",
                returncode=FAILED,
            ) from None
        except ImproperlyConfigured as error:
            raise CommandError(str(error), returncode=FAILED) from None
        except Error as error:
            return error
        finally:
            progress.clear()
        return None

    def _print(self, total: Tally, *, dry_run: bool) -> None:
        if dry_run:
            self.stdout.write("Nothing is written. A run would do this:")
        rows = [
            ("encrypted anew", str(total.rotated)),
            ("under the first key already", str(total.current)),
            ("left, others were at work on them", str(total.left)),
            ("unreadable", str(total.unreadable)),
        ]
        unknown = [(f"unknown key {key_id}", str(n)) for key_id, n in sorted(total.unknown.items())]
        print_table(self.stdout, ("provider tokens", "number"), [*rows, *unknown])


def _say_what_is_wrong(total: Tally, pace: Pace, fault: Error | None) -> None:
    if fault is not None:
        raise ended_by(fault, "What is done is done; run again for the rest.") from fault
    if pace.signal or total.is_complete:
        return
    problems = []
    if total.unknown:
        problems.append(
            f"Tokens whose key is not in SESSIONS_HUB_ENCRYPTION_KEYS: {total.unknown.total()}. "
            "Put the key back behind the first one."
        )
    if total.unreadable:
        problems.append(
            f"Tokens that were changed, or are no ciphertexts: {total.unreadable}. No key reads "
            "them."
        )
    if total.left:
        problems.append(f"Tokens that others were at work on: {total.left}. Run again.")
    problems.append("Keep the older keys until this command ends with 0.")
    raise CommandError("\n".join(problems), returncode=FAILED)


def _record(total: Tally, *, dry_run: bool) -> dict[str, Any]:
    return {
        "dry_run": dry_run,
        "read": total.read,
        "rotated": total.rotated,
        "current": total.current,
        "left": total.left,
        "unreadable": total.unreadable,
        "unknown_keys": dict(sorted(total.unknown.items())),
    }
