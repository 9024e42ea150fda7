"""Signing a program in by its user's proofs: as strict as signing in by a browser."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from typing import Any

from django.contrib.auth import authenticate, get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.contrib.auth.signals import user_logged_in
from django.http import HttpRequest
from django.views.decorators.debug import sensitive_variables

from sessions_hub import events
from sessions_hub.conf import conf
from sessions_hub.understanding.methods import MethodClaim, claim_of_backend

from . import attempts, proofs
from .answers import apart, proof_by_code
from .available import PASSWORD, askable, available_level, available_methods
from .exceptions import SessionsHubError, TooManyAttempts
from .factors import Factor

logger = logging.getLogger(__name__)


class WrongCredentials(SessionsHubError):
    """Nobody has these credentials, or whoever has may not sign in."""


class MoreProofNeeded(SessionsHubError):
    """The password was right; the user has more to prove than was proven.

    `factors` are those of which this API takes a code, `methods` all that the user could
    prove besides; `is_wrong` says that a code was given and was not right.
    """

    def __init__(
        self, needed: Sequence[Factor], *, methods: Collection[str], is_wrong: bool
    ) -> None:
        super().__init__("A second factor is needed.")
        self.factors = needed
        self.methods = methods
        self.is_wrong = is_wrong


@sensitive_variables("password", "code")
def prove_program(
    request: HttpRequest, username: str, password: str, code: str = "", factor: str = ""
) -> tuple[AbstractBaseUser, list[MethodClaim]]:
    """The user of a program's credentials, and what they prove.

    Asks the site's authentication backends, so that those which count failures do. A code
    is tried with the factor named, or with each of the user's. Raises WrongCredentials,
    MoreProofNeeded (nobody with a second factor gets by without it) and TooManyAttempts.
    """
    if "\x00" in username or "\x00" in password:
        # PostgreSQL cannot look for it, and nobody is called that.
        raise WrongCredentials("Wrong credentials.")
    user: Any = authenticate(request, username=username, password=password)
    # Whatever backends make of inactive users: no secret of theirs opens anything.
    if not isinstance(user, get_user_model()) or not getattr(user, "is_active", True):
        raise WrongCredentials("Wrong credentials.")
    claim = claim_of_backend(user.backend)
    claims = [PASSWORD if claim.method == PASSWORD.method else claim]
    wanted = available_level(user)
    if proofs.level_of_claims(claims) >= wanted:
        return user, claims
    offered = [
        one
        for one in askable(user)
        if one.takes_code
        and not one.sends_code
        and one.claim.method in conf.SESSIONS_HUB_API_SIGN_IN
    ]
    if not code:
        raise _needed(user, claims, offered)
    # Together with the codes that are typed to prove a session again.
    counted = attempts.of_factor(user.pk)
    if not attempts.may_try(counted):
        events.emit(events.PROOF_BLOCKED, session_id=None, user_id=user.pk)
        raise TooManyAttempts("Too many wrong codes.")
    tried = [one for one in offered if factor in ("", one.key)]
    proven = proof_by_code(apart(request, user), user, tried, code)
    if proven is None:
        events.emit(events.PROOF_FAILED, session_id=None, user_id=user.pk)
        raise _needed(user, claims, offered, is_wrong=True)
    claims.append(proven)
    if proofs.level_of_claims(claims) < wanted:
        raise _needed(user, claims, offered)
    attempts.succeeded(counted)
    return user, claims


def _needed(
    user: AbstractBaseUser,
    claims: Sequence[MethodClaim],
    offered: Sequence[Factor],
    *,
    is_wrong: bool = False,
) -> MoreProofNeeded:
    methods = available_methods(user) - {claim.method for claim in claims}
    return MoreProofNeeded(offered, methods=methods, is_wrong=is_wrong)


def tell_signed_in(request: HttpRequest, user: AbstractBaseUser) -> None:
    """Send Django's signal of a sign-in: `last_login` and the site's receivers go by it."""
    user_logged_in.send(sender=user.__class__, request=request, user=user)
