"""What somebody has typed to prove who they are: looked at once, and counted before."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.contrib.sessions.backends.signed_cookies import SessionStore
from django.http import HttpRequest
from django.views.decorators.debug import sensitive_variables

from sessions_hub.understanding.methods import MethodClaim

from . import attempts
from .available import askable
from .exceptions import TooManyAttempts
from .factors import Factor
from .prove import prove_by_code, prove_by_password


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
    user: AbstractBaseUser,
    *,
    password: str = "",
    code: str = "",
    factor: str = "",
) -> list[MethodClaim]:
    """The proofs a signed-in user has given; none where one of them was wrong.

    A code is tried with the factor named, or with each that sends none. Raises
    TooManyAttempts, and whatever the tables of the factor packages raise.
    """
    if not attempts.may_try(user.pk):
        raise TooManyAttempts("Too many wrong answers.")
    claims: list[MethodClaim | None] = []
    if password:
        claims.append(prove_by_password(request, user, password))
    # A code is used up when it is right: not beside a wrong password.
    if code and None not in claims:
        claims.append(proof_by_code(request, user, _answerable(user, factor), code))
    proven = [claim for claim in claims if claim is not None]
    if not proven or len(proven) < len(claims):
        return []
    attempts.succeeded(user.pk)
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


def _answerable(user: AbstractBaseUser, factor: str) -> list[Factor]:
    mine = [one for one in askable(user) if one.takes_code]
    if factor:
        return [one for one in mine if one.key == factor]
    return [one for one in mine if not one.sends_code]
