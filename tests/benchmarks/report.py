"""The verdicts, the tables, the file, and the command line both scripts share."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.benchmarks.interleave import Row, Run, WorkerError, measure
from tests.benchmarks.variants import BASELINE, POSTGRESQL_DSN, VARIANTS, Variant

MEASURED = ("quartiles", "added ms", "SQL", "+ other")
BESIDE = ("× hub", "quartiles")
JUDGED = ("target", "")


def main(
    suite: str,
    rows: Sequence[Row],
    description: str,
    cycles: int,
    variants: Sequence[Variant] = VARIANTS,
    beside: str | None = None,
) -> int:
    """Measure, print, and return the exit status: 1 when a target is missed."""
    options = _options(description, cycles, rows)
    rows = [row for row in rows if row.key in options.only]
    databases = ["sqlite", "postgresql"] if options.database == "both" else [options.database]
    runs = []
    for database in databases:
        try:
            run = measure(
                suite, rows, variants, database, options.cycles, options.rounds, beside=beside
            )
        except WorkerError as error:
            print(error, file=sys.stderr)
            if database == "postgresql":
                print(_postgresql_help(), file=sys.stderr)
            return 2
        runs.append(run)
        print(heading(run, rows), end="\n\n")
        print("\n\n".join(table(run, row) for row in rows), end="\n\n")
    missed = [line for run in runs for row in rows for line in misses(run, row)]
    print("\n".join(missed) or "Every target is met.")
    if options.json:
        options.json.write_text(json.dumps([as_data(run, rows) for run in runs], indent=1) + "\n")
    return 1 if missed else 0


def heading(run: Run, rows: Sequence[Row]) -> str:
    """What was measured, on what."""
    counts = ", ".join(f"{len(run.cells[row.key, BASELINE].nanoseconds)} {row.key}" for row in rows)
    versions = ", ".join(
        f"{one.distribution} {run.versions[one.key]}"
        for one in run.variants
        if one.key in run.versions and one.distribution != "Django"
    )
    environment = run.environment
    return (
        f"{environment['database']}, Python {environment['python']}, "
        f"Django {environment['django']}, {', '.join(dict.fromkeys(versions.split(', ')))}\n"
        f"{machine()}\n"
        f"{run.cycles} cycles, {run.rounds} times fresh processes; calls per variant: {counts}"
    )


def machine() -> str:
    """Processor, cores and how busy the machine was."""
    name = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        named = [line for line in info.read_text().splitlines() if line.startswith("model name")]
        name = named[0].partition(":")[2].strip() if named else name
    return f"{name}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"


def table(run: Run, row: Row) -> str:
    """One row of the benchmark as a Markdown table, a line per variant."""
    lines = [(row.label, *_head(run)[1:])]
    lines += [_line(run, row, one) for one in run.variants if row.takes(one.key)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    text = [_markdown(line, widths) for line in lines]
    text.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(text)


def misses(run: Run, row: Row) -> list[str]:
    """What the judged variants miss, in words."""
    return [
        f"MISSED ({run.database}) {row.label}, {one.label}: {problem}"
        for one in run.variants
        if one.judged and (row.key, one.key) in run.cells
        for problem in _problems(run, row, one)
    ]


def as_data(run: Run, rows: Sequence[Row]) -> dict[str, Any]:
    """A run as JSON can hold it."""
    cells = []
    for row in rows:
        for one in run.variants:
            cell = run.cells.get((row.key, one.key))
            if cell is None:
                continue
            low, middle, high = run.quartiles(row.key, one.key)
            cells.append(
                {
                    "row": row.key,
                    "variant": one.key,
                    "n": len(cell.nanoseconds),
                    "median_ms": cell.median,
                    "ratio": middle,
                    "ratio_quartiles": [low, high],
                    "beside": run.quartiles(row.key, one.key, run.beside) if run.beside else None,
                    "row_statements": cell.rows,
                    "other_statements": cell.others,
                    "vary": cell.vary,
                    "sql": cell.sql,
                    "block_medians_ns": cell.medians,
                    "missed": _problems(run, row, one) if one.judged else [],
                }
            )
    return {
        "database": run.database,
        "environment": run.environment | {"machine": machine()},
        "versions": run.versions,
        "cycles": run.cycles,
        "rounds": run.rounds,
        "targets": {
            row.key: {one.key: asdict(row.target_of(one.key)) for one in run.variants if one.judged}
            for row in rows
        },
        "cells": cells,
    }


def _head(run: Run) -> tuple[str, ...]:
    base = next(one.label for one in run.variants if one.key == BASELINE)
    return (
        "",
        "median ms",
        f"× {base}",
        *MEASURED,
        *(BESIDE if run.beside is not None else ()),
        *JUDGED,
    )


def _line(run: Run, row: Row, one: Variant) -> tuple[str, ...]:
    cell = run.cells.get((row.key, one.key))
    if cell is None:
        return (one.label, "not installed", *[""] * (len(_head(run)) - 2))
    low, middle, high = run.quartiles(row.key, one.key)
    base = run.cells[row.key, BASELINE].median
    problems = _problems(run, row, one) if one.judged else []
    beside: tuple[str, ...] = ()
    if run.beside is not None:
        first, second, third = run.quartiles(row.key, one.key, run.beside)
        beside = (f"×{second:.3f}", f"{first:.3f}–{third:.3f}")
    return (
        one.label,
        f"{cell.median:.3f}",
        f"×{middle:.3f}",
        f"{low:.3f}–{high:.3f}",
        f"{(middle - 1) * base:+.3f}" if one.key != BASELINE else "",
        str(cell.rows),
        str(cell.others),
        *beside,
        target := _target(run, row, one) if one.judged else "",
        ("MISSED" if problems else "ok") if target else "",
    )


def _target(run: Run, row: Row, one: Variant) -> str:
    target = row.target_of(one.key)
    limit = _most_rows(run, row, one)
    return ", ".join(
        part
        for part in (
            f"×{target.ratio:.2f}" if target.ratio is not None else "",
            f"≤{limit} SQL" if limit is not None else "",
            "same Vary" if target.vary else "",
        )
        if part
    )


def _most_rows(run: Run, row: Row, one: Variant) -> int | None:
    target = row.target_of(one.key)
    limits = []
    if target.extra is not None:
        limits.append(run.cells[row.key, BASELINE].rows + target.extra)
    if target.rows is not None:
        limits.append(target.rows)
    if target.more is not None and run.beside is not None:
        limits.append(run.cells[row.key, run.beside].rows + target.more)
    if target.rows_as is not None and (cell := run.cells.get((target.rows_as, one.key))):
        limits.append(cell.rows)
    return min(limits) if limits else None


def _problems(run: Run, row: Row, one: Variant) -> list[str]:
    target, cell = row.target_of(one.key), run.cells[row.key, one.key]
    _low, ratio, _high = run.quartiles(row.key, one.key)
    limit = _most_rows(run, row, one)
    problems = []
    if target.ratio is not None and ratio > target.ratio:
        problems.append(f"×{ratio:.3f} instead of ×{target.ratio:.2f}")
    if limit is not None and cell.rows > limit:
        problems.append(f"{cell.rows} row statements instead of {limit}")
    if target.vary and cell.vary != run.cells[row.key, BASELINE].vary:
        problems.append(f"Vary is {cell.vary!r}")
    return problems


def _markdown(line: Sequence[str], widths: Sequence[int]) -> str:
    cells = [
        # Names and targets from the left, numbers from the right.
        f"{text:<{width}}" if i in {0, len(line) - 2, len(line) - 1} else f"{text:>{width}}"
        for i, (text, width) in enumerate(zip(line, widths, strict=True))
    ]
    return f"| {' | '.join(cells)} |"


def _postgresql_help() -> str:
    return (
        f"PostgreSQL was looked for at {POSTGRESQL_DSN}. Start one there, name another in "
        "HUB_TEST_PG_DSN (postgresql://user:password@host:port; the user must be allowed to "
        "create databases, and psycopg must be installed), or run with --database sqlite."
    )


def _options(description: str, cycles: int, rows: Sequence[Row]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=description)
    choices = ("sqlite", "postgresql", "both")
    parser.add_argument("--database", choices=choices, default="sqlite")
    parser.add_argument("--cycles", type=int, metavar="N", help=f"default: {cycles}")
    parser.add_argument("--rounds", type=int, metavar="N", help="fresh processes; default: 4")
    parser.add_argument("--quick", action="store_true", help="1 round, a sixth of the cycles")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all numbers there too")
    keys = [row.key for row in rows]
    parser.add_argument("--only", nargs="+", choices=keys, default=keys, metavar="ROW")
    options = parser.parse_args()
    if options.cycles is None:
        options.cycles = max(2, cycles // 6) if options.quick else cycles
    if options.rounds is None:
        options.rounds = 1 if options.quick else min(4, options.cycles)
    if not 1 <= options.rounds <= options.cycles:
        parser.error("--cycles and --rounds must be at least 1, and no more rounds than cycles")
    return options
