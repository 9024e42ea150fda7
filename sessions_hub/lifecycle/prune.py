"""Removing what has outlived its use: stamps expired rows, deletes old ended ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connections, transaction

from sessions_hub.models import Session
from sessions_hub.models.querysets import BATCH

from .erase import delete_rows
from .guard import database


@dataclass(frozen=True, slots=True)
class PruneCounts:
    """What a prune would do now."""

    expired: int
    deleted: int


def count_prunable(now: datetime, retention: timedelta | None) -> PruneCounts:
    """How many sessions a limit has ended unnoticed, and how many ended rows are too old."""
    sessions = Session.objects.using(database())
    return PruneCounts(
        expired=sessions.expired(now).filter(ended_at__isnull=True).count(),
        deleted=sessions.filter(ended_at__lt=now - retention).count() if retention else 0,
    )


def stamp_expired(now: datetime, *, batch_size: int = BATCH) -> int:
    """End the sessions whose limit has passed, each at the instant it passed."""
    return Session.objects.using(database()).stamp_expired(now, batch_size=batch_size)


def delete_ended(now: datetime, retention: timedelta, *, batch_size: int = BATCH) -> Iterator[int]:
    """Delete sessions that ended longer ago than `retention`; yield each batch's size.

    One short transaction per batch. Rows another transaction holds are left for
    the next run, so two prunes can run side by side.
    """
    alias = database()
    skips = connections[alias].features.has_select_for_update_skip_locked
    old = Session.objects.using(alias).filter(ended_at__lt=now - retention)
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
