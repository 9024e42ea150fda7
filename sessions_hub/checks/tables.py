"""Checks of the tables, run where a database is named: `migrate`, `check --database`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Warning
from django.db import Error as DatabaseFault
from django.db import connections
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Model

from sessions_hub.lifecycle.guard import bounded_write, database
from sessions_hub.models import (
    AuthenticationMethod,
    Device,
    FailedSignIns,
    Session,
    SessionDevice,
    SessionToken,
)

from .values import Apps


def check_tables(
    app_configs: Apps = None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """The tables can be read; run by `check --database`."""
    alias = database()
    if not databases or alias not in databases:
        return []
    models = (Session, Device, SessionDevice, AuthenticationMethod, SessionToken)
    problems = [(model, problem) for model in models if (problem := _problem(model, alias))]
    if problems and not _is_migrated(alias):
        # A warning: `migrate` itself runs this check first.
        return [
            Warning(
                f"The tables of sessions_hub are not on the database '{alias}' yet.",
                hint="Run `migrate sessions_hub` before the middleware goes live: without its "
                "tables every sign-in answers 503.",
                id="sessions_hub.W051",
            )
        ]
    messages: list[CheckMessage] = [
        Error(
            f"The table {model._meta.db_table} cannot be read: {problem}",
            hint="Look for a lock on it, or restore it. Until then every sign-in answers 503.",
            id="sessions_hub.E050",
        )
        for model, problem in problems
    ]
    if problem := _problem(FailedSignIns, alias):
        messages.append(
            Warning(
                f"The table {FailedSignIns._meta.db_table} cannot be read: {problem}",
                hint="Run `migrate sessions_hub`. Until then failed sign-ins are not counted, and "
                "the admin's overview and `sessionstats` fail.",
                id="sessions_hub.W052",
            )
        )
    return messages


def _is_migrated(alias: str) -> bool:
    applied = MigrationRecorder(connections[alias]).applied_migrations()
    return any(app == "sessions_hub" for app, _name in applied)


def _problem(model: type[Model], alias: str) -> str:
    try:
        with bounded_write(alias):
            model._base_manager.using(alias).order_by().values_list("pk").first()
    except DatabaseFault as error:
        return str(error).strip()
    return ""
