"""Load on two gunicorn workers, PostgreSQL and Redis; sessions end meanwhile, and must stay so."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.benchmarks.interleave import WorkerError
from tests.benchmarks.load_check import Ended, end_under_load
from tests.benchmarks.load_server import WORKERS, Server
from tests.benchmarks.load_wrk import CONNECTIONS, Load, run
from tests.benchmarks.variants import redis_answers

# Seconds before what is measured.
WARM = 2
SITES = {"plain": "without the hub", "hub": "sessions_hub", "cache": "… with the cache"}


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is asked for, by what is presented, with the hub and without."""

    label: str
    presented: str
    path: str
    plain_path: str


SCENARIOS = (
    Scenario("a view that reads the user, token", "token", "/read/", "/read/"),
    Scenario("a view that reads the user, cookie", "cookie", "/read/", "/read/"),
    Scenario("who am I, token", "token", "/api/sessions/current/", "/who/"),
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

    environment = {"PYTHONWARNINGS": "ignore"}
    loads: dict[tuple[str, str], list[Load]] = {}
    endings: dict[tuple[str, str], list[Ended]] = {}
    problems: list[str] = []
    with ExitStack() as stack:
        servers = {key: stack.enter_context(Server(key, environment)) for key in SITES}
        people = load_people.crowd(options.users, [servers["hub"], servers["cache"]])
        for number in range(options.rounds):
            for scenario in SCENARIOS:
                for key, server in servers.items():
                    whose = "plain" if key == "plain" else "hub"
                    path = scenario.plain_path if key == "plain" else scenario.path
                    asked = people[scenario.presented, whose]
                    run(server.port, path, asked, WARM, folder)
                    ended: list[Ended] = []
                    name = f"{key}{number}{SCENARIOS.index(scenario)}x"
                    doomed = load_people.victims(options.ends, name, key, server)
                    is_cached = load_people.is_cached if key == "cache" else _always
                    ending = threading.Timer(
                        options.seconds / 4,
                        lambda s=server, d=doomed, e=ended, c=is_cached: e.extend(
                            end_under_load(s, d, options.seconds / 2, c)
                        ),
                    )
                    ending.start()
                    load = run(server.port, path, asked, options.seconds, folder)
                    ending.join()
                    loads.setdefault((scenario.label, key), []).append(load)
                    endings.setdefault((scenario.label, key), []).extend(ended)
                    where = f"{SITES[key]}, {scenario.label}"
                    if load.failed:
                        problems.append(f"{where}: {load.failed} requests failed.")
                    if len(ended) != len(doomed) or not load_people.ends_stand(doomed):
                        problems.append(f"{where}: not every session was ended.")
                    problems += [f"{where}: {text}" for one in ended for text in one.problems]
    print(f"PostgreSQL, Redis, {WORKERS} gunicorn workers, wrk with {CONNECTIONS} connections")
    print(machine())
    print(f"{options.rounds} × {options.seconds} s per line, {options.users} users\n")
    for scenario in SCENARIOS:
        print(_table(scenario, loads, endings), end="\n\n")
    print("\n".join(problems) or "Nobody was served after the end of their session.")
    return 1 if problems else 0


def _always(victim: object) -> bool:
    return True


def _table(
    scenario: Scenario,
    loads: dict[tuple[str, str], list[Load]],
    endings: dict[tuple[str, str], list[Ended]],
) -> str:
    head = (scenario.label, "requests/s", "÷ without", "p50 ms", "p99 ms", "ended")
    lines = [(*head, "served before", "refused after", "by workers", "served after")]
    base = median(load.per_second for load in loads[scenario.label, "plain"])
    for key, label in SITES.items():
        mine, ended = loads[scenario.label, key], endings[scenario.label, key]
        speed = median(load.per_second for load in mine)
        said = [""] * 5
        if ended:
            refused = [one.refused for one in ended]
            counts = (
                len(ended),
                sum(sum(one.before.values()) for one in ended),
                sum(sum(one.values()) for one in refused),
                # The fewest that had to do with any one of them.
                min(map(len, refused)),
                sum(sum(one.served.values()) for one in ended),
            )
            said = [str(count) for count in counts]
        lines.append(
            (
                label,
                f"{speed:.0f}",
                f"×{speed / base:.2f}",
                f"{median(load.p50 for load in mine):.1f}",
                f"{median(load.p99 for load in mine):.1f}",
                *said,
            )
        )
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    text = [
        "| "
        + " | ".join(
            f"{cell:<{width}}" if not i else f"{cell:>{width}}"
            for i, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        + " |"
        for line in lines
    ]
    text.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(text)


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
