"""What a further proof makes of a session: one rule, whatever carries the session."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sessions_hub import events
from sessions_hub.models import AssuranceLevel, Session, SessionType
from sessions_hub.understanding.methods import MethodClaim

from . import kinds, proofs
from .exceptions import ProofNotFull
from .limits import limits_of
from .policy import expiry, is_full, last_use, outlasts


def type_with(before: Session, claims: Sequence[MethodClaim], alias: str) -> SessionType:
    """The type of a session that is proven again with `claims`."""
    known = proofs.methods_of(before.pk, alias)
    return SessionType(kinds.type_after(before.session_type, known, claims, is_sign_in=True))


def values_with(
    before: Session,
    user: Any,
    claims: Sequence[MethodClaim],
    alias: str,
    *,
    kind: str,
    age: timedelta,
    now: datetime,
    own: bool,
) -> dict[str, Any]:
    """The columns of a session of type `kind` that is proven with `claims` as well.

    Its row is to be locked: a factor removed at the same time must not be counted. With
    `own`, ProofNotFull where the proof would end it at once.
    """
    standing = proofs.standing(before.pk, alias)
    level = proofs.level_of_claims([*standing, *claims])
    # Less than the session's level is no full proof of it: the absolute limit
    # goes on counting from the last one.
    is_full_proof = is_full(level, proofs.level_of_claims(claims))
    last_full = before.fully_authenticated_at
    proven_at = now if is_full_proof else proofs.raised_since(last_full, level, standing)
    limits = limits_of(kind, level, lambda: user)
    if own and not outlasts(limits, proven_at=proven_at, now=now):
        raise ProofNotFull("The session's new level takes a full proof.")
    values = {
        "assurance_level": level,
        "authenticated_at": now,
        "fully_authenticated_at": proven_at,
        "last_used_at": last_use(before.last_used_at, now),
        "updated_at": now,
        "session_type": kind,
        **expiry(age=age, now=now, proven_at=proven_at, limits=limits).columns,
    }
    if is_full_proof or proofs.level_of_claims(claims) > AssuranceLevel.AAL0:
        values["proof_required_at"] = None
    if proofs.has_second_factor(claims):
        values["mfa_updated_at"] = now
    return values


def note_proof(
    session_id: UUID, user_id: Any, claims: Sequence[MethodClaim], level: int, alias: str
) -> None:
    """Tell the log, after commit, of a session that was proven again or further."""
    events.emit_on_commit(
        events.SESSION_PROVEN,
        alias,
        session_id=session_id,
        user_id=user_id,
        methods=[claim.method for claim in claims],
        level=f"aal{int(level)}",
    )
