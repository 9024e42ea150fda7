"""The hub's own word on its tokens: a good signature is not enough, the session has to go on."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.views.decorators.debug import sensitive_variables

from sessions_hub.conf import conf
from sessions_hub.credentials.jwt import tokenize_row
from sessions_hub.credentials.jwt_errors import InvalidToken
from sessions_hub.credentials.jwt_keys import key_ring
from sessions_hub.credentials.jwt_templates import audiences
from sessions_hub.credentials.jwt_verify import SessionTokenVerifier, VerifiedToken
from sessions_hub.models import Session

from . import proofs
from .exceptions import Unavailable
from .verify import verify

__all__ = ["active_token"]


@sensitive_variables("token", "verified")
def active_token(token: object, *, now: datetime) -> VerifiedToken | None:
    """What a token of this site says while its session goes on; None for any other text.

    For whichever audience of the templates it was made. A revoked session's token is
    none at once. Raises Unavailable where the database does not tell.
    """
    ring = key_ring()
    known = audiences()
    issuer = conf.SESSIONS_HUB_JWT_ISSUER
    algorithms = {key.algorithm for key in ring.keys}
    if not (issuer and known and algorithms):
        return None
    verifier = SessionTokenVerifier(
        issuer=issuer,
        audience=known,
        keys=ring.verification_keys(),
        algorithms=algorithms,
        is_active=lambda session_id: _goes_on(session_id, now),
    )
    try:
        verified = verifier.verify(token, now=now)
    except InvalidToken as error:
        if error.is_unjudged:
            # From what was wrong: an error report of all the rest would hold the token.
            problem = "It could not be found out whether the session goes on."
            raise Unavailable(problem) from error.__cause__
        return None
    # The leeway is for a token that a server whose clock is ahead has just made.
    return verified if now < verified.expires_at else None


def _goes_on(session_id: str, now: datetime) -> bool:
    try:
        pk = UUID(session_id)
    except ValueError:
        return False
    return verify(pk, now=now)


def token_of(session: Session, template: str, *, has_secret: bool, now: datetime) -> str:
    """`tokenize_row()` at the session's level as it is judged: that of its standing proofs.

    Of a session that `fetch_whole()` has just read; `has_secret` is whether it is
    presented by one.
    """
    known = session.authentication_methods.all()
    standing = [proof for proof in known if proof.revoked_at is None]
    level = proofs.level_of_claims(standing)
    return tokenize_row(session, standing, template, has_secret=has_secret, now=now, level=level)
