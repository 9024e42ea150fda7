"""AuthenticationMethod rows: the proofs of a session."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.contrib.sessions.backends.base import SessionBase

from sessions_hub.models import AssuranceLevel, AuthenticationMethod
from sessions_hub.understanding.methods import MethodClaim, claim_of_backend, claims_in_session

from .assurance import SECOND_FACTORS, level_of, level_of_all
from .inserts import insert_all
from .link import Link

# The session data the claims are read from: nothing else of a visitor's session
# travels further down.
KEYS = (
    "otp_device_id",
    "account_authentication_methods",
    "account_authentication_methods_user",
)


def claims_at_sign_in(session: SessionBase, link: Link) -> list[MethodClaim]:
    """The proofs of a sign-in that has just happened in `session`.

    What a package has recorded beats what the backend's name suggests.
    """
    noted = new_claims(session, link)
    if any(claim.key.startswith("allauth:") for claim in noted):
        return noted
    return [claim_of_backend(link.backend), *noted]


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
            assurance_level=level_of(claim.method),
            completed_at=min(claim.completed_at or now, now),
            provider=claim.provider,
            provider_uid=claim.provider_uid,
        )
        for claim in claims
    ]
    insert_all(AuthenticationMethod, rows, alias)


def forget(session_id: UUID, alias: str) -> None:
    """Drop the proofs of a session."""
    AuthenticationMethod.objects.using(alias).filter(session_id=session_id).delete()


def methods_of(session_id: UUID, alias: str) -> list[str]:
    """The methods a session has been proven with."""
    stored = AuthenticationMethod.objects.using(alias).filter(session_id=session_id)
    return list(stored.values_list("method", flat=True))


def level_with(session_id: UUID, claims: Iterable[MethodClaim], alias: str) -> AssuranceLevel:
    """The level of a session's stored proofs together with new ones."""
    stored = AuthenticationMethod.objects.using(alias).filter(session_id=session_id)
    return level_of_all([*stored.values_list("method", flat=True), *_methods(claims)])


def level_of_claims(claims: Iterable[MethodClaim]) -> AssuranceLevel:
    """The level of a new session's proofs."""
    return level_of_all(_methods(claims))


def has_second_factor(claims: Iterable[MethodClaim]) -> bool:
    """Whether one of the proofs is something a user has beside a password."""
    return any(method in SECOND_FACTORS for method in _methods(claims))


def _methods(claims: Iterable[MethodClaim]) -> list[str]:
    return [claim.method for claim in claims]
