"""Ending sessions: the public calls. The writing is in models/querysets.py."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from asgiref.sync import sync_to_async
from django.contrib.auth.models import AbstractBaseUser
from django.db.models import QuerySet
from django.utils import timezone

from sessions_hub import events, tombstones
from sessions_hub.models import EndReason, Session, SessionQuerySet
from sessions_hub.models.querysets import end_row, end_values, limit_values
from sessions_hub.models.validity import past_limits

from .guard import bounded_write, database


def end_session(
    session: Session | UUID,
    *,
    reason: EndReason | str,
    by: AbstractBaseUser | None = None,
    now: datetime | None = None,
) -> bool:
    """End one session; False when it had ended already or does not exist.

    The end holds on the next request, on every worker and with every
    SESSION_ENGINE. The first end stays: time, reason and actor are never
    overwritten. Raises django.db.DatabaseError when it could not be stored.
    """
    alias = database()
    values = end_values(EndReason(reason), by, now or timezone.now())
    pk = _id(session)
    with bounded_write(alias):
        ended = end_row(Session, pk, values, alias)
        if not ended:
            # Whoever ended it may not have come to lay one: a connection that breaks with
            # COMMIT has committed, and runs nothing afterwards.
            tombstones.lay([pk], alias)
    return ended


def end_sessions(
    sessions: QuerySet[Session],
    *,
    reason: EndReason | str,
    by: AbstractBaseUser | None = None,
    now: datetime | None = None,
) -> int:
    """End the sessions of a queryset in bounded batches; return how many ended.

    "Everywhere else" is `Session.objects.for_user(user).except_for(current)`.

    Raises django.db.OperationalError when others hold some of the rows for longer than
    SESSIONS_HUB_LOCK_TIMEOUT: all but those, and up to a batch beside them, have ended.
    """
    now = now or timezone.now()
    ended = end_in_batches(sessions, reason=EndReason(reason), by=by, now=now)
    if ended:
        events.emit_on_commit(
            events.SESSIONS_ENDED,
            database(),
            count=ended,
            reason=EndReason(reason).value,
            actor_id=getattr(by, "pk", None),
        )
    return ended


def end_in_batches(
    sessions: QuerySet[Session],
    *,
    reason: EndReason,
    by: AbstractBaseUser | None,
    now: datetime,
) -> int:
    """`end_sessions()` for those who tell of it themselves."""
    if not isinstance(sessions, SessionQuerySet):
        raise TypeError("end_sessions() takes a queryset of sessions_hub.models.Session.")
    alias = database()
    ends = sessions.using(alias)
    return ends.end(reason, by=by, now=now, waiting=lambda: bounded_write(alias))


def end_by_limit(session: Session | UUID, *, now: datetime) -> bool:
    """Stamp a session whose limit has passed with the instant it passed; False for others."""
    alias = database()
    with bounded_write(alias):
        return end_row(Session, _id(session), limit_values(now), alias, past_limits(now))


aend_session = sync_to_async(end_session)
aend_sessions = sync_to_async(end_sessions)


def _id(session: Session | UUID) -> UUID:
    return session if isinstance(session, UUID) else session.pk
