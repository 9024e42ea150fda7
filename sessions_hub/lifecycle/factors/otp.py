"""The devices of django-otp."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.contrib.auth.models import AbstractBaseUser
from django.db import router, transaction
from django.http import HttpRequest

from sessions_hub.understanding.methods import OTP, claim_of_otp_device

from .base import Factor

PREFIX = OTP
# A single backup code.
_CODE = ("otp_static", "StaticToken")
# The fields of the well-known devices that say whose they are, and what answers for them.
_SECRETS = (
    "user_id",
    "confirmed",
    "key",
    "email",
    "number",
    "private_id",
    "public_id",
    "credential_id",
    "public_key",
)


def is_installed() -> bool:
    """Whether the site uses django-otp."""
    return apps.is_installed("django_otp")


def factors_of(user: AbstractBaseUser) -> list[Factor]:
    """The user's confirmed devices."""
    from django_otp import devices_for_user

    return [
        Factor(
            claim=claim_of_otp_device(device.persistent_id),
            label=str(device.name),
            takes_code=True,
            sends_code=device.is_interactive(),
        )
        for device in devices_for_user(user)
    ]


def verify(request: HttpRequest, user: AbstractBaseUser, factor: Factor, code: str) -> bool:
    """Whether the device accepts the token; it throttles, and takes none twice.

    On success the session is verified for django-otp as well.
    """
    import django_otp

    persistent_id = factor.key.removeprefix(PREFIX)
    # django-otp locks the device's row, in a transaction on the default database: where
    # devices are in another one, it would have none there.
    with transaction.atomic(using=_database_of(persistent_id)):
        device = django_otp.verify_token(user, persistent_id, code)
    if device is None or not device.confirmed:
        return False
    django_otp.login(request, device)
    return True


def _database_of(persistent_id: str) -> str | None:
    """Where the device's row is written; None, the default, for a model there is not."""
    try:
        return router.db_for_write(apps.get_model(persistent_id.partition("/")[0]))
    except (LookupError, ValueError):
        return None


def send(user: AbstractBaseUser, factor: Factor) -> bool:
    """Let a device send its code; False when it may not now, by its own cooldown."""
    from django_otp.models import Device

    device = Device.from_persistent_id(factor.key.removeprefix(PREFIX))
    if device is None or device.user_id != user.pk or not device.confirmed:
        return False
    if not device.generate_is_allowed()[0]:
        return False
    device.generate_challenge()
    return True


def models() -> Iterator[Any]:
    """Every model whose rows are devices; a proxy is its own sender of signals."""
    from django_otp.models import Device

    return (model for model in apps.get_models() if issubclass(model, Device))


def secret_of(device: Any) -> list[Any]:
    """What makes a device the one it is: all but its name, and what using it changes."""
    return [getattr(device, name, None) for name in _SECRETS]


def code_models() -> Iterator[Any]:
    """Models whose rows are single codes of a device, which using one deletes."""
    if apps.is_installed("django_otp.plugins.otp_static"):
        yield apps.get_model(*_CODE)


def removed_factor(device: Any, *, deleted: bool) -> str | None:
    """The factor that is gone with a deleted or unconfirmed device; None while it is good."""
    if not deleted and device.confirmed:
        return None
    return f"{PREFIX}{device.persistent_id}"
