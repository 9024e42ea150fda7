"""Fills a PostgreSQL database with sessions as a large site would have them.

    HUB_TEST_DATABASE=postgresql HUB_TEST_NAME=hub_seed DJANGO_SETTINGS_MODULE=tests.settings \
        python tests/benchmarks/seed.py --sessions 2000000

The server makes the rows itself (`seed_sql.py`), in the order of their ids; indexes and foreign
keys are put aside meanwhile and made again. The same number gives the same rows, but for the
time. What is skewed is what lists and filters depend on: a few users have most sessions,
countries and systems follow a long tail, nearly all old sessions have ended and most new ones
have not, and some kinds (televisions, impersonations, one tenant, one network) are rare or all
of them old. Two users stand apart: one has 10,000 sessions, one has five, spread over all the
time (`heavy_user()`, `light_user()`).
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from time import perf_counter
from typing import Any

TABLES = (
    "sessions_hub_device",
    "sessions_hub_session",
    "sessions_hub_sessiondevice",
    "sessions_hub_authenticationmethod",
)


def heavy_user(users: int) -> int:
    """The key of the user with 10,000 sessions."""
    return users + 1


def light_user(users: int) -> int:
    """The key of the user with five sessions."""
    return users + 2


def fill(count: int, users: int, *, say: Callable[[str], Any] = print) -> None:
    """Write users, sessions, devices, places and proofs into empty tables; gather statistics."""
    from django.db import connection, transaction

    from tests.benchmarks import seed_sql

    started = perf_counter()

    def told(what: str) -> None:
        say(f"{perf_counter() - started:6.0f} s  {what}")

    now = datetime.now(UTC)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL maintenance_work_mem = '512MB'")
        cursor.execute("SET LOCAL synchronous_commit = off")
        cursor.execute(seed_sql.USERS, [light_user(users)])
        for function in seed_sql.functions(count, users, now):
            cursor.execute(function)
        with put_aside(cursor):
            for what, statement in seed_sql.statements(count, users):
                cursor.execute(statement)
                told(f"{cursor.rowcount} {what}")
        told("indexes and foreign keys")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT setval(pg_get_serial_sequence('auth_user', 'id'), %s)", [light_user(users)]
        )
        # Statistics, and the visibility map that autovacuum would have made by now.
        cursor.execute("VACUUM ANALYZE")
    told("vacuumed")


@contextmanager
def put_aside(cursor: Any) -> Iterator[None]:
    """Drop what every row would be checked against and entered in; make it again at the end."""
    cursor.execute(
        "SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname),"
        " format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s', conrelid::regclass, conname,"
        " pg_get_constraintdef(oid)) FROM pg_constraint"
        " WHERE contype IN ('f', 'u') AND (conrelid::regclass::text = ANY(%s)"
        " OR confrelid::regclass::text = ANY(%s)) ORDER BY contype DESC",
        [list(TABLES), list(TABLES)],
    )
    todo = cursor.fetchall()
    cursor.execute(
        "SELECT format('DROP INDEX %%s', indexrelid::regclass), pg_get_indexdef(indexrelid)"
        " FROM pg_index WHERE indrelid::regclass::text = ANY(%s) AND NOT indisprimary"
        " AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid"
        " AND contype = 'u')",
        [list(TABLES)],
    )
    todo += cursor.fetchall()
    # Foreign keys last in the making: "u" comes before "f" above.
    for drop, _make in todo:
        cursor.execute(drop)
    yield
    for _drop, make in todo:
        cursor.execute(make)


def main() -> None:
    """Read the command line, migrate the named database, and fill it."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sessions", type=int, default=2_000_000, metavar="N")
    parser.add_argument("--users", type=int, metavar="N", help="default: one for 20 sessions")
    options = parser.parse_args()

    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    fill(options.sessions, options.users or max(1, options.sessions // 20))


if __name__ == "__main__":
    main()
