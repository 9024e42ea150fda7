"""INSERTs of the rows of a sign-in, without the ORM's cost of writing the same SQL anew.

Django's compiler writes the SQL once per model and database; every value goes
through its field, since UUIDs, times and JSON differ between databases.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db import connections, models
from django.db.models.signals import post_save, pre_save
from django.db.models.sql import InsertQuery
from django.db.transaction import mark_for_rollback_on_error

# A field with one of these may write another placeholder for another value.
_VARIABLE = ("get_placeholder", "get_placeholder_sql")


class _Compiled(NamedTuple):
    sql: str
    # Each field, with the types it hands to the driver as they are.
    columns: tuple[tuple[frozenset[type], models.Field[Any, Any]], ...]
    relations: tuple[Any, ...]


_compiled: dict[tuple[type[models.Model], str, str], _Compiled | None] = {}


def insert(instance: models.Model, alias: str) -> None:
    """Insert the row of a new instance: what `save(force_insert=True)` does, signals too.

    Raises django.db.Error.
    """
    model = type(instance)
    is_watched = pre_save.has_listeners(model) or post_save.has_listeners(model)
    if is_watched or not _insert(instance, alias):
        instance.save(using=alias, force_insert=True)


def insert_all(model: type[models.Model], instances: Sequence[models.Model], alias: str) -> None:
    """Insert new rows in one statement: what `bulk_create()` does, without signals too.

    Raises django.db.Error.
    """
    if len(instances) != 1 or not _insert(instances[0], alias):
        model._base_manager.using(alias).bulk_create(instances)


def _insert(instance: models.Model, alias: str) -> bool:
    """Insert a row with the compiled SQL; False when that does not fit model or values."""
    connection = connections[alias]
    key = (type(instance), alias, connection.vendor)
    if key not in _compiled:
        _compiled[key] = _compile(type(instance), alias)
    if (compiled := _compiled[key]) is None:
        return False
    for field in compiled.relations:
        # An unsaved related object, which save() refuses.
        if getattr(instance, field.attname) is None and field.is_cached(instance):
            return False
    values: list[Any] = []
    for as_they_are, field in compiled.columns:
        value = getattr(instance, field.attname)
        if type(value) not in as_they_are:
            value = field.get_db_prep_save(field.pre_save(instance, add=True), connection)
            if hasattr(value, "as_sql"):
                return False
        values.append(value)
    with mark_for_rollback_on_error(using=alias), connection.cursor() as cursor:
        cursor.execute(compiled.sql, values)
    instance._state.adding = False
    instance._state.db = alias
    return True


def _compile(model: type[models.Model], alias: str) -> _Compiled | None:
    meta = model._meta
    fields = meta.local_concrete_fields
    if meta.parents or meta.db_returning_fields:
        return None
    if any(hasattr(field, name) for field in fields for name in _VARIABLE):
        return None
    # Only the placeholders are wanted: they are the same for all plain values.
    query = InsertQuery(model)
    query.insert_values(fields, [model()])
    (sql, params), *more = query.get_compiler(alias).as_sql()
    if more or not len(fields) == len(params) == sql.count("%s"):
        return None
    return _Compiled(
        sql,
        tuple((_as_they_are(field, alias), field) for field in fields),
        tuple(field for field in fields if field.is_relation),
    )


def _as_they_are(field: models.Field[Any, Any], alias: str) -> frozenset[type]:
    """The exact types whose values a field does not change for the driver."""
    types: set[type] = set()
    if type(field) in (models.CharField, models.TextField):
        types.add(str)
    elif type(field) is models.BooleanField:
        types.add(bool)
    has_own_pre_save = type(field).pre_save is not models.Field.pre_save
    is_stamped = getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False)
    if isinstance(field, models.DateTimeField):
        has_own_pre_save = bool(is_stamped)
    if not has_own_pre_save and field.get_db_prep_save(None, connections[alias]) is None:
        types.add(type(None))
    return frozenset(types)
