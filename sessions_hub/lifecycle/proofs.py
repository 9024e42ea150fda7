"""AuthenticationMethod rows: the proofs of a session."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib.sessions.backends.base import SessionBase

from sessions_hub.conf import conf
from sessions_hub.models import AssuranceLevel, AuthenticationMethod
from sessions_hub.understanding.methods import (
    OTP,
    MethodClaim,
    Proof,
    claim_of_backend,
    claims_in_session,
)

from . import factors
from .assurance import SECOND_FACTORS, counts_towards, level_of, level_of_all
from .factors import ProviderAnswer
from .inserts import insert_all
from .link import Link, Marker

OTP_SESSION_KEY = "otp_device_id"
# The session data the claims are read from: nothing else of a visitor's session
# travels further down.
KEYS = (
    OTP_SESSION_KEY,
    "account_authentication_methods",
    "account_authentication_methods_user",
)


def claims_at_sign_in(session: SessionBase, link: Link) -> list[MethodClaim]:
    """The proofs of a sign-in that has just happened in `session`.

    What a package has recorded beats what the backend's name suggests.
    """
    noted = factors.described(new_claims(session, link))
    if any(claim.key.startswith("allauth:") for claim in noted):
        return noted
    return [claim_of_backend(link.backend), *noted]


def as_answered(claims: Iterable[MethodClaim], answer: ProviderAnswer | None) -> list[MethodClaim]:
    """The claims, the one of the provider that has answered with what it said."""
    return [
        replace(claim, upstream_acr=answer.acr, upstream_amr=answer.amr)
        if answer is not None
        and claim.provider
        and (claim.provider, claim.provider_uid) == (answer.provider[:64], answer.uid[:255])
        else claim
        for claim in claims
    ]


def new_claims(session: SessionBase, link: Link) -> list[MethodClaim]:
    """The proofs noted in the session that its row does not have yet."""
    known = set(link.marker.factors) if link.marker else set()
    accessed = session.accessed
    data = {key: value for key in KEYS if (value := session.get(key)) is not None}
    session.accessed = accessed
    if not data:
        return []
    return [claim for claim in claims_in_session(data, link.user_id) if claim.key not in known]


def store(session_id: UUID, claims: Iterable[MethodClaim], now: datetime, alias: str) -> None:
    """Insert one row per proof, in one statement."""
    rows = [
        AuthenticationMethod(
            session_id=session_id,
            method=claim.method,
            assurance_level=level_of(claim, conf.SESSIONS_HUB_UPSTREAM_AAL2),
            completed_at=min(claim.completed_at or now, now),
            factor=claim.factor[:255],
            user_verified=claim.user_verified,
            backup_eligible=claim.backup_eligible,
            provider=claim.provider,
            provider_uid=claim.provider_uid,
            upstream_acr=claim.upstream_acr[:255],
            upstream_amr=list(claim.upstream_amr),
        )
        for claim in claims
    ]
    insert_all(AuthenticationMethod, rows, alias)


def forget(session_id: UUID, alias: str) -> None:
    """Drop the proofs of a session."""
    AuthenticationMethod.objects.using(alias).filter(session_id=session_id).delete()


class StandingProof(NamedTuple):
    """A stored proof that counts: what it is judged by, and when it was completed."""

    method: str
    provider: str
    upstream_acr: str
    upstream_amr: Any
    user_verified: bool | None
    backup_eligible: bool | None
    completed_at: datetime


def methods_of(session_id: UUID, alias: str) -> list[str]:
    """The methods a session has been proven with, those of removed authenticators too."""
    stored = AuthenticationMethod.objects.using(alias).filter(session_id=session_id)
    return list(stored.values_list("method", flat=True))


def standing(session_id: UUID, alias: str) -> list[StandingProof]:
    """The proofs of a session whose authenticator has not been removed since."""
    rows = AuthenticationMethod.objects.using(alias).filter(
        session_id=session_id, revoked_at__isnull=True
    )
    return [StandingProof(*row) for row in rows.values_list(*StandingProof._fields)]


def judged_level(session_id: UUID, level: int, alias: str) -> AssuranceLevel:
    """`level_within()` the session's standing proofs. One SELECT."""
    return level_within(level, standing(session_id, alias))


def level_within(level: int, standing: Iterable[Proof]) -> AssuranceLevel:
    """The level of a session's row, and never more than its standing proofs give
    (NIST SP 800-63B-4 §5.1).
    """
    return min(AssuranceLevel(level), level_of_claims(standing))


def level_with(session_id: UUID, claims: Iterable[Proof], alias: str) -> AssuranceLevel:
    """The level of a session's standing proofs together with new ones.

    The session's row is to be locked: a removal at the same time would be missed.
    """
    return level_of_claims([*standing(session_id, alias), *claims])


def raised_since(proven_at: datetime, level: int, known: Sequence[StandingProof]) -> datetime:
    """What the limit of `level` counts from where new proofs are no full one of it.

    That is the last full proof; but one of a lower level may have been made of what is no
    part of the higher (a code by mail): then the last standing proof that is.
    """
    if level <= level_of_claims(known):
        return proven_at
    upstream = conf.SESSIONS_HUB_UPSTREAM_AAL2
    parts = [one.completed_at for one in known if counts_towards(one, level, upstream)]
    return min(proven_at, max(parts)) if parts else proven_at


def level_of_claims(claims: Iterable[Proof]) -> AssuranceLevel:
    """The level proofs give together, by the site's settings."""
    return level_of_all(claims, conf.SESSIONS_HUB_UPSTREAM_AAL2)


def has_second_factor(claims: Iterable[Proof]) -> bool:
    """Whether one of the proofs is something a user has beside a password."""
    return any(
        claim.method in SECOND_FACTORS
        or level_of(claim, conf.SESSIONS_HUB_UPSTREAM_AAL2) >= AssuranceLevel.AAL2
        for claim in claims
    )


def lost_factors(session: SessionBase, marker: Marker) -> list[str]:
    """The devices of django-otp that the session's row has, and the session has no longer.

    OTPMiddleware takes the one that was used last out of the session when it is gone
    or no longer confirmed. Which of several that was nobody tells: none counts then.
    """
    accessed = session.accessed
    has_device = session.get(OTP_SESSION_KEY) is not None
    session.accessed = accessed
    return [] if has_device else [key for key in marker.factors if key.startswith(OTP)]
