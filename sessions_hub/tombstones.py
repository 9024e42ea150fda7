"""Tombstones: marks in the cache that what it holds of a session is not to be believed.

An entry of the verdict cache (`lifecycle.verdict_cache`) is a copy of a row. Whatever
changes how the row judges a request lays a tombstone over the copy, once the change is
committed. Copies are only ever *added*, so none is put over a tombstone. It says "ask
the database" and not "ended": one that was laid for nothing costs a query.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from django.core.cache import BaseCache, caches
from django.db import transaction
from django.utils import timezone

from .conf import conf
from .logs import log_once_a_minute

logger = logging.getLogger(__name__)

TOMBSTONE = "changed"
# The longest that a copy is good for, counted from before its row was read.
LONGEST = timedelta(seconds=10)
# A copy read just before the change may arrive when the tombstone has gone. It is past
# its time by then, unless the clocks of two nodes differ by more than this.
_CLOCKS_DIFFER = timedelta(minutes=1)
_LIFE = (LONGEST + _CLOCKS_DIFFER).total_seconds()


@dataclass
class Ends:
    """What became of the ends inside a `watch_ends()`, as far as they are committed."""

    # By then the last of them holds everywhere; None: each holds on the next request.
    delayed_until: datetime | None = None


_watching: ContextVar[tuple[Ends, ...]] = ContextVar("sessions_hub_ends", default=())


@contextmanager
def watch_ends() -> Iterator[Ends]:
    """Tell whether sessions ended inside are refused from their next request on.

    They are, unless SESSIONS_HUB_CACHE did not take the news: then a request may be
    let in by what the cache still holds, until `delayed_until` at the latest. Inside
    a transaction this is known once it is committed. Works around `await` as well.
    """
    ends = Ends()
    token = _watching.set((*_watching.get(), ends))
    try:
        yield ends
    finally:
        _watching.reset(token)


def cache() -> BaseCache:
    """The cache that SESSIONS_HUB_CACHE names. Raises InvalidCacheBackendError."""
    return caches[str(conf.SESSIONS_HUB_CACHE)]


def ttl() -> timedelta:
    """How long a copy is good for: SESSIONS_HUB_CACHE_TTL, at most LONGEST."""
    return min(conf.SESSIONS_HUB_CACHE_TTL, LONGEST)


def key_of(session_id: UUID) -> str:
    """The cache key of a session: its id, which is no secret, and nothing else."""
    return f"sessions_hub:verdict:{session_id.hex}"


def lay(ids: Iterable[UUID], alias: str) -> None:
    """Lay tombstones once the transaction on the database `alias` is committed."""
    if conf.SESSIONS_HUB_CACHE is None:
        return
    work = partial(_lay, [key_of(one) for one in ids], _watching.get())
    transaction.on_commit(work, using=alias, robust=True)


def _lay(keys: list[str], watching: tuple[Ends, ...]) -> None:
    error: Exception | None = None
    missing = len(keys)
    try:
        store = cache()
        store.set_many(dict.fromkeys(keys, TOMBSTONE), timeout=_LIFE)
        # Not every backend says that it failed. What can be read back was taken.
        held = store.get_many(keys)
        missing = sum(held.get(key) != TOMBSTONE for key in keys)
    except Exception as problem:  # noqa: BLE001
        # The row is what counts: the change holds at the latest when the copy is too old.
        error = problem
    if not missing:
        return
    until = timezone.now() + ttl()
    for ends in watching:
        ends.delayed_until = until
    log_once_a_minute(
        logger,
        logging.WARNING,
        "lay",
        "The cache did not take the change of %d sessions; they may be let in as before for up "
        "to %d seconds: %s",
        missing,
        ttl().total_seconds(),
        error or "it does not hold what was written to it",
        exc_info=error is not None,
    )
