"""One session of the history while it is lived: its row, its places and its proofs.

The rows are worked out by the lifecycle's own rules, so that they are what sign-ins and
uses at these moments would have left.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User

from example_project.demo.agents import Agent
from example_project.demo.towns import Town
from sessions_hub.lifecycle import kinds, policy, proofs
from sessions_hub.lifecycle.assurance import level_of
from sessions_hub.models import (
    AuthenticationMethod,
    Device,
    EndReason,
    Session,
    SessionDevice,
    SessionType,
)
from sessions_hub.models.client import place_values
from sessions_hub.models.validity import end_by_limit
from sessions_hub.understanding.methods import MethodClaim

from .clients import columns_of, snapshot_of
from .rows import Rows

# Says of each session that nobody ever signed in.
MARK = {"made_up": "manage.py demo --history"}
AGE = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Where:
    """A client somewhere: what it calls itself, its town and its address there."""

    agent: Agent
    town: Town
    address: str

    @property
    def columns(self) -> dict[str, Any]:
        """The columns of client and place."""
        snapshot = snapshot_of(self.agent, self.address)
        return {**columns_of(self.agent), **place_values(snapshot, self.town.place)}

    @property
    def fingerprint(self) -> str:
        """What tells this endpoint from others."""
        return snapshot_of(self.agent, self.address).fingerprint


@dataclass(slots=True)
class Sitting:
    """A session that goes on until it is ended, or a limit ends it."""

    rows: Rows
    session: Session
    device: Device | None
    profile: str = "django"
    age: timedelta = AGE
    origin: Where | None = None
    places: list[SessionDevice] = field(default_factory=list)
    proofs: list[AuthenticationMethod] = field(default_factory=list)

    @property
    def limit(self) -> datetime:
        """When a limit ends it if nothing else does."""
        return min(self.session.expires_at, self.session.idle_expires_at)

    def begin(self, where: Where | None, claims: Sequence[MethodClaim]) -> None:
        """Sign in, with these proofs and from there."""
        session, at = self.session, self.session.issued_at
        self.origin = where
        session.id = self.rows.id_at(at)
        session.metadata = dict(MARK)
        session.authenticated_at = session.fully_authenticated_at = at
        session.last_used_at = session.updated_at = at
        session.assurance_level = proofs.level_of_claims(claims)
        if proofs.has_second_factor(claims):
            session.mfa_updated_at = at
        self._set_expiry(at)
        self.rows.sessions.append(session)
        self._add_proofs(claims, at)
        if where is not None:
            for name, value in where.columns.items():
                setattr(session, name, value)
            self.see(where, at)

    def see(self, where: Where, at: datetime) -> None:
        """Use the session from there."""
        session, fingerprint = self.session, where.fingerprint
        known = next((one for one in self.places if one.fingerprint == fingerprint), None)
        if known is None:
            known = SessionDevice(
                id=self.rows.id_at(at),
                session=session,
                device=self.device,
                fingerprint=fingerprint,
                first_seen_at=at,
                **where.columns,
            )
            self.places.append(known)
            self.rows.places.append(known)
        known.last_seen_at = at
        session.current_fingerprint = fingerprint
        if self.device is not None and self.device.last_seen_at <= at:
            for name, value in columns_of(where.agent).items():
                setattr(self.device, name, value)
            self.device.last_seen_at = at
        self.use(at)

    def use(self, at: datetime) -> None:
        """Use the session from wherever it was used last."""
        session = self.session
        session.last_used_at = session.updated_at = at
        session.idle_expires_at = policy.idle_expiry(at, session.idle_timeout, session.expires_at)

    def prove(self, claims: Sequence[MethodClaim], at: datetime) -> None:
        """Prove the session further, or once more: `lifecycle.reprove` on rows in memory.

        As there, nothing happens where the proof would only end the session.
        """
        session = self.session
        standing = [
            proofs.StandingProof(*(getattr(one, name) for name in proofs.StandingProof._fields))
            for one in self.proofs
        ]
        level = proofs.level_of_claims([*standing, *claims])
        proven_at = at
        if not policy.is_full(level, proofs.level_of_claims(claims)):
            proven_at = proofs.raised_since(session.fully_authenticated_at, level, standing)
        kind = kinds.type_after(session.session_type, [one.method for one in standing], claims)
        limits = policy.limits_for(self.profile, level, kind)
        if not policy.outlasts(limits, proven_at=proven_at, now=at):
            return
        session.session_type, session.assurance_level = kind, level
        session.authenticated_at, session.fully_authenticated_at = at, proven_at
        session.last_used_at = session.updated_at = at
        if proofs.has_second_factor(claims):
            session.mfa_updated_at = at
        self._set_expiry(at)
        self._add_proofs(claims, at)

    def extend(self, at: datetime) -> bool:
        """Let the session last longer from then on; False where it must not."""
        new = policy.extension(self.session, age=self.age, now=at, limits=self._limits)
        if isinstance(new, policy.Refusal):
            return False
        for name, value in new.columns.items():
            setattr(self.session, name, value)
        self.session.updated_at = at
        return True

    def end(self, at: datetime, reason: EndReason, by: User | None = None) -> None:
        """End the session, at a moment within its limits."""
        session = self.session
        session.ended_at, session.end_reason, session.updated_at = at, reason, at
        if by is not None:
            session.ended_by, session.ended_by_label = by, by.username

    def end_by_limit(self, now: datetime, *, noticed_at: datetime | None) -> None:
        """Let the row say that a limit has passed, where somebody has noticed."""
        session = self.session
        end = end_by_limit(session.expires_at, session.idle_expires_at, now)
        if end is not None and noticed_at is not None:
            session.ended_at, session.end_reason = end
            session.updated_at = noticed_at

    @property
    def _limits(self) -> policy.Limits:
        kind = SessionType(self.session.session_type)
        return policy.limits_for(self.profile, self.session.assurance_level, kind)

    def _set_expiry(self, at: datetime) -> None:
        new = policy.expiry(
            age=self.age,
            now=at,
            proven_at=self.session.fully_authenticated_at,
            limits=self._limits,
        )
        for name, value in new.columns.items():
            setattr(self.session, name, value)

    def _add_proofs(self, claims: Sequence[MethodClaim], at: datetime) -> None:
        for claim in claims:
            proof = AuthenticationMethod(
                id=self.rows.id_at(at),
                session=self.session,
                method=claim.method,
                assurance_level=level_of(claim),
                completed_at=at,
                user_verified=claim.user_verified,
                backup_eligible=claim.backup_eligible,
                provider=claim.provider,
                provider_uid=claim.provider_uid,
            )
            self.proofs.append(proof)
            self.rows.proofs.append(proof)
