"""What users can prove themselves with beside a password, whichever package keeps it.

Each package is known to its one module here, and asked only where it is installed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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


def removals() -> Iterator[tuple[Any, ModuleType]]:
    """The models whose rows are factors, each with the module that names them."""
    for package in _PACKAGES:
        if package.is_installed():
            for model in package.models():
                yield model, package
