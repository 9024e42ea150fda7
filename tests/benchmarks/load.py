"""Load on two gunicorn workers, PostgreSQL and Redis; sessions end meanwhile, and must stay so."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.benchmarks.interleave import WorkerError
from tests.benchmarks.lines import table
from tests.benchmarks.load_check import Ended, Victim, end_under_load
from tests.benchmarks.load_server import WORKERS, Server
from tests.benchmarks.load_wrk import CONNECTIONS, Load, run
from tests.benchmarks.variants import redis_answers

# Seconds before what is measured.
WARM = 2
QUIET = {"PYTHONWARNINGS": "ignore"}
HEAD = (
    *("requests/s", "÷ without", "p50 ms", "p99 ms"),
    *("ended", "served before", "refused after", "by workers", "served after"),
)
SITES = {"plain": "without the hub", "hub": "sessions_hub", "cache": "… with the cache"}


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is asked for, by what is presented, with the hub and without."""

    label: str
    presented: str
    path: str
    plain_path: str

    def path_of(self, key: str) -> str:
        """Where a site answers it."""
        return self.plain_path if key == "plain" else self.path


SCENARIOS = (
    Scenario("a view that reads the user, token", "token", "/read/", "/read/"),
    Scenario("a view that reads the user, cookie", "cookie", "/read/", "/read/"),
    Scenario("who am I, token", "token", "/api/sessions/current/", "/who/"),
)


@dataclass
class Findings:
    """What was measured for each line of the tables, and what was wrong."""

    loads: dict[tuple[str, str], list[Load]] = field(default_factory=dict)
    ends: dict[tuple[str, str], list[Ended]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def add(self, scenario: Scenario, key: str, load: Load, ended: list[Ended]) -> None:
        """One more run of a line."""
        self.loads.setdefault((scenario.label, key), []).append(load)
        self.ends.setdefault((scenario.label, key), []).extend(ended)
        where = f"{SITES[key]}, {scenario.label}"
        if load.failed:
            self.problems.append(f"{where}: {load.failed} requests failed.")
        self.problems += [f"{where}: {text}" for one in ended for text in one.problems]

    def table(self, scenario: Scenario) -> str:
        """The lines of a scenario, as Markdown."""
        lines = [(scenario.label, *HEAD), *(self._line(scenario, key) for key in SITES)]
        return table(lines)

    def _line(self, scenario: Scenario, key: str) -> tuple[str, ...]:
        loads, ends = self.loads[scenario.label, key], self.ends[scenario.label, key]
        base = median(load.per_second for load in self.loads[scenario.label, "plain"])
        speed = median(load.per_second for load in loads)
        counts = (
            len(ends),
            sum(sum(one.before.values()) for one in ends),
            sum(sum(one.refused.values()) for one in ends),
            # The fewest that had to do with any one of them.
            min((len(one.refused) for one in ends), default=0),
            sum(sum(one.served.values()) for one in ends),
        )
        return (
            SITES[key],
            f"{speed:.0f}",
            f"×{speed / base:.2f}",
            f"{median(load.p50 for load in loads):.1f}",
            f"{median(load.p99 for load in loads):.1f}",
            *map(str, counts),
        )


def main() -> int:
    options = _options()
    if (lacking := _lacking()) is not None:
        print(lacking, file=sys.stderr)
        return 2
    try:
        with TemporaryDirectory(prefix="hub_bench_") as folder, _database(folder):
            return _measure(options, Path(folder))
    except WorkerError as error:
        print(error, file=sys.stderr)
        return 2


def _measure(options: argparse.Namespace, folder: Path) -> int:
    from tests.benchmarks import load_people
    from tests.benchmarks.report import machine

    findings = Findings()
    with ExitStack() as stack:
        servers = {key: stack.enter_context(Server(key, QUIET)) for key in SITES}
        people = load_people.crowd(options.users, [servers["hub"], servers["cache"]])
        lines = [(one, key) for one in SCENARIOS for key in SITES]
        # What a worker loads at its first cookie, token and sign-in is not measured.
        for scenario, key in lines:
            asked = people[scenario.presented, whose(key)]
            run(servers[key].port, "/read/", asked, WARM, folder)
        for number, (scenario, key) in enumerate(lines * options.rounds):
            doomed = load_people.victims(options.ends, f"{key}{number}x", key, servers[key])
            is_cached = load_people.is_cached if key == "cache" else _always
            asked = people[scenario.presented, whose(key)]
            server, path = servers[key], scenario.path_of(key)
            run(server.port, path, asked, WARM, folder)
            drive = partial(run, server.port, path, asked, options.seconds, folder)
            load, ended = _under_load(drive, options.seconds, server, doomed, is_cached)
            findings.add(scenario, key, load, ended)
            if len(ended) != len(doomed) or not load_people.ends_stand(doomed):
                findings.problems.append(f"{SITES[key]}: not every session was ended.")
    print(f"PostgreSQL, Redis, {WORKERS} gunicorn workers, wrk with {CONNECTIONS} connections")
    print(machine())
    print(f"{options.rounds} × {options.seconds} s per line, {options.users} users\n")
    print("\n\n".join(findings.table(one) for one in SCENARIOS), end="\n\n")
    print("\n".join(findings.problems) or "Nobody was served after the end of their session.")
    return 1 if findings.problems else 0


def _under_load(
    drive: Callable[[], Load],
    seconds: float,
    server: Server,
    doomed: Sequence[Victim],
    is_cached: Callable[[Victim], bool],
) -> tuple[Load, list[Ended]]:
    """What `drive` returns after so many seconds, and what became of the sessions meanwhile."""
    ended: list[Ended] = []
    ending = threading.Timer(
        seconds / 4,
        lambda: ended.extend(end_under_load(server, doomed, seconds / 2, is_cached)),
    )
    ending.start()
    load = drive()
    ending.join()
    return load, ended


def whose(key: str) -> str:
    """Whose credentials a site takes."""
    return "plain" if key == "plain" else "hub"


def _always(victim: object) -> bool:
    return True


@contextmanager
def _database(folder: str) -> Iterator[None]:
    """A database of this run's own, in this process and in the workers. Raises WorkerError."""
    os.environ.update(
        DJANGO_SETTINGS_MODULE="tests.benchmarks.settings",
        HUB_BENCH_SUITE="load",
        # The driver has to see what the cache has.
        HUB_BENCH_VARIANT="cache",
        HUB_BENCH_DATABASE="postgresql",
        HUB_BENCH_NAME=f"hub_bench_load_{os.getpid()}",
        HUB_BENCH_FOLDER=folder,
    )
    import django

    try:
        django.setup()
        from django.db import connection

        name = connection.settings_dict["NAME"]
        connection.creation.create_test_db(verbosity=0, autoclobber=True)
    except Exception as error:
        raise WorkerError(f"No database: {error}") from error
    try:
        yield
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)


def _lacking() -> str | None:
    if shutil.which("wrk") is None:
        return "wrk was not found. It is Debian's package of that name."
    return None if redis_answers() else "No Redis answers; HUB_TEST_REDIS_URL names one."


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="4 seconds, 4 ends, 40 users")
    parser.add_argument("--seconds", type=int, metavar="N", help="per line; default: 20")
    parser.add_argument("--ends", type=int, metavar="N", help="sessions per line; default: 12")
    parser.add_argument("--users", type=int, metavar="N", help="default: 200")
    parser.add_argument("--rounds", type=int, default=1, metavar="N", help="default: 1")
    options = parser.parse_args()
    for name, usual, quick in (("seconds", 20, 4), ("ends", 12, 4), ("users", 200, 40)):
        if getattr(options, name) is None:
            setattr(options, name, quick if options.quick else usual)
    return options


if __name__ == "__main__":
    sys.exit(main())
