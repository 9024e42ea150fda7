"""Whether what the product asks of PostgreSQL stays as cheap in a table ten times as large.

    python tests/benchmarks/scale.py                        # 1, 2 and 10 million sessions
    python tests/benchmarks/scale.py --sessions 100000 200000      # a rough look
    python tests/benchmarks/scale.py --prefix hub_scale --keep     # databases that stay, and are
                                                                   # measured again when they exist

Makes a database for each size with `seed.py`, one after the other, calls the product's own
functions and views (`hot_queries.py`) and has each statement they send explained where it is
sent (`plans.py`). Pages looked at ("buffers") do not depend on what else the machine does;
times are the least of the rounds. Both may be at most twice as much in the largest table as in
the smallest. Then sizes and write cost of every index, with what it is for (`index_costs.py`).

Exit status: 0 all targets met, 1 a target missed, 2 could not be measured.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

FACTOR = 2.0
# Less than this is noise: of a clock, and of the one level a B-tree grows by.
LEAST_MS, LEAST_BUFFERS = 1.0, 16


def measure(count: int, rounds: int, only: str) -> dict[str, Any]:
    """All numbers of the connected database, as JSON holds them."""
    from dataclasses import asdict

    from tests.benchmarks.hot_queries import Hot, users_of
    from tests.benchmarks.index_costs import index_costs, table_sizes
    from tests.benchmarks.plans import explained

    rows: dict[str, Any] = {}
    for name, call in Hot(users_of(count)).calls():
        if only not in name:
            continue
        costs = []
        # Once unmeasured: a table that is asked all day is in memory.
        for _round in range(rounds + 1):
            with explained() as cost:
                call()
            costs.append(cost)
        best = min(costs[1:], key=lambda one: one.milliseconds)
        rows[name] = {
            "ms": best.milliseconds,
            "buffers": min(one.buffers for one in costs[1:]),
            "rows": best.rows_read,
            "plan": best.summary,
            "indexes": sorted(best.indexes),
        }
    indexes = [] if only else [{**asdict(one), "reason": one.reason} for one in index_costs(rounds)]
    return {
        "sessions": count,
        "queries": rows,
        "indexes": indexes,
        "tables": [asdict(one) for one in table_sizes()],
    }


def verdict(small: dict[str, Any], large: dict[str, Any]) -> str:
    """`ok`, or `MISSED` with what grew to more than twice itself."""
    grown = [
        f"×{large[what] / max(small[what], least):.1f} {unit}"
        for what, least, unit in (("ms", LEAST_MS, "ms"), ("buffers", LEAST_BUFFERS, "buffers"))
        if large[what] > FACTOR * max(small[what], least)
    ]
    return f"MISSED: {', '.join(grown)}" if grown else "ok"


def query_table(runs: list[dict[str, Any]]) -> tuple[str, int]:
    """The Markdown table of all queries, and how many targets were missed."""
    sizes = [_short(run["sessions"]) for run in runs]
    lines = [
        f"| query | ms at {' · '.join(sizes)} | buffers | rows read | plan at {sizes[-1]} | |",
        "|---|---|---|---|---|---|",
    ]
    missed = 0
    for name, large in runs[-1]["queries"].items():
        cells = [run["queries"][name] for run in runs]
        word = verdict(cells[0], large)
        missed += word != "ok"
        plans = large["plan"]
        if cells[0]["plan"] != plans:
            plans += f"; at {sizes[0]}: {cells[0]['plan']}"
        lines.append(
            f"| {name} | {' · '.join(format(cell['ms'], '.1f') for cell in cells)}"
            f" | {' · '.join(str(cell['buffers']) for cell in cells)}"
            f" | {' · '.join(str(cell['rows']) for cell in cells)} | {plans} | {word} |"
        )
    return "\n".join(lines), missed


def index_table(run: dict[str, Any]) -> str:
    """The Markdown table of all indexes of one size, and who walks them."""
    users: dict[str, int] = {}
    for query in run["queries"].values():
        for index in query["indexes"]:
            users[index] = users.get(index, 0) + 1
    lines = [
        "| index | MB | bytes a row | µs an INSERT | buffers | WAL bytes | queries | for |",
        "|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {one['name'].removeprefix('sessions_hub_')} ({one['columns']}) |"
        f" {one['size'] / 1e6:.0f} | {one['size'] / one['rows']:.0f} | {one['microseconds']:.1f} |"
        f" {one['buffers']:.1f} | {one['wal_bytes']:.0f} | {users.get(one['name'], 0)} |"
        f" {one['reason']} |"
        for one in run["indexes"]
    ]
    return "\n".join(lines)


def size_table(runs: list[dict[str, Any]]) -> str:
    """The Markdown table of bytes a row, of rows and of their indexes."""
    lines = [
        "| table | sessions | rows | GB | bytes a row | … of indexes |",
        "|---|---|---|---|---|---|",
    ]
    for run in runs:
        for one in run["tables"]:
            rows = max(1, one["rows"])
            lines.append(
                f"| {one['table'].removeprefix('sessions_hub_')} | {_short(run['sessions'])} |"
                f" {one['rows']} | {(one['heap'] + one['indexes']) / 1e9:.2f} |"
                f" {one['heap'] / rows:.0f} | {one['indexes'] / rows:.0f} |"
            )
    return "\n".join(lines)


def _short(count: int) -> str:
    return f"{count / 1e6:g} M"


def run_one(options: argparse.Namespace) -> int:
    """Measure one size in a process of its own, whose answer is a file."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from tests.benchmarks.hot_queries import users_of
    from tests.benchmarks.seed import fill

    count = options.sessions[0]
    with connection._nodb_cursor() as cursor:
        name = connection.settings_dict["NAME"]
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        exists = cursor.fetchone() is not None
        if not exists:
            cursor.execute(f'CREATE DATABASE "{name}"')
    try:
        if not exists:
            call_command("migrate", verbosity=0)
            fill(count, users_of(count), say=lambda text: print(text, file=sys.stderr))
        answer = measure(count, options.rounds, options.only)
        options.answer.write_text(json.dumps(answer, indent=1) + "\n")
    finally:
        connection.close()
        if not options.keep:
            with connection._nodb_cursor() as cursor:
                cursor.execute(f'DROP DATABASE "{name}"')
    return 0


def main() -> int:
    """Read the command line, measure every size, print, and judge."""
    import subprocess
    import tempfile

    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--sessions", type=int, nargs="+", default=[1_000_000, 2_000_000, 10_000_000], metavar="N"
    )
    parser.add_argument("--rounds", type=int, default=3, metavar="N")
    parser.add_argument("--only", default="", metavar="TEXT", help="queries with this in the name")
    parser.add_argument("--prefix", default=f"hub_scale_{os.getpid()}", help="of the databases")
    parser.add_argument("--keep", action="store_true", help="leave the databases")
    parser.add_argument("--json", type=Path, metavar="FILE", help="all numbers")
    parser.add_argument("--answer", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.answer:
        return run_one(options)
    runs = []
    for count in sorted(options.sessions):
        with tempfile.NamedTemporaryFile(suffix=".json") as file:
            more = [f"--rounds={options.rounds}", f"--only={options.only}"]
            more += ["--keep"] if options.keep else []
            ran = subprocess.run(
                [sys.executable, __file__, f"--sessions={count}", f"--answer={file.name}", *more],
                env={
                    **os.environ,
                    "PYTHONPATH": os.pathsep.join(sys.path),
                    "DJANGO_SETTINGS_MODULE": "tests.settings",
                    "HUB_TEST_DATABASE": "postgresql",
                    "HUB_TEST_NAME": f"{options.prefix}_{count}",
                },
                check=False,
            )
            if ran.returncode:
                return 2
            runs.append(json.loads(Path(file.name).read_text()))
    if options.json:
        options.json.write_text(json.dumps(runs, indent=1) + "\n")
    table, missed = query_table(runs)
    print(table, index_table(runs[-1]), size_table(runs), sep="\n\n", end="\n\n")
    print(f"{missed} targets missed." if missed else "Every target is met.")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
