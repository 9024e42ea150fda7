"""The devices of django-otp."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest

from sessions_hub.understanding.methods import OTP, claim_of_otp_device

from .base import Factor

PREFIX = OTP


def is_installed() -> bool:
    """Whether the site uses django-otp."""
    return apps.is_installed("django_otp")


def factors_of(user: AbstractBaseUser) -> list[Factor]:
    """The user's confirmed devices. One that first has to send a code takes none here."""
    from django_otp import devices_for_user

    return [
        Factor(
            claim=claim_of_otp_device(device.persistent_id),
            label=str(device.name),
            takes_code=not device.is_interactive(),
        )
        for device in devices_for_user(user)
    ]


def verify(request: HttpRequest, user: AbstractBaseUser, factor: Factor, code: str) -> bool:
    """Whether the device accepts the token; it throttles, and takes none twice.

    On success the session is verified for django-otp as well.
    """
    import django_otp

    device = django_otp.verify_token(user, factor.claim.factor.removeprefix(PREFIX), code)
    if device is None or not device.confirmed:
        return False
    django_otp.login(request, device)
    return True


def models() -> Iterator[Any]:
    """Every model whose rows are devices; a proxy is its own sender of signals."""
    from django_otp.models import Device

    return (model for model in apps.get_models() if issubclass(model, Device))


def removed_factor(device: Any, *, deleted: bool) -> str | None:
    """The factor that is gone with a deleted or unconfirmed device; None while it is good."""
    if not deleted and device.confirmed:
        return None
    return f"{PREFIX}{device.persistent_id}"
