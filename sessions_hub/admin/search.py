"""What the search box finds. Whole values only: each is one look into an index."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django.contrib.auth import get_user_model
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import Field, Q

from sessions_hub.models.predicate import in_network

# One e-mail address may belong to several users, not to a crowd.
_MOST_USERS = 100


def nothing() -> Q:
    """A condition no row meets, and which costs nothing."""
    return Q(pk__in=[])


def by_id(term: str) -> Q:
    """The row with this id."""
    try:
        return Q(pk=UUID(term))
    except ValueError:
        return nothing()


def by_address(term: str) -> Q:
    """The rows seen at this address or in this network (CIDR)."""
    try:
        return in_network(term)
    except ValueError:
        return nothing()


def by_user(term: str, path: str = "user") -> Q:
    """The rows of the users with this username or e-mail address.

    The users are looked up first: a condition on their table, joined by OR to one on
    the sessions, would keep the database from using the index of either.
    """
    users = user_ids(term)
    return Q(**{f"{path}__in": users}) if users else nothing()


def user_ids(term: str) -> list[Any]:
    """The keys of the users with this username or e-mail address."""
    model = get_user_model()
    wanted = _equals(model.USERNAME_FIELD, term)
    if "@" in term:
        wanted |= _equals(model.get_email_field_name(), term)
    if not wanted:
        return []
    users = model._default_manager.filter(wanted).order_by("pk")
    return list(users.values_list("pk", flat=True)[:_MOST_USERS])


def _equals(name: str, term: str) -> Q:
    """The condition `name` = `term`; empty where there is no such column or value."""
    try:
        field = get_user_model()._meta.get_field(name)
        cast("Field[Any, Any]", field).to_python(term)
    except (FieldDoesNotExist, ValidationError, ValueError, TypeError):
        return Q()
    return Q(**{name: term})
