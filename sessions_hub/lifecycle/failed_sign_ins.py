"""Counting sign-ins that failed: numbers alone, and never at a visitor's cost.

What Django's `user_login_failed` tells: once for each `authenticate()` that no backend
answered, whoever called it.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from sessions_hub.conf import conf
from sessions_hub.logs import log_once_a_minute
from sessions_hub.models import FailedSignIns
from sessions_hub.models.failed_sign_ins import SLOTS, quarter_of
from sessions_hub.models.querysets import BATCH

from .guard import database, write_again
from .state import RequestState, state_of

# A little more than the year of days that the overview shows.
KEPT_FOR = timedelta(days=400)
# How often a statement is sent that falls to a deadlock each time.
TRIES = 5

logger = logging.getLogger(__name__)


def note_failed(request: HttpRequest | None) -> None:
    """A sign-in has failed: count it now, or when the middleware has the answer.

    Not before: the view's transaction may be rolled back, as REST framework does with
    that of a refused sign-in, and a lock would last as long as it does.
    """
    if not conf.SESSIONS_HUB_COUNT_FAILED_SIGN_INS:
        return
    if request is None:
        count(1)
        return
    state = state_of(request)
    if state.is_proving_again:
        return
    if state.served:
        state.failed_sign_ins += 1
    else:
        count(1)


def settle(state: RequestState) -> None:
    """Count what failed in a request that is answered."""
    number, state.failed_sign_ins = state.failed_sign_ins, 0
    count(number)


def count(number: int) -> None:
    """Add to the number of this quarter of an hour, after commit. A fault is logged."""
    alias, now = database(), timezone.now()
    transaction.on_commit(partial(_count, number, now, alias), using=alias, robust=True)


def log_uncounted() -> None:
    """Say that a failed sign-in, for the error being handled, was not counted."""
    log_once_a_minute(
        logger,
        logging.WARNING,
        "failed_sign_ins",
        "A failed sign-in was not counted.",
        exc_info=True,
    )


def _count(number: int, now: datetime, alias: str) -> None:
    try:
        _add(number, now, alias)
    except Exception:  # noqa: BLE001
        log_uncounted()


def _add(number: int, now: datetime, alias: str) -> None:
    """One UPDATE; three statements for the first of a slot.

    Each in a transaction of its own: of two that look for a missing row and then insert
    it in one, InnoDB would let both lock the gap and then wait for each other.
    """
    slot = {"starts_at": quarter_of(now), "slot": secrets.randbelow(SLOTS)}
    rows = FailedSignIns._base_manager.using(alias)
    more = {"count": F("count") + number}
    if write_again(lambda: rows.filter(**slot).update(**more), alias, tries=TRIES):
        return
    insert = partial(rows.bulk_create, [FailedSignIns(**slot)], ignore_conflicts=True)
    write_again(insert, alias, tries=TRIES)
    write_again(lambda: rows.filter(**slot).update(**more), alias, tries=TRIES)


def count_outlived(now: datetime) -> int:
    """How many rows are older than `KEPT_FOR`."""
    return _outlived(now, database()).count()


def delete_outlived(now: datetime, *, batch_size: int = BATCH) -> Iterator[int]:
    """Delete the rows that are older than `KEPT_FOR`; yield each batch's size."""
    alias = database()
    old = _outlived(now, alias)
    while True:
        ids = list(old.order_by("starts_at").values_list("pk", flat=True)[:batch_size])
        deleted, _by_model = FailedSignIns._base_manager.using(alias).filter(pk__in=ids).delete()
        if deleted:
            yield deleted
        if len(ids) < batch_size:
            return


def _outlived(now: datetime, alias: str) -> QuerySet[FailedSignIns]:
    return FailedSignIns._base_manager.using(alias).filter(starts_at__lt=now - KEPT_FOR)
