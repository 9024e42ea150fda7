"""Deleting rows of the hub: in one DELETE, or as the models of the site ask that refer to them."""

from __future__ import annotations

from typing import Any

from django.db.models import Model, QuerySet


def delete(rows: QuerySet[Any]) -> int:
    """Delete rows whose children in the hub are gone already; return how many went.

    Where models of the site refer to them, as Django deletes, so that CASCADE and SET_NULL
    do what they say. Raises django.db.IntegrityError (ProtectedError for PROTECT) where the
    site keeps one of them.
    """
    if not _is_referred_to(rows.model):
        # No cascade to collect.
        return rows._raw_delete(rows.db)
    _number, by_model = rows.delete()
    return by_model.get(rows.model._meta.label, 0)


def _is_referred_to(model: type[Model]) -> bool:
    """Whether models of others have a foreign key to this one."""
    return any(
        field.auto_created
        and not field.concrete
        and (field.one_to_many or field.one_to_one)
        and field.related_model._meta.app_label != model._meta.app_label  # type: ignore[union-attr]
        for field in model._meta.get_fields(include_hidden=True)
    )
