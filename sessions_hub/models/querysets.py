"""The verbs of the session table. `end_row()` and `end_rows()` are where rows end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

from django.contrib.auth import get_user_model
from django.core.exceptions import FieldDoesNotExist
from django.db import connections, models, router, transaction
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Greatest, Least
from django.utils import timezone

from sessions_hub import events, signals, tombstones

from .choices import EndReason
from .exact import exactly
from .impersonations import hanging_on, tell_ended
from .validity import past_limits, within_limits

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

    from .session import Session

BATCH = 500
LIMIT_REASONS = (EndReason.EXPIRED, EndReason.IDLE)


def user_is_active() -> Q:
    """The condition "its user is there and active"."""
    try:
        get_user_model()._meta.get_field("is_active")
    except FieldDoesNotExist:
        return Q(user__isnull=False)
    return Q(user__is_active=True)


class SessionQuerySet(models.QuerySet["Session"]):
    """Sessions, narrowed by what people ask for, and ended in bounded batches."""

    # Django's own: the database chosen with using(), if one was.
    _db: str | None

    def active(self, now: datetime | None = None) -> Self:
        """Sessions valid at `now`: not ended, within their limits, of an active user."""
        return self.filter(
            user_is_active(), within_limits(now or timezone.now()), ended_at__isnull=True
        )

    def open(self, now: datetime | None = None) -> Self:
        """Sessions that can be ended: not ended, within their limits, whoever their user.

        Also those of disabled users, which would come back with their user; but not
        those a limit has ended, stamped or not, which keep that reason.
        """
        return self.filter(within_limits(now or timezone.now()), ended_at__isnull=True)

    def ended(self) -> Self:
        """Sessions that carry their end, whatever the reason."""
        return self.filter(ended_at__isnull=False)

    def expired(self, now: datetime | None = None) -> Self:
        """Sessions a limit has ended, stamped with that end or not yet."""
        return self.filter(
            Q(end_reason__in=LIMIT_REASONS)
            | Q(past_limits(now or timezone.now()), ended_at__isnull=True)
        )

    def revoked(self, now: datetime | None = None) -> Self:
        """Sessions neither active nor expired: somebody or something ended them."""
        now = now or timezone.now()
        return self.filter(
            Q(ended_at__isnull=False) & ~Q(end_reason__in=LIMIT_REASONS)
            | Q(within_limits(now), ~user_is_active(), ended_at__isnull=True)
        )

    def for_user(self, user: AbstractBaseUser | Any) -> Self:
        """The sessions of one user (an instance or a primary key)."""
        return self.filter(user=user)

    def for_tenant(self, tenant: Any, workspace: Any = None) -> Self:
        """The sessions that are in a tenant now; only those in `workspace` when it is given.

        An empty text is a tenant too: that of the sessions without one.
        """
        rows = self.filter(exactly("tenant_id", str(tenant)))
        if workspace is None:
            return rows
        return rows.filter(exactly("workspace_id", str(workspace)))

    def except_for(self, session: Session | UUID | None) -> Self:
        """All but one session; all of them for None."""
        if session is None:
            return self.all()
        return self.exclude(pk=session if isinstance(session, UUID) else session.pk)

    def end(
        self,
        reason: EndReason | str,
        *,
        by: AbstractBaseUser | None = None,
        now: datetime | None = None,
        batch_size: int = BATCH,
        waiting: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> int:
        """End the sessions of this queryset that have not ended; return how many did.

        Works through batches, each its own transaction. Rows another transaction
        holds are left for a second pass, so that one slow writer does not stall
        the rest; `waiting` is entered around each batch of that pass, to bound its
        wait. Of a slice, what it holds now is ended. `ended_at` is `now`, or
        `issued_at` where a skewed clock put that later. An end is never
        overwritten. `session_ended` is sent for each.
        """
        values = end_values(EndReason(reason), by, now or timezone.now())
        return self._end_all(values, batch_size, waiting=waiting)

    def stamp_expired(self, now: datetime | None = None, *, batch_size: int = BATCH) -> int:
        """End the sessions whose limit has passed, at the instant it passed; return how many."""
        now = now or timezone.now()
        past = past_limits(now)
        return self.filter(past)._end_all(limit_values(now), batch_size, past)

    def _end_all(
        self,
        values: dict[str, Any],
        batch_size: int,
        still: Q | None = None,
        *,
        waiting: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> int:
        alias = self._db or router.db_for_write(self.model)
        skips = connections[alias].features.has_select_for_update_skip_locked
        ended = 0
        left: list[list[UUID]] = []
        for ids in self.using(alias)._pages_to_end(batch_size):
            done = end_rows(self.model, ids, values, alias, still, skip_locked=skips)
            ended += done
            if skips and done < len(ids):
                left.append(ids)
        if left and not self.query.is_sliced:
            # Whoever held them may have changed what they were chosen by.
            left = list(self.using(alias)._pages_to_end(batch_size))
        for ids in left:
            with waiting():
                ended += end_rows(self.model, ids, values, alias, still)
        return ended

    def _pages_to_end(self, size: int) -> Iterator[list[UUID]]:
        if not self.query.is_sliced:
            # By id: `ended_at` is null in all of them. With it PostgreSQL finds them in the
            # order of the index of both, and does not walk through all that have ended.
            rows = self.filter(ended_at__isnull=True).order_by("ended_at", "pk")
            # order_by() does not undo a reverse(), and the pages go upwards.
            rows.query.standard_ordering = True
            return _batches(rows, size)
        # A slice can be neither narrowed nor asked twice: its rows would be others.
        ids = sorted(set(self.values_list("pk", flat=True)))
        return (ids[start : start + size] for start in range(0, len(ids), size))


def end_values(reason: EndReason, by: AbstractBaseUser | None, now: datetime) -> dict[str, Any]:
    """The columns an end writes.

    A session whose limit has passed before anybody ended it keeps that end, which
    reads have been telling already. Somebody who is not signed in is no actor.
    """
    values: dict[str, Any] = {
        "ended_at": Greatest(Value(now), F("issued_at")),
        "end_reason": Value(reason.value),
    }
    by_limit = limit_values(now)
    if isinstance(by, get_user_model()):
        key = getattr(by._meta.pk, "target_field", by._meta.pk)
        values |= {
            "ended_by": Value(by.pk, output_field=key),
            "ended_by_label": Value(by.get_username()[:150]),
        }
        by_limit |= {"ended_by": Value(None, output_field=key), "ended_by_label": Value("")}
    past = past_limits(now)
    return {
        "updated_at": now,
        **{
            name: Case(When(past, then=by_limit[name]), default=value)
            for name, value in values.items()
        },
    }


def limit_values(now: datetime) -> dict[str, Any]:
    """The columns the end by a limit writes: `validity.end_by_limit()` in SQL."""
    return {
        "ended_at": Least("expires_at", "idle_expires_at"),
        "end_reason": Case(
            When(expires_at__lte=F("idle_expires_at"), then=Value(EndReason.EXPIRED.value)),
            default=Value(EndReason.IDLE.value),
        ),
        "updated_at": now,
    }


def end_row(
    model: type[Session],
    pk: UUID,
    values: dict[str, Any],
    alias: str,
    still: Q | None = None,
    *,
    impersonations: bool = True,
) -> bool:
    """End one session in one statement, if `still` holds of it; False when it did not.

    `impersonations=False` where it is known to be none and that none hangs on it.
    """
    rows = model._base_manager.using(alias).filter(still or Q(), pk=pk, ended_at__isnull=True)
    ended = rows.update(**values)
    if ended:
        _announce(model, [pk], alias, impersonations=impersonations)
    return bool(ended)


def end_rows(
    model: type[Session],
    ids: Sequence[UUID],
    values: dict[str, Any],
    alias: str,
    still: Q | None = None,
    *,
    skip_locked: bool = False,
) -> int:
    """End those of `ids` that have not ended, in one transaction; return how many.

    `still` must hold of them once they are locked.
    """
    with transaction.atomic(using=alias):
        # Locked first, so that of two ends of one row exactly one announces it.
        mine = list(
            model._base_manager.using(alias)
            .select_for_update(skip_locked=skip_locked)
            .filter(still or Q(), pk__in=ids, ended_at__isnull=True)
            .order_by("pk")
            .values_list("pk", flat=True)
        )
        if mine:
            model._base_manager.using(alias).filter(pk__in=mine).update(**values)
            _announce(model, mine, alias)
    return len(mine)


def _batches(rows: models.QuerySet[Session], size: int) -> Iterator[list[UUID]]:
    last: UUID | None = None
    while True:
        page = rows.filter(pk__gt=last) if last else rows
        ids = list(page.values_list("pk", flat=True)[:size])
        if ids:
            # A join may have found a row twice.
            yield list(dict.fromkeys(ids))
        if len(ids) < size:
            return
        last = ids[-1]


def _announce(
    model: type[Session], ids: Iterable[UUID], alias: str, *, impersonations: bool = True
) -> None:
    wanted = list(ids)
    # First, so that whoever hears of the end finds that it holds.
    tombstones.lay(wanted, alias)
    if not impersonations and not (
        signals.session_ended.has_listeners(model) or events.is_heard(events.SESSION_ENDED)
    ):
        return

    def send() -> None:
        tell_ended(model, wanted, alias, impersonations=impersonations)
        # What began in a session ends with it, on its next request at the latest.
        # Here, so that lists tell it at once.
        if impersonations and (hanging := hanging_on(model, wanted, alias)):
            values = end_values(EndReason.IMPERSONATION_OVER, None, timezone.now())
            # Nothing bounds a wait here, and what is done is done already.
            skips = connections[alias].features.has_select_for_update_skip_locked
            end_rows(model, hanging, values, alias, skip_locked=skips)

    transaction.on_commit(send, using=alias, robust=True)
