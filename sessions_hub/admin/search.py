"""What the search box finds. Whole values only: each is one look into an index."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django.contrib.auth import get_user_model
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import Field, Q, QuerySet
from django.db.models.expressions import OrderBy
from django.db.models.functions import Coalesce

from sessions_hub.capture.address import network_range
from sessions_hub.models import Session
from sessions_hub.models.counting import capped_count
from sessions_hub.models.predicate import in_network

# One e-mail address may belong to several users, not to a crowd.
_MOST_USERS = 100
# Rows of a network: so many are sorted as they are, of so many the keys are compared.
_SORTED = 2_000
_COMPARED = 50_000


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


def is_wide_network(term: str) -> bool:
    """Whether the term is a network with more sessions than are sorted in no time."""
    condition = _of_several(term)
    return condition is not None and _holds_more(Session.objects.filter(condition), _SORTED)


def sorted_by_id(rows: QuerySet[Session], term: str) -> QuerySet[Session]:
    """The rows newest first; of a network, sorted after they are found.

    By the key itself, a database would rather walk down the primary key until it has
    met a page full of them: the whole table, where they are old.
    """
    if _of_several(term) is None or is_wide_network(term):
        return rows
    return rows.order_by(_found_first())


def newest_in_network(rows: QuerySet[Session], term: str) -> UUID | None:
    """The key of the newest of the rows in a network; None where they are too many to tell."""
    condition = _of_several(term)
    if condition is None or _holds_more(rows.filter(condition), _COMPARED):
        return None
    keys = rows.filter(condition).order_by(_found_first()).values_list("pk", flat=True)
    return next(iter(keys[:1]), None)


def _found_first() -> OrderBy:
    # No index has this.
    return Coalesce("pk", "pk").desc()


def _of_several(term: str) -> Q | None:
    """The condition of a network of several addresses; None for any other term."""
    try:
        low, high = network_range(term.strip())
    except ValueError:
        return None
    return None if low == high else in_network(term.strip())


def _holds_more(rows: QuerySet[Session], bound: int) -> bool:
    return capped_count(rows, bound + 1) > bound


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
