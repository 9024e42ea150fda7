"""Faults of the database that whoever runs a command can mend: a line, and no traceback."""

from __future__ import annotations

import re

from django.apps import apps
from django.core.management.base import CommandError
from django.db import Error, OperationalError

from sessions_hub.lifecycle.contention import has_code

from .statuses import FAILED

MIGRATE = "Run `manage.py migrate` first."

_NO_TABLE_POSTGRESQL = frozenset({"42P01"})
_NO_TABLE_MYSQL = frozenset({1146})
# SQLite has one code for all that is wrong with a statement, and its words are always English.
_NO_TABLE_SQLITE = "no such table: "
# The server shuts down, was shut down, is starting; too many connections.
_NO_SERVER_POSTGRESQL = frozenset({"57P01", "57P02", "57P03", "53300"})
# Too many connections, access denied, no such database; cannot connect, no such host, gone, lost.
_NO_SERVER_MYSQL = frozenset({1040, 1044, 1045, 1049, 2002, 2003, 2005, 2006, 2013})
# SQLITE_CANTOPEN.
_NO_SERVER_SQLITE = frozenset({14})


def explained(error: Error) -> CommandError | None:
    """What to end with where tables or the server are not there; None for any other fault."""
    if text := no_table(error):
        return CommandError(text, returncode=FAILED)
    if _is_without_server(error):
        return CommandError(f"The database failed: {_words(error)}", returncode=FAILED)
    return None


def ended_by(error: Error, rest: str) -> CommandError:
    """What to end with where any fault has stopped the work; `rest` says how to go on."""
    text = no_table(error) or f"The database failed: {error}\n{rest}"
    return CommandError(text, returncode=FAILED)


def no_table(error: Error) -> str:
    """That `migrate` has not made a table yet, and which; empty for any other fault."""
    is_so = has_code(error, _NO_TABLE_POSTGRESQL, _NO_TABLE_MYSQL, frozenset())
    words = _words(error)
    if not is_so and not words.startswith(_NO_TABLE_SQLITE):
        return ""
    table = table_named(words)
    return f"The database has no table {table}. {MIGRATE}" if table else ""


def table_named(text: str) -> str:
    """The table of an installed model that a text names; empty where it names none."""
    tables = {
        model._meta.db_table
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed
    }
    # The last word: MariaDB says the database before it.
    return next((word for word in reversed(re.findall(r"\w+", text)) if word in tables), "")


def _is_without_server(error: Error) -> bool:
    if has_code(error, _NO_SERVER_POSTGRESQL, _NO_SERVER_MYSQL, _NO_SERVER_SQLITE):
        return True
    # What PostgreSQL itself says has an SQLSTATE. Without one it is the driver, or its pool,
    # which got no connection or lost it.
    cause = error.__cause__
    return (
        isinstance(error, OperationalError)
        and type(cause).__module__.startswith("psycopg")
        and not getattr(cause, "sqlstate", None)
        and not getattr(cause, "pgcode", None)
    )


def _words(error: Error) -> str:
    """What the server says, in a line; MariaDB's driver puts a number before it."""
    return str(error.args[-1] if error.args else error).strip().partition("\n")[0]
