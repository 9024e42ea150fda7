"""One site of prune.py: its database, its writers, its prune, and the locks they wait for."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from tempfile import TemporaryDirectory
from typing import Any

from tests.benchmarks.admin import stall
from tests.benchmarks.interleave import ROOT, WorkerError
from tests.benchmarks.variants import POSTGRESQL_DSN

WRITERS = 4
# Of one writer, in seconds: five writes each.
INTERVAL = 0.2
STALLS = 60
# How the writers' connections are called.
APPLICATION = "hub_bench_writer"
_LONGEST_WAIT = (
    "SELECT max(extract(epoch FROM clock_timestamp() - l.waitstart)) * 1000 FROM pg_locks l"
    " JOIN pg_stat_activity a USING (pid) WHERE NOT l.granted"
    f" AND a.application_name = '{APPLICATION}'"
)


@dataclass(frozen=True)
class Site:
    """A site, what prunes it, and how its kinds of writes are called."""

    key: str
    label: str
    command: str
    kinds: Mapping[str, str]


@dataclass
class Measured:
    """What came of one site. Writes are (kind, begin, seconds)."""

    due: int
    live: int
    server: str
    writes: list[tuple[str, float, float]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    # When the prune began and ended, by the clock of the writes.
    began: float = 0.0
    ended: float = 0.0
    # What was due and is still there.
    left: int = 0
    longest_lock_ms: float = 0.0
    stalls: list[float] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        return self.ended - self.began

    def alone(self, kind: str) -> list[float]:
        """Milliseconds of the writes before and after."""
        return [
            1000 * took
            for one, begin, took in self.writes
            if one == kind and (begin + took < self.began or begin > self.ended)
        ]

    def meanwhile(self, kind: str) -> list[float]:
        """Milliseconds of the writes of which any part lay within the prune."""
        return [
            1000 * took
            for one, begin, took in self.writes
            if one == kind and begin <= self.ended and begin + took >= self.began
        ]

    def as_data(self) -> dict[str, Any]:
        """As JSON holds it."""
        return asdict(self) | {"seconds": self.seconds}


def measure(site: Site, rows: int, seconds: float, copied: str | None) -> Measured:
    """Fill a database of that site, write to it, prune it, and write on.

    `copied` is a database that seed.py has filled. Raises WorkerError.
    """
    with ExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory(prefix="hub_bench_"))
        name = f"hub_bench_prune_{site.key}_{os.getpid()}"
        environment = _environment(site, name, folder)
        connection = stack.enter_context(_database(name, copied))
        filled = ["--filled"] if copied else []
        arguments = ["-m", "tests.benchmarks.prune_fill", str(rows), *filled]
        counts = json.loads(_ran(arguments, environment))
        server = f"PostgreSQL {connection.info.parameter_status('server_version').split()[0]}"
        found = Measured(counts["due"], counts["live"], server)
        found.stalls += _stalls()
        with _writers(environment, found):
            time.sleep(seconds / 2)
            with _lock_watch(name, found):
                found.began = time.monotonic()
                print(_ran(["-m", "django", site.command], environment), file=sys.stderr)
                found.ended = time.monotonic()
            time.sleep(seconds / 2)
        found.stalls += _stalls()
        # What has become due since is the next run's.
        again = ["-m", "tests.benchmarks.prune_fill", "--due-at", counts["at"]]
        found.left = json.loads(_ran(again, environment))["due"]
    return found


def _environment(site: Site, name: str, folder: str) -> dict[str, str]:
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.benchmarks.settings",
        "HUB_BENCH_SUITE": "requests",
        "HUB_BENCH_VARIANT": site.key,
        "HUB_BENCH_DATABASE": "postgresql",
        "HUB_BENCH_NAME": name,
        "HUB_BENCH_FOLDER": folder,
        "PYTHONPATH": str(ROOT),
    }


@contextmanager
def _database(name: str, copied: str | None) -> Iterator[Any]:
    """A new database, empty or a copy; a connection to it. Dropped at the end."""
    try:
        import psycopg

        server = psycopg.connect(POSTGRESQL_DSN, dbname="postgres", autocommit=True)
    except (ImportError, OSError, psycopg.Error) as error:
        raise WorkerError(f"No PostgreSQL at {POSTGRESQL_DSN}: {error}") from error
    with server:
        template = f' TEMPLATE "{copied}"' if copied else ""
        try:
            server.execute(f'CREATE DATABASE "{name}"{template}')
        except psycopg.Error as error:
            raise WorkerError(f"No database: {error}") from error
        try:
            with psycopg.connect(POSTGRESQL_DSN, dbname=name, autocommit=True) as connection:
                yield connection
        finally:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def _ran(arguments: Sequence[str], environment: Mapping[str, str]) -> str:
    """What a process printed. Raises WorkerError where it failed."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        raise WorkerError(f"{' '.join(arguments)} ended with {done.returncode}, see above.")
    return done.stdout.strip()


@contextmanager
def _writers(environment: Mapping[str, str], found: Measured) -> Iterator[None]:
    """The writers at work; at the end their writes are in `found`."""
    writers = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.prune_writer", str(number), str(INTERVAL)],
            cwd=ROOT,
            env={**environment, "PGAPPNAME": APPLICATION},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(WRITERS)
    ]
    try:
        for writer in writers:
            assert writer.stdout is not None
            if writer.stdout.readline().strip() != "ready":
                raise WorkerError("A writer died, see above.")
        yield
        for writer in writers:
            answer, _errors = writer.communicate()
            if writer.returncode:
                raise WorkerError("A writer died, see above.")
            data = json.loads(answer)
            found.writes += [tuple(write) for write in data["writes"]]
            found.problems += data["problems"]
    finally:
        for writer in writers:
            writer.kill()
            writer.wait()


@contextmanager
def _lock_watch(name: str, found: Measured) -> Iterator[None]:
    """Looks again and again which writer waits for a lock, and since when."""
    import psycopg

    done = threading.Event()

    def watch() -> None:
        with psycopg.connect(POSTGRESQL_DSN, dbname=name, autocommit=True) as connection:
            while not done.wait(0.01):
                (wait,) = connection.execute(_LONGEST_WAIT).fetchone() or (None,)
                found.longest_lock_ms = max(found.longest_lock_ms, float(wait or 0))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()


def _stalls() -> list[float]:
    stalls = []
    for _ in range(STALLS):
        stalls.append(stall())
        time.sleep(0.05)
    return stalls
