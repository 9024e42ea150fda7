"""What users write to their own rows: a session's metadata, and what a device is called."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Value
from django.db.models.functions import Coalesce

from sessions_hub.models import Device, Session
from sessions_hub.models.validity import within_limits

from .exceptions import NotChanged
from .guard import bounded_write, database
from .metadata import check_metadata


def describe_session(
    session: Session | UUID,
    *,
    metadata: dict[str, Any] | None = None,
    name: str | None = None,
    now: datetime,
) -> None:
    """Write a live session's metadata, its name, or both; None leaves what is there.

    Metadata is replaced, not merged: of two writers the last one's is whole. Raises
    ValueError for metadata that `check_metadata()` refuses, NotChanged when the session has
    ended, and django.db.Error when nothing could be stored.
    """
    values: dict[str, Any] = {}
    if metadata is not None:
        check_metadata(metadata)
        values["metadata"] = metadata
    if name is not None:
        values["name"] = name
    pk = session if isinstance(session, UUID) else session.pk
    alias = database()
    with bounded_write(alias):
        live = Session.objects.using(alias).filter(within_limits(now), pk=pk, ended_at__isnull=True)
        if not live.update(updated_at=now, **values):
            raise NotChanged("The session has ended.")


def describe_device(
    device: Device | UUID,
    *,
    name: str | None = None,
    trusted: bool | None = None,
    now: datetime,
) -> None:
    """Name a device, or say whether it is trusted; None leaves what is there.

    Trusting it once more keeps the first time. Raises NotChanged when it is forgotten, and
    django.db.Error when nothing could be stored.
    """
    values: dict[str, Any] = {}
    if name is not None:
        values["name"] = name
    if trusted is not None:
        values["trusted_at"] = Coalesce("trusted_at", Value(now)) if trusted else None
    pk = device if isinstance(device, UUID) else device.pk
    alias = database()
    with bounded_write(alias):
        known = Device.objects.using(alias).filter(pk=pk, forgotten_at__isnull=True)
        if not (known.update(**values) if values else known.exists()):
            raise NotChanged("The device is forgotten.")
