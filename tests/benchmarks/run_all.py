"""Runs the benchmarks one after the other, and writes what they say into docs/benchmarks.md.

    python tests/benchmarks/run_all.py --quick                 # rough: half an hour
    python tests/benchmarks/run_all.py --write                 # in full, and onto the page
    python tests/benchmarks/run_all.py --only prune startup

Each script runs in a process of its own, with its output as it comes. The page keeps the
sections of those that are not run. Two scripts at once would measure each other.

Exit status: the worst of its parts. 0 all targets met, 1 a target missed, 2 could not be
measured; a script that fails or is killed counts as 2.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.benchmarks.lines import table  # noqa: E402
from tests.benchmarks.page import (  # noqa: E402
    PAGE,
    VERDICTS,
    PageError,
    as_markdown,
    attributes_of,
    replaced,
    sections,
    with_summary,
)

UNMEASURED = 2
# An error that nobody caught ends Python with 1 as well, which is a missed target here.
_SCRIPT = """
import runpy, sys, traceback
del sys.argv[0]
try:
    runpy.run_path(sys.argv[0], run_name="__main__")
except SystemExit as end:
    if not isinstance(end.code, str):
        raise
    print(end.code, file=sys.stderr)
    sys.exit(2)
except Exception:
    traceback.print_exc()
    sys.exit(2)
"""


@dataclass(frozen=True)
class Part:
    """One script, with its options in full and with --quick."""

    name: str
    full: tuple[str, ...] = ()
    quick: tuple[str, ...] = ()


_BOTH = ("--database", "both")
PARTS = (
    Part("request_overhead", _BOTH, (*_BOTH, "--quick")),
    Part("login_overhead", _BOTH, (*_BOTH, "--quick")),
    Part("policies", _BOTH, (*_BOTH, "--quick")),
    Part("api", _BOTH, (*_BOTH, "--quick")),
    Part("load", (), ("--quick",)),
    Part("fleet", (), ("--quick",)),
    Part("parsing", (), ("--rounds", "1")),
    Part("hostile"),
    Part("accuracy"),
    Part("startup", (), ("--rounds", "5")),
    Part("admin", (), ("--sessions", "200000")),
    Part("scale", (), ("--sessions", "100000", "200000", "--rounds", "1")),
    Part("prune", (), ("--rows", "50000")),
)


@dataclass(frozen=True)
class Ran:
    """What became of one script."""

    part: Part
    options: tuple[str, ...]
    status: int
    seconds: float
    began: datetime
    machine: str
    output: str

    def content(self) -> str:
        """Its section of the page."""
        command = " ".join(["python", f"tests/benchmarks/{self.part.name}.py", *self.options])
        return (
            f"`{command}`, {self.began:%Y-%m-%d}, {_minutes(self.seconds)}. Targets: "
            f"{VERDICTS[self.status]} (exit status {self.status}).\n"
            f"When it began: {self.machine}.\n\n{as_markdown(self.output)}"
        )


def main() -> int:
    """Run what is asked for, and return the worst exit status."""
    options = _options()
    parts = [part for part in PARTS if part.name in options.only]
    try:
        if options.write:
            # Before hours of work, not after them.
            _check_page(options.page, parts)
        ran = []
        for part in parts:
            one = run(part, part.quick if options.quick else part.full)
            ran.append(one)
            if options.write:
                write(options.page, one)
    except PageError as error:
        print(f"{options.page}: {error}", file=sys.stderr)
        return UNMEASURED
    print("\n" + summary(ran))
    return max(one.status for one in ran)


def run(part: Part, options: tuple[str, ...]) -> Ran:
    """Run one script to its end, and pass on what it prints as it prints it."""
    script = f"tests/benchmarks/{part.name}.py"
    print(f"\n== {script} {' '.join(options)}\n", flush=True)
    machine, began, clock = _machine(), datetime.now(UTC), time.monotonic()
    lines = []
    with subprocess.Popen(
        [sys.executable, "-c", _SCRIPT, str(ROOT / script), *options],
        cwd=ROOT,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            sys.stdout.write(line)
            sys.stdout.flush()
            lines.append(line)
    status = process.returncode if process.returncode in VERDICTS else UNMEASURED
    spent = time.monotonic() - clock
    return Ran(part, options, status, spent, began, machine, "".join(lines))


def write(page: Path, one: Ran) -> None:
    """Put a run in its section of the page, and the table of all sections right. PageError."""
    text = page.read_text(encoding="utf-8")
    attributes = attributes_of(one.status, f"{one.began:%Y-%m-%d}", one.options)
    text = replaced(text, one.part.name, one.content(), attributes)
    page.write_text(with_summary(text), encoding="utf-8")


def summary(ran: Sequence[Ran]) -> str:
    """A line for each script that was run."""
    lines = [("script", "targets", "exit status", "took")]
    for one in ran:
        lines.append((one.part.name, VERDICTS[one.status], str(one.status), _minutes(one.seconds)))
    return table(lines)


def _check_page(page: Path, parts: Sequence[Part]) -> None:
    text = with_summary(page.read_text(encoding="utf-8"))
    there = {section.name for section in sections(text)}
    for part in parts:
        if part.name not in there:
            replaced(text, part.name, "")


def _machine() -> str:
    import django

    from tests.benchmarks.report import machine

    return f"{machine()}; Python {sys.version.split()[0]}, Django {django.get_version()}"


def _minutes(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="roughly; see each script for how")
    names = [part.name for part in PARTS]
    parser.add_argument("--only", nargs="+", choices=names, default=names, metavar="NAME")
    parser.add_argument("--write", action="store_true", help="onto the page too")
    parser.add_argument("--page", type=Path, default=PAGE, help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
