"""Removing what has outlived its use: stamps expired rows, deletes old ended ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connections, transaction
from django.db.models import Q

from sessions_hub.models import Session
from sessions_hub.models.querysets import BATCH, end_rows, limit_values
from sessions_hub.models.validity import past_limits

from .credentials import count_worthless
from .erase import delete_rows
from .guard import database


@dataclass(frozen=True, slots=True)
class PruneCounts:
    """What a prune would do now."""

    expired: int
    deleted: int
    # Of a changed password, or of a disabled or deleted user.
    worthless: int = 0


def count_prunable(now: datetime, retention: timedelta | None) -> PruneCounts:
    """How many sessions a limit has ended unnoticed, and how many ended rows are too old."""
    sessions = Session.objects.using(database())
    expired = sessions.filter(past_limits(now), ended_at__isnull=True).count()
    worthless = count_worthless(now)
    if retention is None:
        return PruneCounts(expired=expired, deleted=0, worthless=worthless)
    cutoff = now - retention
    # One whose limit passed long ago is stamped first, and then too old at once.
    unnoticed = Q(expires_at__lt=cutoff) | Q(idle_expires_at__lt=cutoff)
    old = _is_old(now, retention) | Q(unnoticed, ended_at__isnull=True)
    return PruneCounts(expired, sessions.filter(old).count(), worthless)


def stamp_expired(now: datetime, *, batch_size: int = BATCH) -> Iterator[int]:
    """End the sessions whose limit has passed, each at the instant it passed; yield each
    batch's size.

    One short transaction per batch. Rows another transaction holds are left for
    the next run.
    """
    alias = database()
    skips = connections[alias].features.has_select_for_update_skip_locked
    due = Session.objects.using(alias).filter(past_limits(now), ended_at__isnull=True)
    last: UUID | None = None
    while True:
        page = due if last is None else due.filter(pk__gt=last)
        # `ended_at` is null in all of them, and in the order for PostgreSQL alone: it does
        # not see that the index of (ended_at, id) has them by id, and would walk all rows.
        ids = list(page.order_by("ended_at", "pk").values_list("pk", flat=True)[:batch_size])
        if ids:
            yield end_rows(Session, ids, limit_values(now), alias, skip_locked=skips)
        if len(ids) < batch_size:
            return
        last = ids[-1]


def _is_old(now: datetime, retention: timedelta) -> Q:
    # The row of an adopted session is what refuses it while its Django session lives
    # without a marker: it stays until that has expired too.
    return Q(ended_at__lt=now - retention) & (
        Q(django_key_digest__isnull=True) | Q(expires_at__lt=now)
    )


def delete_ended(now: datetime, retention: timedelta, *, batch_size: int = BATCH) -> Iterator[int]:
    """Delete sessions that ended longer ago than `retention`; yield each batch's size.

    One short transaction per batch. Rows another transaction holds are left for
    the next run, so two prunes can run side by side.
    """
    alias = database()
    skips = connections[alias].features.has_select_for_update_skip_locked
    old = Session.objects.using(alias).filter(_is_old(now, retention))
    while True:
        with transaction.atomic(using=alias):
            ids = list(
                old.select_for_update(skip_locked=skips)
                .order_by("ended_at", "pk")
                .values_list("pk", flat=True)[:batch_size]
            )
            deleted = delete_rows(ids, alias) if ids else 0
        if deleted:
            yield deleted
        if len(ids) < batch_size:
            return
