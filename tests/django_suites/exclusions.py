"""The tests of Django's that may fail with the hub, each with its reason.

exclusions.txt: blank lines and comments (#) aside, `test id | reason` per line. A line may
begin with the versions it is for (`[6.1]`), or with `engine` or `django` for one of the two
runs: the hub's engine and backend, or Django's.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import django

FILE = Path(__file__).with_name("exclusions.txt")
LINE = re.compile(
    r"^(?:\[(?P<versions>[\d. ]+)\] )?(?:(?P<run>engine|django) )?"
    r"(?P<id>[\w.]+) \| (?P<reason>.{10,})$"
)


def read(text: str, version: str, run: str) -> dict[str, str]:
    """Test id → reason, of the lines that are for a version ("6.1") and a run.

    Raises ValueError for a line that is not of that form.
    """
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        match = LINE.match(line)
        if match is None:
            raise ValueError(f"exclusions.txt, line {number}: not `test id | reason`.")
        versions = (match["versions"] or version).split()
        if version in versions and match["run"] in (None, run):
            found[match["id"]] = match["reason"]
    return found


def current() -> dict[str, str]:
    """The exclusions for the installed Django and this run."""
    version = ".".join(map(str, django.VERSION[:2]))
    run = "engine" if os.environ.get("HUB_SUITES_ENGINE") == "1" else "django"
    return read(FILE.read_text(encoding="utf-8"), version, run)
