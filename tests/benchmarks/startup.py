"""What the app adds to the start of a process: its imports, its models, its ready().

    python tests/benchmarks/startup.py [--rounds N] [--json FILE]

`django.setup()` of a `startproject` site without the app, and with it, by turns in fresh
processes. What the app adds is the median of the differences of a round, in processor time: that
depends least on what else the machine does. Which tables of expressions are loaded by then is
counted. Neither the admin nor Django REST framework is among the apps.

Exit status: 0 all targets met, 1 a target missed.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.benchmarks.lines import Line, print_lines  # noqa: E402
from tests.benchmarks.report import machine  # noqa: E402
from tests.benchmarks.variants import APPS  # noqa: E402

TARGET_MS = 50.0
# What holds tables of expressions for user agents, or builds them when it is imported.
HEAVY = ("ua_parser", "user_agents", "device_detector")
PLAIN, HUB, ENGINE = "Django", "sessions_hub", "… its engine too"
SITES: Mapping[str, tuple[str, ...]] = {
    PLAIN: (),
    # The same once more: how far apart two equal starts come out.
    "Django, again": (),
    HUB: ("sessions_hub",),
    ENGINE: ("sessions_hub", "sessions_hub.engine"),
}

_START = """
import json, sys, time
import django
from django.conf import settings
settings.configure(
    SECRET_KEY="benchmarks-only", INSTALLED_APPS={apps!r}, USE_TZ=True,
    DATABASES={{"default": {{"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}}},
)
clock, processor, modules = time.perf_counter(), time.process_time(), len(sys.modules)
django.setup()
print(json.dumps({{
    "clock": 1000 * (time.perf_counter() - clock),
    "processor": 1000 * (time.process_time() - processor),
    "modules": len(sys.modules) - modules,
    "heavy": len(set({heavy!r}) & set(sys.modules)),
}}))
"""


def main() -> int:
    """Measure, print the table, and tell by the exit status whether all targets are met."""
    options = _options()
    order = random.Random(1)
    found: dict[str, list[dict[str, float]]] = {name: [] for name in SITES}
    # Once unmeasured: the files are read, and compiled, for the first time.
    for number in range(options.rounds + 1):
        for name in order.sample(sorted(SITES), len(SITES)):
            figures = _start(SITES[name])
            if number:
                found[name].append(figures)
    import django

    print(
        f"{machine()}, Python {sys.version.split()[0]}, Django {django.get_version()}; "
        f"{options.rounds} rounds\n"
    )
    lines = [line for name in SITES for line in _lines(name, found)]
    status = print_lines(lines)
    if options.json:
        data = [asdict(line) | {"missed": line.is_missed} for line in lines]
        options.json.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n")
    return status


def _lines(name: str, found: Mapping[str, list[dict[str, float]]]) -> list[Line]:
    mine, plain = found[name], found[PLAIN]
    if name == PLAIN:
        took = median(one["processor"] for one in mine)
        return [Line(f"{name}, django.setup()", took, "ms")]

    def added(what: str) -> float:
        return median(one[what] - its[what] for one, its in zip(mine, plain, strict=True))

    is_judged = name in (HUB, ENGINE)
    lines = [
        Line(f"{name}, added", added("processor"), "ms", TARGET_MS if is_judged else None),
        Line(f"{name}, added by the clock", added("clock"), "ms"),
    ]
    if is_judged:
        heavy = max(one["heavy"] for one in mine)
        lines.append(Line(f"{name}, modules added", added("modules"), ""))
        lines.append(Line(f"{name}, parsers of user agents loaded", heavy, "", 0))
    return lines


def _start(apps: tuple[str, ...]) -> dict[str, float]:
    """Figures of one fresh process."""
    code = _START.format(apps=[*APPS, *apps], heavy=HEAVY)
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True
    )
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=20, metavar="N", help="default: 20")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
