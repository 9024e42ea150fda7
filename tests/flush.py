"""Empties the database after a test with transactions of its own, without filling it anew.

Django empties every table and then lets each app make its rows again, all permissions and
content types: more than a quarter of the time of a whole run. Rows that are still as the
apps made them are left alone here; where a test has changed one, all is done as Django does.

PostgreSQL's TRUNCATE of all tables took longer than the tests it cleaned up after: there it
is DELETE.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.management import sql
from django.core.management.commands import flush
from django.db import connections


class QuickFlush:
    """What `flush` calls; keeps by database which rows the apps had made."""

    def __init__(self) -> None:
        self.made: dict[str, dict[str, list[tuple[Any, ...]]]] = {}
        self.is_whole = True

    def statements(
        self,
        style: Any,
        connection: Any,
        reset_sequences: bool = True,
        allow_cascade: bool = False,
    ) -> list[str]:
        """The SQL that empties the tables, without those that are as they were made."""
        whole = reset_sequences or allow_cascade
        tables = _tables(connection)
        made = {} if whole else self.made.get(connection.alias, {})
        self.is_whole = not made or any(
            table not in tables or _rows(connection, table) != rows for table, rows in made.items()
        )
        if not self.is_whole:
            tables = [table for table in tables if table not in made]
        if whole or connection.vendor != "postgresql":
            return list(
                connection.ops.sql_flush(
                    style, tables, reset_sequences=reset_sequences, allow_cascade=allow_cascade
                )
            )
        # In one transaction, with constraints that are checked at its end: in any order.
        return [f"DELETE FROM {connection.ops.quote_name(table)};" for table in tables]

    def fill(self, verbosity: int, interactive: bool, database: str) -> None:
        """Let the apps make their rows, where those were emptied too."""
        if not self.is_whole:
            return
        sql.emit_post_migrate_signal(verbosity, interactive, database)
        connection = connections[database]
        found = {table: _rows(connection, table) for table in _tables(connection)}
        self.made[database] = {table: rows for table, rows in found.items() if rows}


@contextmanager
def quick_flush() -> Iterator[QuickFlush]:
    """Every `flush` of the run is one of these."""
    quick = QuickFlush()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flush, "sql_flush", quick.statements)
        patch.setattr(flush, "emit_post_migrate_signal", quick.fill)
        yield quick


def _tables(connection: Any) -> list[str]:
    names = connection.introspection.django_table_names(only_existing=True, include_views=False)
    return list(names)


def _rows(connection: Any, table: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)} ORDER BY 1")
        return list(cursor.fetchall())
