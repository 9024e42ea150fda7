"""Tables or a database that are not there are said in a line; no other fault is taken for that."""

from __future__ import annotations

from contextlib import contextmanager

import pytest
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session as DjangoSession
from django.core.management import call_command
from django.db import DatabaseError, OperationalError, ProgrammingError, connection

from sessions_hub.lifecycle.guard import database
from sessions_hub.management.faults import explained
from sessions_hub.models import AuthenticationMethod, Session
from tests.credentials.keys import FIRST
from tests.lifecycle.faults import missing, reached_by

from .importing import signed_in, store

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

COMMANDS = [
    ("listsessions",),
    ("listsessions", "--format=csv"),
    ("endsessions", "--all", "--yes"),
    ("sessionstats",),
    ("prunesessions",),
    ("prunesessions", "--dry-run"),
    ("anonymizesessions",),
    ("anonymizesessions", "--user=ada", "--yes"),
    ("importsessions",),
    ("exportsessions", "--user=ada"),
    ("reparsesessions",),
]


def without(model: type) -> str:
    return f"The database has no table {model._meta.db_table}. Run `manage.py migrate` first."


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_a_table_that_is_not_migrated_is_named(arguments, user, stopped):
    store(signed_in(user("ada")))
    with missing(Session._meta.db_table):
        error = stopped(*arguments)
    assert (error.status, error.message) == (1, without(Session))


def test_so_is_one_of_the_proofs(stopped, settings):
    settings.SESSIONS_HUB_ENCRYPTION_KEYS = [FIRST]
    with missing(AuthenticationMethod._meta.db_table):
        error = stopped("rotatesessionkeys")
    assert (error.status, error.message) == (1, without(AuthenticationMethod))


@pytest.mark.skipif(database() != "default", reason="it is in the other database")
def test_so_is_one_that_is_imported(stopped):
    with missing(DjangoSession._meta.db_table):
        error = stopped("importsessions")
    assert (error.status, error.message) == (
        1,
        "The database “default” has no table django_session. Run `manage.py migrate` first.",
    )


def test_so_is_one_of_the_users(stopped):
    model = get_user_model()
    with missing(model._meta.db_table):
        error = stopped("exportsessions", "--user=ada")
    assert error.message == without(model)


def test_sessionshealth_ends_with_its_own_status():
    with missing(Session._meta.db_table), pytest.raises(SystemExit) as ended:
        call_command("sessionshealth", "--only=database")
    assert ended.value.code == 2


@contextmanager
def nowhere(tmp_path):
    """The hub's database at a place where none is."""
    changes = {
        "sqlite": {"NAME": str(tmp_path / "no" / "such.sqlite3")},
        # Nobody listens on tcpmux.
        "postgresql": {"HOST": "127.0.0.1", "PORT": "1"},
        "mysql": {"HOST": str(tmp_path / "no.sock")},
    }
    with reached_by(database(), **changes[connection.vendor]):
        yield


@pytest.mark.parametrize(
    "arguments", [*COMMANDS[:6], ("exportsessions", "--user=ada")], ids=" ".join
)
def test_a_database_that_is_not_there_is_told_in_a_line(arguments, stopped, tmp_path):
    with nowhere(tmp_path):
        error = stopped(*arguments)
    assert error.status == 1
    assert error.message.startswith("The database failed: ")
    assert "\n" not in error.message


@pytest.mark.parametrize("error", [DatabaseError("gone away"), OperationalError("disk full")])
def test_any_other_fault_stays_what_it_is(error, run, monkeypatch):
    def broken(*args, **options):
        raise error

    monkeypatch.setattr("sessions_hub.management.commands.sessionstats.statistics", broken)
    with pytest.raises(type(error), match=str(error)):
        run("sessionstats")


class Raised(Exception):
    """An error of a driver."""


class OfPsycopg(Exception):
    """One of PostgreSQL's driver."""

    sqlstate: str | None = None


OfPsycopg.__module__ = "psycopg.errors"

TABLE = Session._meta.db_table
OF_HUB = f'relation "{TABLE}" does not exist\nLINE 1: SELECT'


@pytest.mark.parametrize(
    ("kind", "args", "cause", "values", "expected"),
    [
        (ProgrammingError, (OF_HUB,), OfPsycopg, {"sqlstate": "42P01"}, without(Session)),
        # In whatever language it speaks.
        (
            ProgrammingError,
            (f"Relation »{TABLE}« existiert nicht",),
            OfPsycopg,
            {"pgcode": "42P01"},
            without(Session),
        ),
        (
            ProgrammingError,
            (1146, f"Table 'x.{TABLE}' doesn't exist"),
            Raised,
            {},
            without(Session),
        ),
        (
            OperationalError,
            (f"no such table: {TABLE}",),
            Raised,
            {"sqlite_errorcode": 1},
            without(Session),
        ),
        # `migrate` makes no such table.
        (
            ProgrammingError,
            ('relation "other" does not exist',),
            OfPsycopg,
            {"sqlstate": "42P01"},
            None,
        ),
        (ProgrammingError, ("syntax error",), OfPsycopg, {"sqlstate": "42601"}, None),
        (OperationalError, (f"no such column: {TABLE}.x",), Raised, {"sqlite_errorcode": 1}, None),
        (ProgrammingError, (1064, f"syntax error near {TABLE}"), Raised, {}, None),
        (
            OperationalError,
            ("connection failed: refused\n\tIs it running?",),
            OfPsycopg,
            {},
            "The database failed: connection failed: refused",
        ),
        (
            OperationalError,
            ("terminating connection",),
            OfPsycopg,
            {"sqlstate": "57P01"},
            "The database failed: terminating connection",
        ),
        (
            OperationalError,
            (2002, "Can't connect"),
            Raised,
            {},
            "The database failed: Can't connect",
        ),
        (
            OperationalError,
            ("unable to open database file",),
            Raised,
            {"sqlite_errorcode": 14},
            "The database failed: unable to open database file",
        ),
        # A lock, a statement that took too long, a full disk, a programme's own fault.
        (OperationalError, ("…",), OfPsycopg, {"sqlstate": "55P03"}, None),
        (OperationalError, ("…",), OfPsycopg, {"sqlstate": "57014"}, None),
        (OperationalError, (1205, "…"), Raised, {}, None),
        (OperationalError, ("…",), Raised, {"sqlite_errorcode": 13}, None),
        (ProgrammingError, ("the query has 0 placeholders",), OfPsycopg, {}, None),
        (OperationalError, (), Raised, {}, None),
    ],
)
def test_what_is_not_there_is_told_from_any_other_fault(kind, args, cause, values, expected):
    error = kind(*args)
    error.__cause__ = cause()
    vars(error.__cause__).update(values)
    told = explained(error)
    assert (told and str(told)) == expected
