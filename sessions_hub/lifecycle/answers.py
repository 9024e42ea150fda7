"""What somebody has typed to prove who they are: looked at once, and counted before."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.contrib.sessions.backends.signed_cookies import SessionStore
from django.http import HttpRequest
from django.views.decorators.debug import sensitive_variables

from sessions_hub import events
from sessions_hub.models import Session
from sessions_hub.understanding.methods import MethodClaim

from . import attempts
from .available import PASSWORD, askable
from .exceptions import ProofNotFull, TooManyAttempts
from .factors import Factor
from .prove import prospects, prove_by_code, prove_by_password


def apart(request: HttpRequest, user: AbstractBaseUser) -> HttpRequest:
    """A copy of a program's request whose Django session nobody keeps.

    Packages note a proof in the Django session, and a browser's is not the program's.
    """
    copied: Any = copy(request)
    copied.session = SessionStore()
    copied.user = user
    plain: HttpRequest = copied
    return plain


@sensitive_variables("password", "code")
def claims_of_answer(
    request: HttpRequest,
    session: Session,
    user: AbstractBaseUser,
    *,
    password: str = "",
    code: str = "",
    factor: str = "",
    now: datetime,
) -> list[MethodClaim]:
    """The proofs a signed-in user has given of their session; none where one was wrong.

    A code is tried with the factor named, or with each that sends none. Raises
    ProofNotFull before anything is looked at where they could only end the session: the
    packages note a code that is right, and the session would be raised by that alone.
    Raises TooManyAttempts, and whatever the tables of the factor packages raise.
    """
    tried = _answerable(user, factor) if code else []
    if not _goes_on(session, user, bool(password), tried, now):
        raise ProofNotFull("The session's new level takes a full proof.")
    # Each counted for itself: a right password forgives no wrong codes.
    counted = [attempts.of_password(user.pk)] if password else []
    counted += [attempts.of_factor(user.pk)] if code else []
    told = {"session_id": session.pk, "user_id": user.pk}
    if not all(attempts.may_try(key) for key in counted):
        events.emit(events.PROOF_BLOCKED, **told)
        raise TooManyAttempts("Too many wrong answers.")
    claims: list[MethodClaim | None] = []
    if password:
        claims.append(prove_by_password(request, user, password))
    # A code is used up when it is right: not beside a wrong password.
    if code and None not in claims:
        claims.append(proof_by_code(request, user, tried, code))
    proven = [claim for claim in claims if claim is not None]
    if not proven or len(proven) < len(claims):
        events.emit(events.PROOF_FAILED, **told)
        return []
    for key in counted:
        attempts.succeeded(key)
    return proven


@sensitive_variables("code")
def proof_by_code(
    request: HttpRequest, user: AbstractBaseUser, tried: Sequence[Factor], code: str
) -> MethodClaim | None:
    """The proof a code gives of the first of these factors that it is right for."""
    for factor in tried:
        if (claim := prove_by_code(request, user, factor, code)) is not None:
            return claim
    return None


def _goes_on(
    session: Session,
    user: AbstractBaseUser,
    with_password: bool,
    tried: Sequence[Factor],
    now: datetime,
) -> bool:
    prospect = prospects(session, user, now)
    claims = [PASSWORD] if with_password else []
    sets = [[*claims, one.claim] for one in tried] or [claims]
    return all(prospect(one).goes_on for one in sets)


def _answerable(user: AbstractBaseUser, factor: str) -> list[Factor]:
    mine = [one for one in askable(user) if one.takes_code]
    if factor:
        return [one for one in mine if one.key == factor]
    return [one for one in mine if not one.sends_code]
