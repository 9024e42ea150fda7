"""Factors that come after the sign-in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sessions_hub import tombstones
from sessions_hub.conf import conf
from sessions_hub.models import Session
from sessions_hub.understanding.methods import MethodClaim

from . import proofs
from .guard import bounded_write, database
from .policy import expiry, limits_for


def add_proofs(
    session_id: UUID,
    claims: Sequence[MethodClaim],
    *,
    age: timedelta,
    proven_at: datetime,
    now: datetime,
) -> bool:
    """Add completed factors to a session and recompute its level; False when it has ended.

    A factor alone is no full proof: the absolute limit goes on counting from
    `proven_at`.
    """
    alias = database()
    with bounded_write(alias):
        level = proofs.level_with(session_id, claims, alias)
        limits = limits_for(conf.SESSIONS_HUB_LIMITS, level)
        values = {
            "assurance_level": level,
            "authenticated_at": now,
            "updated_at": now,
            **expiry(age=age, now=now, proven_at=proven_at, limits=limits).columns,
        }
        if proofs.has_second_factor(claims):
            values["mfa_updated_at"] = now
        rows = Session.objects.using(alias).filter(pk=session_id, ended_at__isnull=True)
        if not rows.update(**values):
            return False
        tombstones.lay([session_id], alias)
        proofs.store(session_id, claims, now, alias)
    return True
