"""Devices for tests, with a key that a test client can be given."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.test import Client
from django.utils import timezone

from sessions_hub.capture import ClientSnapshot
from sessions_hub.conf import conf
from sessions_hub.lifecycle import devices
from sessions_hub.lifecycle.digests import DEVICE, digest, digests
from sessions_hub.lifecycle.guard import database
from sessions_hub.models import Device
from sessions_hub.models.client import client_values
from sessions_hub.understanding import understand_client

from .user_agents import LAPTOP

_PURPOSE = "testing"


def make_device(
    user: AbstractBaseUser,
    *,
    name: str = "",
    user_agent: str = LAPTOP,
    trusted: bool = False,
    seen_at: datetime | None = None,
) -> Device:
    """A stored device of `user`, first and last seen at `seen_at` (default: now).

    Give it to `sign_in()` for a sign-in on it. Its client columns are what the hub reads
    from `user_agent`.
    """
    seen_at = seen_at or timezone.now()
    snapshot = ClientSnapshot(user_agent=user_agent)
    device = Device(
        user_id=user.pk,
        name=name,
        trusted_at=seen_at if trusted else None,
        first_seen_at=seen_at,
        last_seen_at=seen_at,
        **client_values(snapshot, understand_client(snapshot)),
    )
    device.key_digest = digest(DEVICE, str(user.pk), _key_of(device))
    device.save(using=database(), force_insert=True)
    return device


def give_cookie(client: Client, device: Device, *, secure: bool) -> None:
    """Put the device's cookie into the client's jar.

    Raises ValueError for a device that `make_device()` did not make, whose key nobody knows,
    and where the site has no device cookie.
    """
    name = conf.SESSIONS_HUB_DEVICE_COOKIE
    if name is None:
        raise ValueError("SESSIONS_HUB_DEVICE_COOKIE is None: no client can be on a given device.")
    key = _key_of(device)
    if device.key_digest not in digests(DEVICE, str(device.user_id), key):
        raise ValueError(
            "Only a device of make_device() can be given. To sign in on the device of an "
            "earlier sign-in, pass that one's client."
        )
    client.cookies[f"__Host-{name}" if secure else name] = devices.signed_key(key)


def _key_of(device: Device) -> str:
    """The key of a device that make_device() makes: it follows from its id."""
    return digest(_PURPOSE, device.pk.hex)
