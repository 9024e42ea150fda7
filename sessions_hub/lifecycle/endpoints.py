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
) -> None:
    """Store the first endpoint of a session that has none."""
    endpoint = SessionDevice(
        session_id=session_id,
        device_id=device.pk if device is not None else None,
        fingerprint=sighting.snapshot.fingerprint,
        first_seen_at=now,
        last_seen_at=now,
        **sighting.client_values,
        **sighting.place_values,
    )
    insert(endpoint, alias)


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
) -> None:
    """Store one more endpoint; the oldest but the first goes when there are too many."""
    try:
        with transaction.atomic(using=alias):
            add(session_id, device, sighting, now, alias)
    except IntegrityError:
        # A parallel request stored it, or the session is gone: both are fine.
        return
    rows: Any = SessionDevice.objects.using(alias).filter(session_id=session_id)
    ids = list(rows.order_by("first_seen_at", "id").values_list("pk", "last_seen_at"))
    excess = len(ids) - conf.SESSIONS_HUB_MAX_ENDPOINTS
    if excess > 0:
        oldest = sorted(ids[1:], key=lambda row: row[1])[:excess]
        rows.filter(pk__in=[pk for pk, _seen in oldest]).delete()
