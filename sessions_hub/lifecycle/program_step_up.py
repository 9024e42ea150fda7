"""A program's session, proven again by its user."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth import HASH_SESSION_KEY
from django.http import HttpRequest
from django.views.decorators.debug import sensitive_variables

from sessions_hub import signals, tombstones
from sessions_hub.models import Method, Session

from . import proofs
from .answers import apart, claims_of_answer
from .bearer import Bearer
from .current import current_session
from .digests import CREDENTIALS, digest
from .exceptions import TokenNotRotated
from .guard import bounded_write, database
from .policy import PROGRAMS
from .reprove import note_proof, type_with, values_with
from .tokens import locked_session, replace_secret

# What `claims_within()` gives.
_HANDED_OUT = frozenset({Method.TOKEN, Method.SERVER, Method.UNKNOWN})


def can_be_proven(bearer: Bearer) -> bool:
    """Whether somebody sits in front of this program.

    A key that nobody minds would keep a level for as long as it lasts: no assurance level
    limits it.
    """
    return bearer.row.session_type not in PROGRAMS


def was_handed_out(bearer: Bearer) -> bool:
    """Whether nobody has proven this session but whoever made it.

    It may be less than what made it, and would outlast it.
    """
    standing = proofs.standing(bearer.session_id, database())
    return all(proof.method in _HANDED_OUT for proof in standing)


@sensitive_variables()
def prove_program_again(
    request: HttpRequest,
    bearer: Bearer,
    *,
    password: str = "",
    code: str = "",
    factor: str = "",
    now: datetime,
) -> str | None:
    """Add what its user proves to a program's session; return its new secret.

    None where a proof was wrong. The secret that was presented is replaced (ASVS 7.2.4).
    Of the limits only the absolute one moves, and not further than the session lasts
    already. Raises TooManyAttempts, ProofNotFull, TokenNotRotated when the session has
    ended or the secret was replaced, and django.db.Error: nothing is stored then.
    """
    if (session := current_session(request)) is None:
        raise TokenNotRotated("The session has ended.")
    asked = apart(request, bearer.user)
    claims = claims_of_answer(
        asked, session, bearer.user, password=password, code=code, factor=factor, now=now
    )
    if not claims:
        return None
    alias = database()
    with bounded_write(alias):
        before = locked_session(bearer, now, alias)
        values = values_with(
            before,
            bearer.user,
            claims,
            alias,
            kind=type_with(before, claims, alias),
            age=before.expires_at - now,
            now=now,
            own=True,
        )
        # A better hash of the same password, stored in passing, must not cost the session.
        if auth_hash := asked.session.get(HASH_SESSION_KEY):
            values["credentials_digest"] = digest(CREDENTIALS, auth_hash)
        secret = replace_secret(bearer, now, alias)
        Session.objects.using(alias).filter(pk=before.pk).update(**values)
        tombstones.lay([before.pk], alias)
        proofs.store(before.pk, claims, now, alias)
        for name, value in values.items():
            setattr(before, name, value)
        note_proof(before.pk, before.user_id, claims, before.assurance_level, alias)
        signals.send_on_commit(
            signals.session_started,
            Session,
            alias,
            session=before,
            request=request,
            reauthentication=True,
        )
    return secret
