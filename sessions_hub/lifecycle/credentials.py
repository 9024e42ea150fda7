"""Ending what a changed password, a disabled user or a forgotten device has made worthless.

Django refuses a session of the first two at its next request by itself, whatever the
engine. What is here lets its row say so: at once where the change is seen, else with
the next prune.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth import get_backends, get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.db import connections
from django.db.models import Q

from sessions_hub.models import EndReason, Session, SessionDevice
from sessions_hub.models.querysets import BATCH, end_rows, end_values
from sessions_hub.models.validity import within_limits

from .digests import CREDENTIALS, digests_ever
from .guard import bounded_write, database

# The request that changes its own user's password takes its session along, and says so
# when it is over. A prune leaves alone what may be in the middle of that.
SETTLING = timedelta(minutes=5)


def valid_digests(user: AbstractBaseUser) -> set[str]:
    """What `Session.credentials_digest` may be while a user's password is what it is."""
    hashes = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
    return {value for one in hashes for value in digests_ever(CREDENTIALS, one)}


def still_match(user: AbstractBaseUser, stored: str) -> bool:
    """Whether `stored`, a session's digest, is of the user's password as it is now.

    True where the session has none: there is no password behind it.
    """
    return not stored or stored in valid_digests(user)


def end_stale(
    user: AbstractBaseUser,
    *,
    by: AbstractBaseUser | None,
    now: datetime,
    keep: UUID | None = None,
) -> int:
    """End a user's sessions that began with another password, but `keep`; return how many.

    Sessions without a password behind them (programs, imported ones) are left to
    other rules. Raises django.db.DatabaseError.
    """
    alias = database()
    stale = (
        Session.objects.using(alias)
        .for_user(user.pk)
        .exclude(credentials_digest="")
        .exclude(credentials_digest__in=valid_digests(user))
        .except_for(keep)
    )
    with bounded_write(alias):
        return stale.end(EndReason.CREDENTIALS_CHANGED, by=by, now=now)


def _finds(backend: Any, key: Any) -> bool:
    # Backends that only give permissions may have none.
    if (find := getattr(backend, "get_user", None)) is None:
        return False
    try:
        return isinstance(find(key), get_user_model())
    except (TypeError, ValueError):
        # One for other users, whose keys are of another kind.
        return False


def is_turned_away(user: AbstractBaseUser) -> bool:
    """Whether the site lets this user in no more: disabled, and no backend takes them.

    A site with AllowAllUsersModelBackend has decided to let inactive users in.
    """
    if getattr(user, "is_active", True):
        return False
    return not any(_finds(backend, user.pk) for backend in get_backends())


def end_worthless(now: datetime, *, batch_size: int = BATCH) -> Iterator[int]:
    """End live sessions whose password has changed, whose user is disabled or gone or whose
    device is forgotten; yield each batch's size.

    One short transaction per batch and reason. Rows another transaction holds are
    left for the next run.
    """
    alias = database()
    skips = connections[alias].features.has_select_for_update_skip_locked
    for page in _pages(now, batch_size, alias):
        ended = 0
        for reason, ids, still in _worthless(page, alias):
            if ids:
                values = end_values(reason, None, now)
                ended += end_rows(Session, ids, values, alias, still, skip_locked=skips)
        yield ended


def count_worthless(now: datetime, *, batch_size: int = BATCH) -> int:
    """How many sessions `end_worthless()` would end now."""
    alias = database()
    return sum(
        len(ids)
        for page in _pages(now, batch_size, alias)
        for _reason, ids, _still in _worthless(page, alias)
    )


# Primary key, user's key, digest of the credentials.
_Row = tuple[UUID, Any, str]


def _pages(now: datetime, size: int, alias: str) -> Iterator[list[_Row]]:
    live = Session.objects.using(alias).filter(
        within_limits(now),
        ended_at__isnull=True,
        user__isnull=False,
        last_used_at__lt=now - SETTLING,
    )
    rows = live.order_by("pk").values_list("pk", "user_id", "credentials_digest")
    last: UUID | None = None
    while True:
        page = list((rows if last is None else rows.filter(pk__gt=last))[:size])
        if page:
            yield page
        if len(page) < size:
            return
        last = page[-1][0]


def _worthless(page: Iterable[_Row], alias: str) -> list[tuple[EndReason, list[UUID], Q]]:
    """Of a page, what is to end for which reason, and what must still hold of it then."""
    rows = list(page)
    users = get_user_model()._base_manager.in_bulk({user_id for _pk, user_id, _digest in rows})
    valid: dict[Any, set[str]] = {}
    disabled: list[UUID] = []
    forgotten: list[UUID] = []
    stale: list[UUID] = []
    read: set[str] = set()
    on_forgotten = set(
        SessionDevice._base_manager.using(alias)
        .filter(session_id__in=[pk for pk, *_ in rows], device__forgotten_at__isnull=False)
        .values_list("session_id", flat=True)
    )
    turned_away = {key for key, user in users.items() if is_turned_away(user)}
    for pk, user_id, credentials in rows:
        if user_id not in users or user_id in turned_away:
            disabled.append(pk)
        elif pk in on_forgotten:
            forgotten.append(pk)
        elif credentials:
            if user_id not in valid:
                valid[user_id] = valid_digests(users[user_id])
            if credentials not in valid[user_id]:
                stale.append(pk)
                read.add(credentials)
    return [
        (EndReason.USER_DISABLED, disabled, Q()),
        (EndReason.DEVICE_FORGOTTEN, forgotten, Q()),
        # A session that was taken along meanwhile carries another digest.
        (EndReason.CREDENTIALS_CHANGED, stale, Q(credentials_digest__in=read)),
    ]
