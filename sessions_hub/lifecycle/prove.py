"""Proving the session one is in once more: a password or a factor, and never another identity."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.contrib.auth import HASH_SESSION_KEY, authenticate, get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.core import signing
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare
from django.views.decorators.debug import sensitive_variables

from sessions_hub import events
from sessions_hub.logs import log_once_a_minute
from sessions_hub.models import AssuranceLevel, Session, SessionType
from sessions_hub.understanding.methods import MethodClaim, claim_of_backend

from . import factors, kinds, link, proofs
from .available import PASSWORD
from .exceptions import NotSignedIn
from .factors import Factor
from .guard import database
from .limits import limits_of
from .policy import is_full, outlasts
from .start import prove_existing
from .state import plain_request, state_of

# The factors of which this very session has asked for a code.
_ASKED = "_sessions_hub_asked"
_SALT = "sessions_hub.reauthenticate"
# How long a form may stay open.
_OPEN_SECONDS = 3600

logger = logging.getLogger(__name__)


def challenge_for(session: Session) -> str:
    """What a form carries so that it can be answered in this session, and once.

    It names the session and its last proof, which the answer moves.
    """
    return signing.dumps(subject_of(session), salt=_SALT)


def is_challenge_of(session: Session, challenge: str) -> bool:
    """Whether a form was made for this session and has not been answered since."""
    try:
        subject = signing.loads(challenge, salt=_SALT, max_age=_OPEN_SECONDS)
    except signing.BadSignature:
        return False
    return bool(subject == subject_of(session))


def subject_of(session: Session) -> list[str]:
    """What a question is about: the session, and its last proof, which an answer moves."""
    return [str(session.pk), session.authenticated_at.isoformat()]


def is_own(session: Session) -> bool:
    """Whether whoever is in the session is its user: an impersonator proves nothing of theirs."""
    return session.session_type != SessionType.IMPERSONATION and session.impersonator_id is None


@sensitive_variables("password")
def prove_by_password(
    request: HttpRequest, user: AbstractBaseUser, password: str
) -> MethodClaim | None:
    """The proof a password gives, asked of the authentication backends; None when it is wrong.

    They count the attempt, as of any sign-in. An answer with another user is refused.
    """
    state = state_of(plain_request(request) or request)
    state.is_proving_again = True
    try:
        found: Any = authenticate(request, username=user.get_username(), password=password)
    finally:
        state.is_proving_again = False
    if found is None:
        return None
    if not isinstance(found, get_user_model()) or found.pk != user.pk:
        events.emit(events.PROOF_OF_OTHER_USER, user_id=user.pk, backend=found.backend)
        return None
    # A hash that was brought up to date on the way is the same password: without this
    # Django would sign the visitor out for it.
    auth_hash = found.get_session_auth_hash()
    if not constant_time_compare(request.session.get(HASH_SESSION_KEY, ""), auth_hash):
        request.session[HASH_SESSION_KEY] = auth_hash
    claim = claim_of_backend(found.backend)
    return PASSWORD if claim.method == PASSWORD.method else claim


@sensitive_variables("code")
def prove_by_code(
    request: HttpRequest, user: AbstractBaseUser, factor: Factor, code: str
) -> MethodClaim | None:
    """The proof a code gives; None when it is wrong, used, or not looked at.

    One that is sent counts only in the session that has asked for it, and once.
    """
    asked: list[str] = request.session.get(_ASKED, [])
    if factor.sends_code and factor.key not in asked:
        return None
    if not factors.verify(request, user, factor, code):
        return None
    if factor.key in asked:
        request.session[_ASKED] = [key for key in asked if key != factor.key]
    return factor.claim


def ask_for_code(request: HttpRequest, user: AbstractBaseUser, factor: Factor) -> bool:
    """Have a code sent for this session; False when it could not be, or not now."""
    try:
        if not factors.send(user, factor):
            return False
    except Exception:  # noqa: BLE001
        log_once_a_minute(logger, logging.ERROR, "send", "A code could not be sent.", exc_info=True)
        return False
    asked: list[str] = request.session.get(_ASKED, [])
    request.session[_ASKED] = [*(key for key in asked if key != factor.key), factor.key]
    return True


def prove_again(
    request: HttpRequest, claims: Sequence[MethodClaim], *, now: datetime
) -> Session | None:
    """Add completed proofs to the session a request is in, and return it.

    Moves `authenticated_at`, and `fully_authenticated_at` where the proofs together
    are as good as the session's level; ends a demand for a proof; changes the key
    with the answer (ASVS 7.2.4). None when the session has ended meanwhile, and for
    an impersonation. Raises NotSignedIn when the request is in no session, ProofNotFull
    when it takes more proofs at once, and django.db.Error when nothing could be stored.
    """
    tie = link.read(request.session)
    if tie is None or tie.marker is None or tie.user_id != link.user_id_of(request.user):  # type: ignore[arg-type]
        raise NotSignedIn("The request is in no session that could be proven again.")
    return prove_existing(request, request.user, tie, tie.marker, claims, now)


class Prospect(NamedTuple):
    """What more proofs would make of a session: its level, and whether it would go on at all."""

    level: AssuranceLevel
    goes_on: bool


def prospects(
    session: Session, user: AbstractBaseUser, now: datetime
) -> Callable[[Sequence[MethodClaim]], Prospect]:
    """What tells how a session would stand with more proofs, as `prove_again()` judges. One SELECT.

    It would not go on where they raise it to a level whose limit, counted from the
    last full proof, has passed, and are no full proof themselves.
    """
    standing = proofs.standing(session.pk, database())
    known = [proof.method for proof in standing]

    def prospect(claims: Sequence[MethodClaim]) -> Prospect:
        level = proofs.level_of_claims([*standing, *claims])
        kind = kinds.type_after(session.session_type, known, claims, is_sign_in=True)
        full = is_full(level, proofs.level_of_claims(claims))
        last_full = session.fully_authenticated_at
        proven_at = now if full else proofs.raised_since(last_full, level, standing)
        limits = limits_of(kind, level, lambda: user)
        return Prospect(level, outlasts(limits, proven_at=proven_at, now=now))

    return prospect
