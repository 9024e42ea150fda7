"""Factors that come after the sign-in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sessions_hub import tombstones
from sessions_hub.models import AssuranceLevel, Session
from sessions_hub.understanding.methods import MethodClaim

from . import factors, kinds, proofs
from .guard import bounded_write, database
from .limits import limits_of
from .policy import expiry, is_full
from .reprove import note_proof
from .touch import used_at


def add_proofs(
    session_id: UUID,
    claims: Sequence[MethodClaim],
    *,
    age: timedelta,
    proven_at: datetime,
    now: datetime,
    beside: Sequence[MethodClaim] = (),
) -> bool:
    """Add completed factors to a session and recompute its level; False when it has ended.

    A factor alone is no full proof: the absolute limit goes on counting from
    `proven_at`. `beside` are the proofs of a sign-in in the same request, which may
    make a full one together with it. A temporary session becomes a regular one with
    the proof it has been waiting for.
    """
    alias = database()
    rows = Session.objects.using(alias).filter(pk=session_id, ended_at__isnull=True)
    claims = factors.described(claims)
    with bounded_write(alias):
        # Locked first: a factor removed at the same time must not be counted.
        if (before := rows.select_for_update().first()) is None:
            return False
        values: dict[str, Any] = {}
        standing = proofs.standing(session_id, alias)
        level = proofs.level_of_claims([*standing, *claims])
        if beside and is_full(level, proofs.level_of_claims([*beside, *claims])):
            values["fully_authenticated_at"] = proven_at = now
        elif (since := proofs.raised_since(proven_at, level, standing)) < proven_at:
            values["fully_authenticated_at"] = proven_at = since
        kind = kinds.type_after(before.session_type, proofs.methods_of(session_id, alias), claims)
        limits = limits_of(kind, level, lambda: before.user)
        values |= {
            "session_type": kind,
            "assurance_level": level,
            "authenticated_at": now,
            "last_used_at": used_at(now),
            "updated_at": now,
            **expiry(age=age, now=now, proven_at=proven_at, limits=limits).columns,
        }
        if proofs.has_second_factor(claims):
            values["mfa_updated_at"] = now
        if proofs.level_of_claims(claims) > AssuranceLevel.AAL0:
            values["proof_required_at"] = None
        if not rows.update(**values):
            return False
        tombstones.lay([session_id], alias)
        proofs.store(session_id, claims, now, alias)
        note_proof(session_id, before.user_id, claims, level, alias)
    return True
