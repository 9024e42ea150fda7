"""Many workers, and servers that fail: sessions that ended stay so, and no other is lost.

Gunicorn and uvicorn, with and without the cache of verdicts, over a PostgreSQL and a Redis of
this run's own. While people sign in, use their sessions and end them, Redis hangs, Redis is
restarted, and PostgreSQL is stopped and started. Exit status 1 where a zero is not zero.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.benchmarks import variants
from tests.benchmarks.fleet_client import Client
from tests.benchmarks.fleet_ledger import Ledger, Outages
from tests.benchmarks.fleet_server import KINDS, Fleet
from tests.benchmarks.fleet_services import Postgres, Redis
from tests.benchmarks.interleave import WorkerError
from tests.benchmarks.lines import table

SITES = {"hub": "cache off", "cache": "cache on"}
# So many requests at once: loopback, one machine, and it has other things to do.
AT_ONCE = 24
HEAD = (
    *("sessions", "requests", "per s", "p50 ms", "p99 ms", "sign-in p50", "end p50", "5xx"),
    *("refused after", "served in TTL", "served after", "lost", "revived", "needless 5xx"),
)


def main() -> int:
    options = _options()
    # A run that is stopped takes its servers along.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        with _services() as (folder, postgres, redis):
            return _measure(options, folder, postgres, redis)
    except WorkerError as error:
        print(error, file=sys.stderr)
        return 2


def _measure(options: argparse.Namespace, folder: Path, postgres: Postgres, redis: Redis) -> int:
    from tests.benchmarks.report import machine

    rows, told, problems = [], [], []
    for kind in options.servers:
        for site, label in SITES.items():
            name = f"{kind} × {options.workers}, {label}"
            print(f"{name} …", file=sys.stderr, flush=True)
            ledger, seconds = _run(options, kind, site, folder, postgres, redis)
            rows.append((name, *_line(ledger, seconds)))
            told.append(_record(name, ledger, seconds))
            wrong = [*ledger.problems, *(f"{n} {what}" for what, n in ledger.zeros().items() if n)]
            problems += [f"{name}: {text}" for text in wrong]
            if wrong:
                # What the workers had to say goes with the folder.
                print(_log_of(folder, kind, site), file=sys.stderr)
    print(f"\n{machine()}")
    print(
        f"{options.people} people in {options.seconds} s per line, at most {AT_ONCE} requests "
        "at once; Redis hangs and restarts, PostgreSQL stops and starts in each\n"
    )
    print(table([("", *HEAD), *rows]), end="\n\n")
    print("\n".join(problems) or "Nobody was served after the end of their session, none was lost.")
    if options.json:
        Path(options.json).write_text(json.dumps({"machine": machine(), "runs": told}, indent=2))
    return 1 if problems else 0


def _run(
    options: argparse.Namespace,
    kind: str,
    site: str,
    folder: Path,
    postgres: Postgres,
    redis: Redis,
) -> tuple[Ledger, float]:
    from django.db import connection

    from tests.benchmarks.fleet_people import Crowd, is_cached
    from tests.benchmarks.jobs import add_users

    names = [f"{kind}{site}{number}" for number in range(options.people)]
    add_users(*names)
    # The next one is made anew: PostgreSQL is going to be stopped.
    connection.close()
    outages = Outages()
    with Fleet(kind, site, options.workers, folder, {"PYTHONWARNINGS": "ignore"}) as fleet:
        client = Client(fleet.port, AT_ONCE)
        ledger = Ledger(outages)
        has_copy = is_cached if site == "cache" else None
        crowd = Crowd(client, ledger, names, has_copy, "/awho/" if kind == "uvicorn" else "/who/")

        async def everything() -> None:
            breaking = asyncio.create_task(_break(options.seconds, outages, postgres, redis))
            try:
                await crowd.live(options.seconds)
                await breaking
            finally:
                breaking.cancel()
            await asyncio.sleep(1)
            await crowd.sweep()

        began = time.monotonic()
        asyncio.run(everything())
        seconds = time.monotonic() - began
    ledger.close(options.workers, needs_copies=site == "cache")
    return ledger, seconds


async def _break(seconds: float, outages: Outages, postgres: Postgres, redis: Redis) -> None:
    """Redis hangs, Redis forgets everything, PostgreSQL is away: each while people are there."""
    hang = min(2.0, seconds / 10)
    await asyncio.sleep(seconds * 0.2)
    await _off(lambda: redis.pause(hang))
    await asyncio.sleep(seconds * 0.2)
    await _off(redis.stop)
    await asyncio.sleep(hang)
    await _off(redis.start)
    await asyncio.sleep(seconds * 0.15)
    began = time.time()
    await _off(postgres.stop)
    await asyncio.sleep(2 * hang)
    await _off(postgres.start)
    outages.add(began, time.time())


def _log_of(folder: Path, kind: str, site: str) -> str:
    """What a server has written: each line once, and without the frames of tracebacks."""
    lines = (folder / f"{kind}_{site}.log").read_text(errors="replace").splitlines()
    told = dict.fromkeys(line for line in lines if line and not line.startswith((" ", "\t")))
    return "\n".join(told)[:6000]


async def _off(work: Callable[[], None]) -> None:
    """In a thread: the requests go on meanwhile."""
    await asyncio.to_thread(work)


def _line(ledger: Ledger, seconds: float) -> tuple[str, ...]:
    uses = ledger.milliseconds("use")
    counts = ledger.counts
    return (
        *(str(counts[name]) for name in ("sessions", "requests")),
        f"{counts['requests'] / seconds:.0f}",
        *(f"{value:.1f}" for value in uses),
        *(f"{ledger.milliseconds(kind)[0]:.1f}" for kind in ("sign-in", "end")),
        str(counts["refused for a fault"]),
        str(counts["refused after"]),
        str(counts["served within the TTL"]),
        *(str(value) for value in ledger.zeros().values()),
    )


def _record(name: str, ledger: Ledger, seconds: float) -> dict[str, Any]:
    milliseconds = {
        kind: dict(zip(("p50", "p99"), ledger.milliseconds(kind), strict=True))
        for kind in ledger.times
    }
    return {
        "name": name,
        "seconds": round(seconds, 1),
        "counts": dict(ledger.counts),
        "zeros": ledger.zeros(),
        "milliseconds": milliseconds,
        "workers": len(ledger.workers),
        "problems": ledger.problems,
    }


@contextmanager
def _services() -> Iterator[tuple[Path, Postgres, Redis]]:
    """Servers of this run's own, and a database with the tables. Raises WorkerError."""
    # Under /tmp by name: the path of a PostgreSQL socket may have 107 characters.
    folder = Path(mkdtemp(prefix="hub_fleet_", dir="/tmp"))
    folder.chmod(0o711)
    postgres = redis = None
    try:
        postgres, redis = Postgres(folder), Redis(folder)
        postgres.start()
        redis.start()
        os.environ.update(
            DJANGO_SETTINGS_MODULE="tests.benchmarks.settings",
            HUB_BENCH_SUITE="fleet",
            # The driver has to see what the cache has.
            HUB_BENCH_VARIANT="cache",
            HUB_BENCH_DATABASE="postgresql",
            HUB_BENCH_NAME="hub_fleet",
            HUB_BENCH_FOLDER=str(folder),
            HUB_TEST_PG_DSN=postgres.dsn,
            HUB_TEST_REDIS_URL=redis.url,
        )
        # Read when the module was imported, before there were any.
        variants.POSTGRESQL_DSN, variants.REDIS_URL = postgres.dsn, redis.url
        _make_tables()
        yield folder, postgres, redis
    finally:
        for service in (postgres, redis):
            if service is not None:
                service.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _make_tables() -> None:
    import django

    django.setup()
    from django.db import connection

    connection.creation.create_test_db(verbosity=0, autoclobber=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="40 people in 12 seconds per line")
    parser.add_argument("--people", type=int, metavar="N", help="per line; default: 400")
    parser.add_argument("--seconds", type=int, metavar="N", help="per line; default: 40")
    parser.add_argument("--workers", type=int, default=3, metavar="N", help="default: 3")
    parser.add_argument(
        "--servers", nargs="+", choices=KINDS, default=list(KINDS), help="default: both"
    )
    parser.add_argument("--json", metavar="FILE", help="all numbers")
    options = parser.parse_args()
    for name, usual, quick in (("people", 400, 40), ("seconds", 40, 12)):
        if getattr(options, name) is None:
            setattr(options, name, quick if options.quick else usual)
    return options


if __name__ == "__main__":
    sys.exit(main())
