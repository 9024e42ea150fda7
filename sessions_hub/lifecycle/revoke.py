"""Factors that are removed or lost: their proofs count no longer, and levels go down."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import F
from django.db.models.functions import Least

from sessions_hub import events, tombstones
from sessions_hub.models import AuthenticationMethod, Session

from . import proofs
from .guard import bounded_write, database


def revoke_factor(user: AbstractBaseUser | Any, factor: str, *, now: datetime) -> int:
    """Take back the proofs a user's live sessions made with `factor`; return how many sessions.

    `user` is an instance or a primary key; `factor` is `AuthenticationMethod.factor`.
    Each session's level is recomputed from the proofs that are left, and never
    raised by it (NIST SP 800-63B-4 §5.1). The sessions go on, with less assurance.
    Raises django.db.DatabaseError when a session could not be lowered; those before
    it are.
    """
    alias = database()
    sessions = (
        AuthenticationMethod.objects.using(alias)
        .filter(
            session__user=getattr(user, "pk", user),
            session__ended_at__isnull=True,
            factor=factor[:255],
            revoked_at__isnull=True,
        )
        .order_by("session")
        .values_list("session", flat=True)
        .distinct()
    )
    return sum(revoke_proofs(session_id, [factor], now=now) for session_id in list(sessions))


def revoke_proofs(session_id: UUID, factors: Collection[str], *, now: datetime) -> bool:
    """Take back the proofs of one session made with `factors`; False when there were none."""
    alias = database()
    rows = Session.objects.using(alias).filter(pk=session_id, ended_at__isnull=True)
    with bounded_write(alias):
        # Locked first: a proof added at the same time computes its level after this one.
        if rows.select_for_update().values_list("pk").first() is None:
            return False
        made = AuthenticationMethod.objects.using(alias).filter(
            session_id=session_id,
            factor__in=[factor[:255] for factor in factors],
            revoked_at__isnull=True,
        )
        if not made.update(revoked_at=now):
            return False
        level = proofs.level_with(session_id, (), alias)
        rows.update(assurance_level=Least(F("assurance_level"), int(level)), updated_at=now)
        tombstones.lay([session_id], alias)
        events.emit_on_commit(
            events.FACTOR_REMOVED,
            alias,
            session_id=session_id,
            factors=sorted(factors),
            level=f"aal{int(level)}",
        )
    return True
