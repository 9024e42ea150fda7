"""Which operations of a migration stop a site with millions of rows, or its older processes.

A table that the same migration makes is empty: anything may be done to it. To all others the
rules below apply, on PostgreSQL first: no lock that waits for a scan, no rewrite of a table, and
nothing that processes of the release before cannot live with while they still run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.contrib.postgres import operations as postgres
from django.db import migrations, models
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.models.functions import Now

# Of the database's row format: a longer text needs a second byte for its length (MariaDB).
_SHORT = 63
MOST_IN_A_BATCH = 5_000
_HARMLESS = (
    migrations.CreateModel,
    migrations.AlterModelOptions,
    migrations.AlterModelManagers,
    migrations.AlterModelTableComment,
    migrations.RemoveIndex,
    migrations.RenameIndex,
    migrations.RemoveConstraint,
)


def complaints(migration: migrations.Migration, state: ProjectState) -> Iterator[tuple[str, str]]:
    """What each operation is called, and why it is refused; `state` is that before."""
    state = state.clone()
    made: set[str] = set()
    for operation in _flat(migration.operations):
        if isinstance(operation, migrations.CreateModel):
            made.add(operation.name_lower)
        name = str(getattr(operation, "model_name", "")).lower()
        why = None if name in made else _why_not(operation, migration, state)
        if why:
            yield _title(operation), why
        operation.state_forwards(migration.app_label, state)


def _flat(operations: Any) -> Iterator[Operation]:
    for operation in operations:
        if isinstance(operation, migrations.SeparateDatabaseAndState):
            for inner in operation.database_operations:
                yield _OnDatabase(inner) if isinstance(inner, migrations.RemoveField) else inner
            for inner in operation.state_operations:
                yield _OnState(inner)
        else:
            yield operation


class _OnState(Operation):
    """An operation that the database does not see."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    def state_forwards(self, app_label: str, state: Any) -> None:
        self.inner.state_forwards(app_label, state)


class _OnDatabase(_OnState):
    """The removal of a column that no release reads any more."""

    def state_forwards(self, app_label: str, state: Any) -> None:
        """The state has forgotten the field before."""


def _title(operation: Operation) -> str:
    parts = ("model_name", "name", "old_name")
    named = [str(getattr(operation, part)) for part in parts if getattr(operation, part, None)]
    code = getattr(operation, "code", None)
    named += [code.__name__] if callable(code) else []
    return " ".join([type(operation).__name__, *named])


def _why_not(
    operation: Operation, migration: migrations.Migration, state: ProjectState
) -> str | None:
    if isinstance(operation, _HARMLESS) or type(operation) in (_OnState, _OnDatabase):
        return None
    for kind, rule in _RULES.items():
        if isinstance(operation, kind):
            return rule(operation, migration, state)
    return "Nobody has said whether this is safe: write a rule for it."


def _index(operation: Any, migration: Any, _state: Any) -> str | None:
    if not isinstance(operation, postgres.AddIndexConcurrently):
        return "Writes wait until the index is built: CREATE INDEX CONCURRENTLY (PostgreSQL)."
    return _everywhere(operation, postgres.AddIndexConcurrently) or _outside(migration)


def _constraint(operation: Any, _migration: Any, _state: Any) -> str | None:
    if isinstance(operation, postgres.AddConstraintNotValid):
        return _everywhere(operation, postgres.AddConstraintNotValid)
    if isinstance(operation.constraint, models.UniqueConstraint):
        return "Writes wait for its index: build that CONCURRENTLY, then ADD … USING INDEX."
    return "All rows are read under the lock: add it NOT VALID, validate it in a later migration."


def _validation(operation: Any, migration: Any, _state: Any) -> str | None:
    added = [
        one for one in migration.operations
        if isinstance(one, postgres.AddConstraintNotValid)
        and one.constraint.name == operation.name
    ]  # fmt: skip
    if added:
        return "The lock of NOT VALID would last through the reading: another migration."
    return _everywhere(operation, postgres.ValidateConstraint)


def _everywhere(operation: Any, kind: type) -> str | None:
    if type(operation) is kind:
        return "Other databases than PostgreSQL cannot do this: use a subclass that falls back."
    return None


def _outside(migration: Any) -> str | None:
    return "CONCURRENTLY runs in no transaction: set atomic = False." if migration.atomic else None


def _added_field(operation: Any, _migration: Any, _state: Any) -> str | None:
    field = operation.field
    if isinstance(field, models.ManyToManyField):
        return None
    if isinstance(field, models.GeneratedField):
        return "The table is rewritten to work the values out."
    if field.unique or field.db_index:
        return "Writes wait until its index is built: add the column bare, the index after it."
    if field.is_relation and field.db_constraint:
        return "The table it points to is locked, and all rows are read: db_constraint=False first."
    if field.db_default is not models.NOT_PROVIDED:
        if not _is_constant(field.db_default):
            return "A default that differs from row to row rewrites the table."
        return None
    if field.has_default() and callable(field.default):
        return "All old rows would get one value: add it null, and fill it in batches."
    if not field.null:
        return "Older processes leave it out of their INSERTs, which fail: give it a db_default."
    return None


def _is_constant(default: Any) -> bool:
    # Now() is one moment in all of a statement; whatever else computes is not known.
    return isinstance(default, models.Value | Now) or not hasattr(default, "resolve_expression")


def _altered_field(operation: Any, migration: Any, state: ProjectState) -> str | None:
    model = state.models[migration.app_label, operation.model_name_lower]
    old, new = model.get_field(operation.name), operation.field
    if type(old) is not type(new):
        return "Another type rewrites the table: add a column, fill it, and change over."
    before, after = _stored(old), _stored(new)
    changed = {name for name in {*before, *after} if before.get(name) != after.get(name)}
    if changed <= {"db_default"} or not changed:
        return None
    if changed == {"null"}:
        return None if new.null else "All rows are read under the lock: a check NOT VALID first."
    if changed == {"max_length"} and before["max_length"] < after["max_length"]:
        crosses = before["max_length"] <= _SHORT < after["max_length"]
        return "MariaDB copies the table to make room for the length." if crosses else None
    return f"{', '.join(sorted(changed))}: the table is rewritten, scanned or given an index."


def _stored(field: Any) -> dict[str, Any]:
    """What of a field's arguments the database knows."""
    kept = field.deconstruct()[3]
    without = {*field.non_db_attrs, "default"}
    return {name: value for name, value in kept.items() if name not in without}


def _python(operation: Any, migration: Any, _state: Any) -> str | None:
    size = getattr(operation.code, "batch_size", None)
    if not isinstance(size, int) or not 0 < size <= MOST_IN_A_BATCH:
        return f"Rows are changed in batches: say so by its `batch_size`, up to {MOST_IN_A_BATCH}."
    if migration.atomic or operation.atomic:
        return "All batches would be one transaction: atomic=False, of migration and operation."
    return None


def _never(why: str) -> Callable[[Any, Any, Any], str]:
    return lambda _operation, _migration, _state: why


_RULES: dict[type[Operation], Callable[[Any, Any, Any], str | None]] = {
    migrations.AddIndex: _index,
    migrations.AddConstraint: _constraint,
    postgres.ValidateConstraint: _validation,
    migrations.AddField: _added_field,
    migrations.AlterField: _altered_field,
    migrations.RunPython: _python,
    migrations.RemoveField: _never(
        "Older processes still read the column: remove it from the state first, and from the"
        " database in the release after (SeparateDatabaseAndState)."
    ),
    migrations.DeleteModel: _never("Older processes still use the table: as with a column."),
    migrations.RenameField: _never("Older processes know the old name alone: add, copy, remove."),
    migrations.RenameModel: _never("Older processes know the old name alone: keep `db_table`."),
    migrations.AlterModelTable: _never("Older processes know the old name alone."),
    migrations.AlterUniqueTogether: _never("Writes wait for its index: a UniqueConstraint."),
    migrations.AlterOrderWithRespectTo: _never("It fills a new column of every row."),
    migrations.RunSQL: _never("Nobody can tell what it locks: give a reason in EXCEPTIONS."),
}
