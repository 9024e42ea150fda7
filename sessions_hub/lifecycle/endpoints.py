"""Where a session has been used: its SessionDevice rows."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from sessions_hub.conf import conf
from sessions_hub.models import Device, SessionDevice

from .inserts import insert
from .known import KnownDevice
from .sighting import Sighting


def add(
    session_id: UUID,
    device: Device | KnownDevice | None,
    sighting: Sighting,
    now: datetime,
    alias: str,
    *,
    fingerprint: str | None = None,
) -> SessionDevice:
    """Store an endpoint the session does not have, and return it.

    Raises django.db.IntegrityError when it has it.
    """
    endpoint = SessionDevice(
        session_id=session_id,
        device_id=device.pk if device is not None else None,
        fingerprint=fingerprint or sighting.snapshot.fingerprint,
        first_seen_at=now,
        last_seen_at=now,
        **sighting.client_values,
        **sighting.place_values,
    )
    insert(endpoint, alias)
    return endpoint


def held_fingerprint(fingerprint: str) -> str:
    """The fingerprint of a place a session was seen in and not accepted.

    It stays apart from that of an accepted one: a thief's place must not become
    known while the owner proves the session at home.
    """
    return f"!{fingerprint[1:]}"


def is_held(fingerprint: str) -> bool:
    """Whether it is the fingerprint of a place that was not accepted."""
    return fingerprint[:1] == "!"


def add_held(
    session_id: UUID, sighting: Sighting, now: datetime, alias: str
) -> SessionDevice | None:
    """Store a place the session was not accepted in; None when it is stored already."""
    fingerprint = held_fingerprint(sighting.snapshot.fingerprint)
    if see_again(session_id, fingerprint, now, alias):
        return None
    return add_further(session_id, None, sighting, now, alias, fingerprint=fingerprint)


def accept(
    session_id: UUID,
    device: Device | KnownDevice | None,
    fingerprint: str,
    now: datetime,
    alias: str,
) -> bool:
    """Accept a place that was not before; False when the session has no such one."""
    return bool(
        SessionDevice.objects.using(alias)
        .filter(session_id=session_id, fingerprint=held_fingerprint(fingerprint))
        .update(
            fingerprint=fingerprint,
            device_id=device.pk if device is not None else None,
            last_seen_at=now,
        )
    )


def see_again(session_id: UUID, fingerprint: str, now: datetime, alias: str) -> bool:
    """Note that a known endpoint was used; False when the session has no such one."""
    return bool(
        SessionDevice.objects.using(alias)
        .filter(session_id=session_id, fingerprint=fingerprint)
        .update(last_seen_at=now)
    )


def is_full(session_id: UUID, alias: str) -> bool:
    """Whether a session has as many endpoints as are kept."""
    rows = SessionDevice.objects.using(alias).filter(session_id=session_id)
    return rows.count() >= conf.SESSIONS_HUB_MAX_ENDPOINTS


def add_further(
    session_id: UUID,
    device: Device | KnownDevice | None,
    sighting: Sighting,
    now: datetime,
    alias: str,
    *,
    fingerprint: str | None = None,
) -> SessionDevice | None:
    """Store one more endpoint; the oldest but the first goes when there are too many.

    Returns it, or None when it could not be stored.
    """
    try:
        with transaction.atomic(using=alias):
            endpoint = add(session_id, device, sighting, now, alias, fingerprint=fingerprint)
    except IntegrityError:
        # A parallel request stored it, or the session is gone: both are fine.
        return None
    rows: Any = SessionDevice.objects.using(alias).filter(session_id=session_id)
    ids = list(rows.order_by("first_seen_at", "id").values_list("pk", "last_seen_at"))
    excess = len(ids) - conf.SESSIONS_HUB_MAX_ENDPOINTS
    if excess > 0:
        oldest = sorted(ids[1:], key=lambda row: row[1])[:excess]
        rows.filter(pk__in=[pk for pk, _seen in oldest]).delete()
    return endpoint
