"""Conditions for walks by id: tried on one row after the other, each a look into an index.

As a join, or as the EXISTS that PostgreSQL makes one of, it would read all users or proofs
there are where it expects few rows to be left; of the value of a subselect it cannot.
"""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth import get_user_model
from django.core.exceptions import FieldDoesNotExist
from django.db.models import OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce, Least
from django.db.models.lookups import Exact, GreaterThan, IsNull, LessThanOrEqual

from .authentication_method import AuthenticationMethod
from .choices import Method, Status
from .querysets import LIMIT_REASONS


def of_status(status: Status, now: datetime) -> Q:
    """The rows that `SessionQuerySet` calls active, expired or revoked at `now`.

    They are told by `end_reason`, which is empty where `ended_at` is: by the index of the
    latter a database would find all open sessions, and sort them for a page.
    """
    # One comparison of both limits: of two PostgreSQL expects that few rows meet both.
    limit = Least("expires_at", "idle_expires_at")
    is_open = Q(GreaterThan(limit, now), end_reason="")
    match status:
        case Status.ACTIVE:
            return is_open & _of_active_user(True)
        case Status.EXPIRED:
            return Q(end_reason__in=LIMIT_REASONS) | Q(LessThanOrEqual(limit, now), end_reason="")
        case Status.REVOKED:
            by_hand = ~Q(end_reason__in=["", *LIMIT_REASONS])
            return by_hand | is_open & _of_active_user(False)


def proven(method: Method) -> Q:
    """`predicate.proven_by()`: with a proof by this method that has not been taken back."""
    proofs = AuthenticationMethod.objects.filter(
        session=OuterRef("pk"), method=method, revoked_at__isnull=True
    )
    return Q(IsNull(Subquery(proofs.order_by().values("pk")[:1]), False))


def _of_active_user(is_one: bool) -> Q:
    users = get_user_model()
    try:
        users._meta.get_field("is_active")
    except FieldDoesNotExist:
        return Q(user__isnull=not is_one)
    told = users._base_manager.filter(pk=OuterRef("user_id")).values("is_active")
    return Q(Exact(Coalesce(Subquery(told), Value(False)), is_one))
