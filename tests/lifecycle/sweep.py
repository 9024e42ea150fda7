"""Failing the n-th statement that the hub causes, whichever it is."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

from django.db import DatabaseError, IntegrityError, OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

import sessions_hub

HUB = str(Path(sessions_hub.__file__).parent)
# These are below every statement of the view.
AROUND_THE_VIEW = {
    f"{name}.{call}"
    for name in ("SessionsHubMiddleware", "ClientHintsMiddleware")
    for call in ("__call__", "__acall__")
}


def refuse(connection: BaseDatabaseWrapper, error: type[DatabaseError]) -> None:
    """The server refuses a statement, and with it what was done in the transaction."""
    if connection.vendor == "postgresql" and connection.in_atomic_block:
        with suppress(Exception), connection.connection.cursor() as cursor:
            cursor.execute("SELECT 1 / 0")
    raise error("refused by the test")


def cut(connection: BaseDatabaseWrapper) -> None:
    """The server is gone, and with it the connection."""
    with suppress(Exception):
        connection.connection.close()
    raise OperationalError("cut off by the test")


FAULTS: dict[str, Callable[[BaseDatabaseWrapper], None]] = {
    "operational": lambda connection: refuse(connection, OperationalError),
    # Constraints are checked by what writes, and some of them by the COMMIT alone.
    "integrity": lambda connection: refuse(connection, IntegrityError),
    "cut": cut,
}
WRITES = ("INSERT", "UPDATE", "DELETE", "COMMIT")


def hub_functions() -> list[str]:
    """`module.function` of the hub's frames on the stack, the innermost first."""
    names = []
    frame: Any = sys._getframe(1)
    while frame is not None:
        code = frame.f_code
        if code.co_filename.startswith(HUB) and code.co_qualname not in AROUND_THE_VIEW:
            names.append(f"{frame.f_globals['__name__']}.{code.co_qualname}")
        frame = frame.f_back
    return names


@dataclass
class Sweep:
    """What the hub's statements were; the one that failed, and who had asked for it."""

    fail_at: int | None
    fault: str
    statements: list[str] = field(default_factory=list)
    asked_by: list[str] = field(default_factory=list)
    # A SAVEPOINT that the server refuses takes the transaction around it along.
    lost_the_transaction: bool = False

    @property
    def failed(self) -> bool:
        return bool(self.asked_by)

    def __str__(self) -> str:
        assert self.fail_at is not None
        asked = " < ".join(name.removeprefix("sessions_hub.") for name in self.asked_by[:6])
        return f"{self.fail_at}. {self.statements[self.fail_at - 1][:70]} ({asked})"

    def meet(self, connection: BaseDatabaseWrapper, sql: str) -> None:
        functions = hub_functions()
        if not functions or (self.fault == "integrity" and not sql.startswith(WRITES)):
            return
        self.statements.append(sql)
        if len(self.statements) == self.fail_at:
            self.asked_by = functions
            self.lost_the_transaction = sql.startswith("SAVEPOINT")
            FAULTS[self.fault](connection)


@contextmanager
def failing(n: int | None, fault: str = "operational") -> Iterator[Sweep]:
    """Fail the n-th statement (COMMITs count) that the hub causes inside the block.

    From below everything else that looks at statements, as a server does.
    """
    sweep = Sweep(n, fault)

    def watched(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(self: Any, sql: Any, *args: Any) -> Any:
            sweep.meet(self.db, str(sql))
            return real(self, sql, *args)

        return call

    real_commit = BaseDatabaseWrapper._commit

    def commit(self: BaseDatabaseWrapper) -> None:
        sweep.meet(self, "COMMIT")
        real_commit(self)

    with ExitStack() as stack:
        for name in ("_execute", "_executemany"):
            real = getattr(CursorWrapper, name)
            stack.enter_context(mock.patch.object(CursorWrapper, name, watched(real)))
        stack.enter_context(mock.patch.object(BaseDatabaseWrapper, "_commit", commit))
        yield sweep
    for alias in connections:
        if connections[alias].connection is not None and not connections[alias].is_usable():
            connections[alias].close()
