"""Recognising a device by the key its cookie carries, not by guessing."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.core import signing
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.functional import SimpleLazyObject

from sessions_hub import signals
from sessions_hub.conf import conf
from sessions_hub.models import Device, Session

from .digests import DEVICE, digests
from .inserts import insert
from .known import KnownDevice, find_device

if TYPE_CHECKING:
    from .sighting import Sighting

# The longest a browser keeps a cookie.
COOKIE_AGE = timedelta(days=400)
_SALT = "sessions_hub.device"
SEEN_EVERY = timedelta(days=1)
_RAW = ("user_agent", "client_hints")


@dataclass(frozen=True, slots=True)
class Recognised:
    """A device row, and the key its client must be given to be known again."""

    device: Device | KnownDevice
    new_key: str | None = None
    is_new: bool = False


def cookie_name(request: HttpRequest) -> str | None:
    """The device cookie's name for this request; None when the site uses none."""
    name = conf.SESSIONS_HUB_DEVICE_COOKIE
    if name is None:
        return None
    return f"__Host-{name}" if request.is_secure() else name


def presented_key(request: HttpRequest) -> str | None:
    """The device key in the request's cookie; None without one, or with a forged one."""
    name = cookie_name(request)
    value = request.COOKIES.get(name) if name else None
    if not value or len(value) > 256:
        return None
    try:
        return signing.TimestampSigner(salt=_SALT).unsign(value, max_age=COOKIE_AGE)
    except signing.BadSignature:
        return None


def signed_key(key: str) -> str:
    """The value of the cookie that carries this device key."""
    return signing.TimestampSigner(salt=_SALT).sign(key)


def set_cookie(request: HttpRequest, response: HttpResponse, key: str) -> None:
    """Give the client its device key; no shared cache may keep the answer."""
    name = cookie_name(request)
    if name is None:
        return
    response.set_cookie(
        name,
        signed_key(key),
        max_age=COOKIE_AGE,
        secure=request.is_secure(),
        httponly=True,
        samesite="Lax",
    )
    patch_vary_headers(response, ("Cookie",))
    patch_cache_control(response, private=True)


def recognise(user_id: Any, sighting: Sighting, now: datetime, alias: str) -> Recognised | None:
    """The device of a sighting, made when it is new; None when nothing was sighted.

    One SELECT for a client that presents a key, one INSERT for a new one. Call it
    inside a transaction.
    """
    if sighting.snapshot.is_empty:
        return None
    key, new_key = _key(sighting)
    candidates = digests(DEVICE, str(user_id), key)
    client_values = sighting.client_values
    if new_key is None and (known := find_device(user_id, candidates, alias)) is not None:
        values = {"key_digest": candidates[0], **client_values}
        if _refresh(known, values, now, alias):
            return Recognised(known)
        # A prune was faster: nobody had been seen on it for long.
    device = Device(
        user_id=user_id,
        key_digest=candidates[0],
        first_seen_at=now,
        last_seen_at=now,
        **client_values,
    )
    if new_key is not None:
        # Just drawn at random: nobody else inserts it, so there is nothing to go back to.
        insert(device, alias)
        return Recognised(device, new_key=new_key, is_new=True)
    try:
        with transaction.atomic(using=alias):
            insert(device, alias)
    except IntegrityError:
        # Another sign-in of the same browser was faster; or the user is gone.
        if (known := find_device(user_id, candidates, alias)) is None:
            raise
        return Recognised(known)
    return Recognised(device, is_new=True)


def announce(
    recognised: Recognised, session_id: UUID, request: HttpRequest | None, alias: str
) -> None:
    """Send `device_first_seen` after commit when the device is new."""
    if recognised.is_new:
        signals.send_on_commit(
            signals.device_first_seen,
            Device,
            alias,
            device=recognised.device,
            session=SimpleLazyObject(lambda: Session.objects.using(alias).get(pk=session_id)),
            request=request,
        )


def _key(sighting: Sighting) -> tuple[str, str | None]:
    if conf.SESSIONS_HUB_DEVICE_COOKIE is None:
        # The next best: clients of the same kind count as one device.
        facts = sighting.facts
        return f"{facts.os_code}|{facts.client_name}|{facts.device_type}", None
    if sighting.device_key is not None:
        return sighting.device_key, None
    key = secrets.token_urlsafe(32)
    return key, key


def _refresh(known: KnownDevice, values: dict[str, Any], now: datetime, alias: str) -> bool:
    """Bring a device's row up to date where it is not; False where it is gone."""
    changed: dict[str, Any] = {}
    if any(known.values[name] != values[name] for name in _RAW):
        # All that was made of them, since reparsesessions may have changed the rest
        # of the row since it was read.
        changed = dict(values)
    elif known.values["key_digest"] != values["key_digest"]:
        # What is made of the same client is left to reparsesessions: it may have had a
        # better backend than sign-ins have.
        changed["key_digest"] = values["key_digest"]
    if changed or now - known.last_seen_at >= SEEN_EVERY:
        changed["last_seen_at"] = max(now, known.last_seen_at)
        return bool(Device.objects.using(alias).filter(pk=known.pk).update(**changed))
    return True
