"""Factors that come after the sign-in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sessions_hub.conf import conf
from sessions_hub.models import AssuranceLevel, Session
from sessions_hub.understanding.methods import MethodClaim

from . import factors, proofs
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
    rows = Session.objects.using(alias).filter(pk=session_id, ended_at__isnull=True)
    claims = factors.described(claims)
    with bounded_write(alias):
        # Locked first: a factor removed at the same time must not be counted.
        if rows.select_for_update().values_list("pk").first() is None:
            return False
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
        if proofs.level_of_claims(claims) > AssuranceLevel.AAL0:
            values["proof_required_at"] = None
        if not rows.update(**values):
            return False
        proofs.store(session_id, claims, now, alias)
    return True
