"""Removing what has outlived its use: stamps expired rows, deletes old ended ones and
devices that nothing is left of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connections, transaction
from django.db.models import CharField, Exists, OuterRef, Q, QuerySet

from sessions_hub import telemetry
from sessions_hub.models import Device, Session, SessionDevice, SessionQuerySet
from sessions_hub.models.querysets import BATCH, end_rows, limit_values
from sessions_hub.models.validity import past_limits

from .credentials import count_worthless
from .deleting import delete
from .devices import SEEN_EVERY
from .erase import delete_rows
from .guard import database
from .retention import Retention


@dataclass(frozen=True, slots=True)
class PruneCounts:
    """What a prune would do now."""

    expired: int
    deleted: int
    # Of a changed password, or of a disabled or deleted user.
    worthless: int = 0
    devices: int = 0


def count_prunable(now: datetime, retention: Retention) -> PruneCounts:
    """How many sessions a limit has ended unnoticed, how many ended rows are too old, and
    how many devices no row is left of already."""
    sessions = Session.objects.using(database())
    expired = sessions.filter(past_limits(now), ended_at__isnull=True)
    worthless = count_worthless(now)
    devices = _orphans(now, retention.default)
    old = _too_old(now, retention)
    deleted = 0
    if old is not None:
        deleted = old.count()
        # One whose limit passed long ago is stamped first, and then too old at once.
        values = limit_values(now)
        unnoticed = expired.annotate(
            at=values["ended_at"],
            why=_as_text(values["end_reason"]),
        )
        is_over = retention.is_over(now, ended="at", reason="why")
        deleted += unnoticed.filter(is_over or Q(), _is_forgettable(now)).count()
    return PruneCounts(
        expired=expired.count(),
        deleted=deleted,
        worthless=worthless,
        devices=0 if devices is None else devices.count(),
    )


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


def delete_ended(
    now: datetime,
    retention: Retention,
    *,
    batch_size: int = BATCH,
    kept: Callable[[UUID], object] | None = None,
) -> Iterator[int]:
    """Delete sessions that ended longer ago than they are kept; yield each batch's size.

    `kept` is told of each that a model of the site refers to and does not let go.

    One short transaction per batch. Rows another transaction holds are left for
    the next run, so two prunes can run side by side, and one that is killed leaves whole
    rows to the next.
    """
    alias = database()
    skips = connections[alias].features.has_select_for_update_skip_locked
    old = _too_old(now, retention)
    if old is None:
        return
    page: QuerySet[Session] = old

    def delete_locked(ids: list[UUID]) -> int:
        still = old.filter(pk__in=ids).select_for_update(skip_locked=skips)
        return delete_rows(list(still.values_list("pk", flat=True)), alias)

    while True:
        found: list[tuple[datetime | None, UUID]] = []
        try:
            with transaction.atomic(using=alias):
                found = list(
                    page.select_for_update(skip_locked=skips)
                    .order_by("ended_at", "pk")
                    .values_list("ended_at", "pk")[:batch_size]
                )
                deleted = delete_rows([pk for _at, pk in found], alias) if found else 0
        except IntegrityError:
            deleted = _one_by_one([pk for _at, pk in found], delete_locked, alias, kept)
        if deleted:
            telemetry.count("sessions.pruned", deleted)
            yield deleted
        if len(found) < batch_size:
            return
        # Behind the last one: rows that are kept longer are not looked at once more.
        at, pk = found[-1]
        page = old.filter(Q(ended_at__gt=at) | Q(ended_at=at, pk__gt=pk), ended_at__gte=at)


def delete_orphans(
    now: datetime,
    retention: timedelta | None,
    *,
    batch_size: int = BATCH,
    kept: Callable[[UUID], object] | None = None,
) -> Iterator[int]:
    """Delete devices that no place of use names and nobody was seen on for `retention`;
    yield each batch's size. For `kept` see `delete_ended()`.

    A browser that signs in again then is a new device. A sign-in that has just found its
    device writes it anew before anything refers to it: whoever locks the row first wins,
    and the other one sees it. Rows another transaction holds are left for the next run.
    """
    alias = database()
    skips = connections[alias].features.has_select_for_update_skip_locked
    orphans = _orphans(now, retention)
    if orphans is None:
        return

    def delete_locked(ids: list[UUID]) -> int:
        locked = Device._base_manager.using(alias).filter(pk__in=ids)
        mine = list(
            locked.select_for_update(skip_locked=skips).order_by("pk").values_list("pk", flat=True)
        )
        # Asked once more, now that nobody can refer to them.
        gone = list(orphans.filter(pk__in=mine).values_list("pk", flat=True))
        return delete(Device._base_manager.using(alias).filter(pk__in=gone)) if gone else 0

    last: UUID | None = None
    while True:
        page = orphans if last is None else orphans.filter(pk__gt=last)
        ids = list(page.order_by("pk").values_list("pk", flat=True)[:batch_size])
        if not ids:
            return
        try:
            with transaction.atomic(using=alias):
                deleted = delete_locked(ids)
        except IntegrityError:
            deleted = _one_by_one(ids, delete_locked, alias, kept)
        if deleted:
            yield deleted
        if len(ids) < batch_size:
            return
        last = ids[-1]


def _one_by_one(
    ids: list[UUID],
    delete_locked: Callable[[list[UUID]], int],
    alias: str,
    kept: Callable[[UUID], object] | None,
) -> int:
    """Delete those of a batch that nothing keeps, each in a transaction of its own."""
    deleted = 0
    for pk in ids:
        try:
            with transaction.atomic(using=alias):
                number = delete_locked([pk])
        except IntegrityError:
            if kept is not None:
                kept(pk)
        else:
            deleted += number
    return deleted


def _too_old(now: datetime, retention: Retention) -> SessionQuerySet | None:
    is_over = retention.is_over(now)
    if is_over is None:
        return None
    return Session.objects.using(database()).filter(is_over, _is_forgettable(now))


def _is_forgettable(now: datetime) -> Q:
    # The row of an adopted session is what refuses it while its Django session lives
    # without a marker: it stays until that has expired too.
    return Q(django_key_digest__isnull=True) | Q(expires_at__lt=now)


def _orphans(now: datetime, retention: timedelta | None) -> QuerySet[Device] | None:
    if retention is None:
        return None
    # A sign-in leaves a device alone that was written within a day: it must not go meanwhile.
    retention = max(retention, 2 * SEEN_EVERY)
    used = SessionDevice._base_manager.filter(device=OuterRef("pk"))
    devices: QuerySet[Device] = Device._base_manager.using(database()).filter(
        ~Exists(used), last_seen_at__lt=now - retention
    )
    return devices


def _as_text(case: Any) -> Any:
    case.output_field = CharField()
    return case
