"""Making a session last longer, as far as its last full proof allows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.utils import timezone

from sessions_hub import events, signals, tombstones
from sessions_hub.models import Session
from sessions_hub.models.querysets import user_is_active

from .guard import bounded_write, database
from .limits import limits_of
from .link import age_of
from .policy import LONGEST, Refusal, extension


@dataclass(frozen=True, slots=True)
class Extension:
    """What became of a wish to extend a session.

    `refusal` says why it was not extended, and is None where it was. The instants are
    the session's limits from now on; None for a session that does not exist.
    """

    session_id: UUID
    refusal: Refusal | None
    expires_at: datetime | None
    idle_expires_at: datetime | None

    @property
    def is_extended(self) -> bool:
        """Whether the session lasts longer now."""
        return self.refusal is None


def extend_session(
    session: Session | UUID,
    *,
    lifetime: timedelta | None = None,
    by: AbstractBaseUser | None = None,
    now: datetime | None = None,
) -> Extension:
    """Let a session last `lifetime` from now on, and begin its rest anew; say what came of it.

    By default as long as Django keeps a session (SESSION_COOKIE_AGE). Nothing but a
    full re-authentication takes a session past the limit that counts from the last
    one (NIST SP 800-63B-4 §5.2), and nothing extends an impersonation or brings back
    a session that is over. Django's own session is not touched: an answer that saves
    `request.session` lets that slide. `by` is who asked, for the log and for
    receivers of `session_extended`.

    Raises ValueError for a lifetime that is none or over 400 days, and
    django.db.DatabaseError when it could not be stored.
    """
    if lifetime is not None and not timedelta(0) < lifetime <= LONGEST:
        raise ValueError(f"A session lasts more than nothing and at most 400 days: {lifetime!r}.")
    now = now or timezone.now()
    age = lifetime if lifetime is not None else age_of(settings.SESSION_COOKIE_AGE)
    pk = session if isinstance(session, UUID) else session.pk
    alias = database()
    with bounded_write(alias):
        rows = Session.objects.using(alias).filter(pk=pk)
        # Of two extensions, the second counts from what the first has left.
        if (row := rows.select_for_update().first()) is None:
            return Extension(pk, Refusal.ENDED, None, None)
        if not rows.filter(user_is_active()).exists():
            return _refused(row, Refusal.ENDED)
        limits = limits_of(row.session_type, row.assurance_level, lambda: row.user)
        new = extension(row, age=age, now=now, limits=limits)
        if isinstance(new, Refusal):
            return _refused(row, new)
        # By the key alone: the row is locked, and looked up by ended_at as well MariaDB
        # would lock that index after the row, and an end the row after that index.
        rows.update(updated_at=now, **new.columns)
        tombstones.lay([pk], alias)
        signals.send_on_commit(
            signals.session_extended,
            Session,
            alias,
            session_id=pk,
            expires_at=new.expires_at,
            by=by,
        )
        events.emit_on_commit(
            events.SESSION_EXTENDED,
            alias,
            session_id=pk,
            actor_id=by and by.pk,
            expires_at=new.expires_at.isoformat(),
        )
    return Extension(pk, None, new.expires_at, new.idle_expires_at)


aextend_session = sync_to_async(extend_session)


def _refused(row: Session, refusal: Refusal) -> Extension:
    return Extension(row.pk, refusal, row.expires_at, row.idle_expires_at)
