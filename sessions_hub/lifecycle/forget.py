"""Forgetting a device."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from asgiref.sync import sync_to_async
from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from sessions_hub.models import Device, EndReason, Session

from .guard import bounded_write, database


def forget_device(
    device: Device | UUID, *, by: AbstractBaseUser | None = None, now: datetime | None = None
) -> int:
    """Forget a device and end the sessions used on it; return how many ended.

    Its row stays for the history, no longer trusted; its cookie names no device any
    more, so the browser's next sign-in is that of a new one. Forgetting once more
    keeps the first time. Raises django.db.DatabaseError when it could not be stored.
    """
    alias = database()
    now = now or timezone.now()
    pk = device if isinstance(device, UUID) else device.pk
    # First the key, so that no further sign-in finds the device. One that has found it
    # and is not through yet is ended by the next prune.
    with bounded_write(alias):
        Device.objects.using(alias).filter(pk=pk).update(
            key_digest=None,
            trusted_at=None,
            forgotten_at=Coalesce("forgotten_at", Value(now)),
        )
    used_here = Session.objects.using(alias).filter(session_devices__device=pk)
    return used_here.end(
        EndReason.DEVICE_FORGOTTEN, by=by, now=now, waiting=lambda: bounded_write(alias)
    )


aforget_device = sync_to_async(forget_device)
