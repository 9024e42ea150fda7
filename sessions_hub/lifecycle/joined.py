"""The verdict and its user in one SELECT, compiled once like the verdict's own.

The user comes out as the user model's default manager would give it, or not at
all: only managers that do nothing of their own can be joined.
"""

from __future__ import annotations

from functools import cache
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import connections, models
from django.db.models.manager import BaseManager
from django.db.models.query import ModelIterable, QuerySet

from sessions_hub.models import Session

from .verdicts import VerdictRow, converters_of, fetch_row

# What `manager.get(pk=…)` goes through. Whoever overrides one of these may decide per
# call (the rows of this tenant only), which SQL written once could not follow.
_OWN_TO_GET = (
    "__init__",
    "__iter__",
    "__len__",
    "_chain",
    "_clone",
    "_fetch_all",
    "_filter_or_exclude",
    "_filter_or_exclude_inplace",
    "aget",
    "all",
    "db",
    "filter",
    "get",
    "query",
)


def why_not_joined(alias: str) -> str:
    """Why users cannot be read along with verdicts from a database; empty where they can."""
    model: Any = get_user_model()
    if reason := _why_not_compiled(model):
        return reason
    if (users := model._default_manager.db) != alias:
        return f"users are read from the database '{users}', sessions from '{alias}'"
    return ""


@cache
def _why_not_compiled(model: Any) -> str:
    if Session._meta.get_field("user").related_model is not model:
        return f"{model._meta.label} is not the model the tables were made for"
    manager = model._default_manager
    rows = manager.get_queryset()
    changed = type(manager).get_queryset is not BaseManager.get_queryset
    for name in ("get", "aget"):
        # A manager's method made of the queryset's, not one of its own.
        method = getattr(type(manager), name)
        changed = changed or getattr(method, "__wrapped__", None) is not getattr(QuerySet, name)
    changed = changed or any(
        getattr(type(rows), name) is not getattr(QuerySet, name) for name in _OWN_TO_GET
    )
    mode = getattr(rows, "_fetch_mode", None)
    if changed or rows._iterable_class is not ModelIterable or getattr(mode, "track_peers", False):
        return f"the default manager of {model._meta.label} selects users in a way of its own"
    if _never_null(model) is None:
        return f"{model._meta.label} has no column that says whether there is such a user"
    return ""


def _never_null(model: Any) -> int | None:
    """The position of a column that is null only where a LEFT JOIN found no user."""
    for position, field in enumerate(model._meta.concrete_fields):
        # Not of a parent's table, which may have the row that the child's lacks.
        is_own = field.model is model._meta.concrete_model
        if is_own and not (field.null or field.primary_key or field.is_relation):
            return position
    return None


class Joined:
    """A compiled SELECT of columns of its own, a verdict and, if asked for, its user.

    `rows` leads to the session by `prefix` ("" where it is the session's own table).
    """

    def __init__(
        self, rows: Any, alias: str, *, lead: tuple[str, ...], prefix: str, with_user: bool
    ) -> None:
        # Where the query is made by the id, it is known already.
        verdict = VerdictRow._fields if prefix else VerdictRow._fields[1:]
        names = [*lead, *(f"{prefix}{name}" for name in verdict)]
        self.lead = len(lead)
        self.user_at = len(names)
        self.present_at = len(lead) + verdict.index("expires_at")
        self.model: Any = get_user_model()
        if with_user:
            self.attributes = [field.attname for field in self.model._meta.concrete_fields]
            names += [f"{prefix}user__{name}" for name in self.attributes]
            self.user_present_at = self.user_at + (_never_null(self.model) or 0)
            self.fetch_mode = getattr(
                self.model._default_manager.get_queryset(), "_fetch_mode", None
            )
        self.with_user = with_user
        compiler = rows.values_list(*names).query.get_compiler(alias)
        self.sql, params = compiler.as_sql()
        self.params = tuple(params)
        converters = converters_of(compiler)
        self.own_converters = [one for one in converters if one[0] < self.user_at]
        self.user_converters = [one for one in converters if one[0] >= self.user_at]

    def fetch(self, params: tuple[Any, ...], alias: str) -> list[Any] | None:
        """The first row, its own columns and the verdict's converted; None without one."""
        connection = connections[alias]
        values = fetch_row(connection, self.sql, params, alias)
        if values is None:
            return None
        row = list(values)
        for position, functions, expression in self.own_converters:
            if (value := row[position]) is not None:
                for function in functions:
                    value = function(value, expression, connection)
                row[position] = value
        return row

    def user(self, row: list[Any], alias: str) -> Any:
        """The user of a fetched row as `_default_manager.get()` returns it, or None."""
        if not self.with_user or row[self.user_present_at] is None:
            return None
        connection = connections[alias]
        for position, functions, expression in self.user_converters:
            # Of null as well: a field of the site's own may turn it into something.
            for function in functions:
                row[position] = function(row[position], expression, connection)
        user = self.model.from_db(alias, self.attributes, row[self.user_at :])
        if self.fetch_mode is not None:
            user._state.fetch_mode = self.fetch_mode
        return user


_joined: dict[tuple[str, str, Any], Joined] = {}


def fetch_with_user(session_id: UUID, alias: str) -> tuple[VerdictRow | None, Any]:
    """The verdict row of a session and its user; None for what does not exist.

    Only where `why_not_joined()` has nothing to say. Raises what `fetch_verdict()` raises.
    """
    connection = connections[alias]
    key = (alias, connection.vendor, get_user_model())
    if (joined := _joined.get(key)) is None:
        rows: models.QuerySet[Session] = Session._base_manager.using(alias)
        rows = rows.filter(pk=UUID(int=0))
        joined = _joined[key] = Joined(rows, alias, lead=(), prefix="", with_user=True)
    pk = Session._meta.pk.get_db_prep_value(session_id, connection)
    row = joined.fetch((pk,), alias)
    if row is None:
        return None, None
    return VerdictRow(session_id, *row[: joined.user_at]), joined.user(row, alias)
