"""What users can prove themselves with beside a password, whichever package keeps it.

Each package is known to its one module here, and asked only where it is installed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from types import ModuleType
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest

from sessions_hub.understanding.methods import MethodClaim

from . import allauth, otp
from .base import Factor, ProviderAnswer

__all__ = [
    "Factor",
    "ProviderAnswer",
    "begin",
    "code_models",
    "complete",
    "described",
    "factors_of",
    "removals",
    "said_by_provider",
    "send",
    "verify",
    "watch_providers",
]

_PACKAGES: tuple[ModuleType, ...] = (otp, allauth)


def factors_of(user: AbstractBaseUser) -> list[Factor]:
    """The confirmed factors of a user, read anew on each call.

    Raises what the packages' tables raise.
    """
    return [
        factor
        for package in _PACKAGES
        if package.is_installed()
        for factor in package.factors_of(user)
    ]


def verify(request: HttpRequest, user: AbstractBaseUser, factor: Factor, code: str) -> bool:
    """Whether `code` is right for one of the user's own factors.

    Counts as an attempt with its package, which may refuse to look at it. A code
    that was right is used up.
    """
    for package in _PACKAGES:
        if package.is_installed() and factor.key.startswith(package.PREFIX):
            return bool(package.verify(request, user, factor, code))
    return False


def send(user: AbstractBaseUser, factor: Factor) -> bool:
    """Let one of the user's own factors send its code; False when it does not.

    Raises whatever the delivery raises.
    """
    return factor.sends_code and otp.is_installed() and otp.send(user, factor)


def begin(
    request: HttpRequest, user: AbstractBaseUser, keys: Sequence[Factor], *, verify_user: bool
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Ask for one of the user's own keys: what the browser is told, and what to remember.

    The first is a `CredentialRequestOptions` as JSON (WebAuthn Level 3, §5.1.8), the
    second is for `complete()`, and never leaves the server. With `verify_user` the key
    is to ask for a PIN or a finger. Raises whatever the package raises.
    """
    return allauth.begin(request, user, keys, verify_user=verify_user)


def complete(
    request: HttpRequest,
    user: AbstractBaseUser,
    state: Mapping[str, Any],
    answer: Mapping[str, Any],
    *,
    begun_at: datetime,
    now: datetime,
) -> MethodClaim | None:
    """The proof that the answer of one of the user's own keys is; None when it is none.

    Its flags are those the key has signed. An answer counts once, whoever sends it
    again. Raises django.db.Error when the keys cannot be read.
    """
    if not allauth.is_installed():
        return None
    return allauth.complete(request, user, state, answer, begun_at=begun_at, now=now)


def described(claims: Sequence[MethodClaim]) -> list[MethodClaim]:
    """The claims, with what a package's own tables know of the authenticators."""
    described = list(claims)
    if allauth.is_installed():
        described = [allauth.described(claim) for claim in described]
    return described


def watch_providers(receiver: Any) -> None:
    """Have `receiver(sender, request, sociallogin)` called with each answer of a provider."""
    if allauth.has_providers():
        allauth.watch_providers(receiver)


def said_by_provider(sociallogin: Any) -> ProviderAnswer | None:
    """What a provider's answer says of how it authenticated the user; None for nothing."""
    return allauth.said_by_provider(sociallogin)


def code_models() -> Iterator[Any]:
    """The models whose rows are single backup codes."""
    for package in _PACKAGES:
        if package.is_installed():
            yield from package.code_models()


def removals() -> Iterator[tuple[Any, ModuleType]]:
    """The models whose rows are factors, each with the module that names them."""
    for package in _PACKAGES:
        if package.is_installed():
            for model in package.models():
                yield model, package
