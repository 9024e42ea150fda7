"""Drives the workers in shuffled blocks, and the statistics of what they answer.

The machine is shared and its speed drifts. So the variants take turns in short
blocks, in another order in every cycle, and only ratios within one cycle count.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from typing import Any

from tests.benchmarks.variants import BASELINE, Variant

ROOT = Path(__file__).resolve().parents[2]


class WorkerError(Exception):
    """A worker could not start, or gave up."""


@dataclass(frozen=True)
class Target:
    """What the judged variants may cost; None where nothing is promised."""

    # Time, as a multiple of plain Django's.
    ratio: float | None = None
    # Row statements: beyond plain Django's, and in all.
    extra: int | None = None
    rows: int | None = None
    # Beyond the variant that all are also set beside (`Run.beside`).
    more: int | None = None
    # No more row statements than the same variant in this other row.
    rows_as: str | None = None
    # The Vary header is plain Django's.
    vary: bool = False


@dataclass(frozen=True)
class Row:
    """One line of the table, for every variant."""

    key: str
    label: str
    target: Target
    # Where a variant promises more: its own target, by its key.
    targets: Mapping[str, Target] = field(default_factory=dict)
    # Calls per block; blocks per cycle; every how many cycles. The smaller a
    # difference to be seen, the more blocks it takes.
    block: int = 20
    repeat: int = 1
    every: int = 1
    # Only these, where it says nothing of the others.
    variants: frozenset[str] | None = None

    def takes(self, variant: str) -> bool:
        """Whether that variant is measured here."""
        return self.variants is None or variant in self.variants

    def target_of(self, variant: str) -> Target:
        """What a judged variant may cost here."""
        return self.targets.get(variant, self.target)


@dataclass
class Cell:
    """What was measured for one row and one variant."""

    rows: int
    others: int
    vary: str
    sql: list[str]
    nanoseconds: list[int] = field(default_factory=list)
    # The median of each block: the n-th of every variant ran side by side.
    medians: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        """Milliseconds."""
        return median(self.nanoseconds) / 1e6


@dataclass
class Run:
    """All cells of one database, and where they were measured."""

    database: str
    environment: dict[str, str]
    versions: dict[str, str]
    cycles: int
    rounds: int
    cells: dict[tuple[str, str], Cell]
    variants: Sequence[Variant] = ()
    # Ratios to this variant are shown too: the site with every policy off.
    beside: str | None = None

    def ratios(self, row: str, key: str, to: str = BASELINE) -> list[float]:
        """Block median ÷ the median of the block of plain Django, or another, beside it."""
        base = self.cells[row, to].medians
        return [mine / its for mine, its in zip(self.cells[row, key].medians, base, strict=True)]

    def quartiles(self, row: str, key: str, to: str = BASELINE) -> tuple[float, float, float]:
        """First quartile, median and third quartile of the ratios."""
        ratios = self.ratios(row, key, to)
        if len(ratios) < 2:
            return (ratios[0],) * 3
        low, middle, high = quantiles(ratios, n=4, method="inclusive")
        return low, middle, high


class Worker:
    """The process of one variant."""

    def __init__(self, suite: str, variant: Variant, database: str, folder: str) -> None:
        self.variant = variant
        environment = {
            "HUB_BENCH_SUITE": suite,
            "HUB_BENCH_VARIANT": variant.key,
            "HUB_BENCH_DATABASE": database,
            "HUB_BENCH_NAME": f"hub_bench_{variant.key}_{os.getpid()}",
            "HUB_BENCH_FOLDER": folder,
            # The same order in every dictionary of every process.
            "PYTHONHASHSEED": "0",
            # Django warns at length before it says that there is no PostgreSQL.
            "PYTHONWARNINGS": "ignore",
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.worker", suite],
            cwd=ROOT,
            env=os.environ | environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()

    def ask(self, **order: Any) -> dict[str, Any]:
        """Send an order and wait for its answer."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        return self.answer()

    def answer(self) -> dict[str, Any]:
        """The next answer; also the greeting of a worker that is ready."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise WorkerError(f"{self.variant.label}: the worker died, see above.")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise WorkerError(f"{self.variant.label}: {answer['error']}")
        return answer


def measure(
    suite: str,
    rows: Sequence[Row],
    variants: Sequence[Variant],
    database: str,
    cycles: int,
    rounds: int,
    *,
    beside: str | None = None,
    seed: int = 1,
) -> Run:
    """Run every row for every installed variant, in turns.

    Each round has processes of its own: where a process happens to lie in memory
    makes it a per cent or two faster or slower for its whole life.
    """
    order = random.Random(seed)
    run = Run(database, {}, {}, cycles, rounds, {}, variants, beside)
    for number in range(rounds):
        with ExitStack() as stack:
            folder = stack.enter_context(TemporaryDirectory(prefix="hub_bench_"))
            workers = {
                one.key: stack.enter_context(Worker(suite, one, database, folder))
                for one in variants
                if one.is_installed
            }
            for key, worker in workers.items():
                run.environment = worker.answer()
                run.versions[key] = run.environment.pop("variant")
            if not run.cells:
                run.cells = {
                    (row.key, key): Cell(**worker.ask(count=row.key))
                    for row in rows
                    for key, worker in workers.items()
                    if row.takes(key)
                }
            for cycle in range(number, cycles, rounds):
                _cycle(run, workers, rows, cycle // rounds, order)
                _show(f"{database}: cycle {cycle + 1} of {cycles}")
    _show("")
    return run


def _cycle(
    run: Run, workers: dict[str, Worker], rows: Sequence[Row], cycle: int, order: random.Random
) -> None:
    for row in order.sample(rows, len(rows)):
        if cycle % row.every:
            continue
        for _ in range(row.repeat):
            taken = [key for key in sorted(workers) if row.takes(key)]
            for key in order.sample(taken, len(taken)):
                spent = workers[key].ask(block=row.key, n=row.block)["nanoseconds"]
                cell = run.cells[row.key, key]
                cell.nanoseconds += spent
                cell.medians.append(median(spent))


def _show(text: str) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{text}")
        sys.stderr.flush()
