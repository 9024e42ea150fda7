"""Factors that come after the sign-in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sessions_hub import tombstones
from sessions_hub.models import Session
from sessions_hub.understanding.methods import MethodClaim

from . import kinds, proofs
from .assurance import level_of_all
from .guard import bounded_write, database
from .limits import limits_of
from .policy import expiry, is_full
from .touch import used_at


def add_proofs(
    session_id: UUID,
    claims: Sequence[MethodClaim],
    *,
    age: timedelta,
    proven_at: datetime,
    now: datetime,
    beside: Sequence[str] = (),
) -> bool:
    """Add completed factors to a session and recompute its level; False when it has ended.

    A factor alone is no full proof: the absolute limit goes on counting from
    `proven_at`. `beside` are the methods of a sign-in in the same request, which may
    make a full one together with it. A temporary session becomes a regular one with
    the proof it has been waiting for.
    """
    alias = database()
    with bounded_write(alias):
        rows = Session.objects.using(alias).filter(pk=session_id, ended_at__isnull=True)
        if (before := rows.first()) is None:
            return False
        values: dict[str, Any] = {}
        known = proofs.methods_of(session_id, alias)
        new = [claim.method for claim in claims]
        level = level_of_all([*known, *new])
        if beside and is_full(level, level_of_all([*beside, *new])):
            values["fully_authenticated_at"] = proven_at = now
        kind = kinds.type_after(before.session_type, known, claims)
        limits = limits_of(kind, level, lambda: before.user)
        values |= {
            "session_type": kind,
            "assurance_level": level,
            "authenticated_at": now,
            "last_used_at": used_at(now),
            "updated_at": now,
            "proof_required_at": None,
            **expiry(age=age, now=now, proven_at=proven_at, limits=limits).columns,
        }
        if proofs.has_second_factor(claims):
            values["mfa_updated_at"] = now
        if not rows.update(**values):
            return False
        tombstones.lay([session_id], alias)
        proofs.store(session_id, claims, now, alias)
    return True
