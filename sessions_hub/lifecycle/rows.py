"""The rows of a new session: the session itself, and the device and place it began at."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest

from sessions_hub.models import Session, SessionType
from sessions_hub.models.ids import id_at

from . import arrivals, devices, endpoints
from .inserts import insert
from .limits import limits_of
from .policy import expiry
from .sighting import Sighting


def insert_row(
    user: Any,
    sighting: Sighting,
    alias: str,
    *,
    issued_at: datetime,
    proven_at: datetime,
    age: timedelta,
    now: datetime,
    **values: Any,
) -> Session:
    """Insert a Session row with its expiry worked out; `age` is Django's own, from now on."""
    session = build_row(
        user, sighting, issued_at=issued_at, proven_at=proven_at, age=age, now=now, **values
    )
    insert(session, alias)
    return session


def build_row(
    user: Any,
    sighting: Sighting,
    *,
    issued_at: datetime,
    proven_at: datetime,
    age: timedelta,
    now: datetime,
    **values: Any,
) -> Session:
    """The row of `insert_row()`, not stored yet; `values` come before all others."""
    kind = values.get("session_type", SessionType.REGULAR_LOGIN)
    limits = limits_of(kind, values.get("assurance_level", 0), lambda: user)
    columns = {
        "id": id_at(issued_at),
        "user": user,
        "issued_at": issued_at,
        "authenticated_at": issued_at,
        "fully_authenticated_at": proven_at,
        "last_used_at": now,
        "updated_at": now,
        "current_fingerprint": fingerprint_of(sighting),
        **expiry(age=age, now=now, proven_at=proven_at, limits=limits).columns,
        **sighting.client_values,
        **sighting.place_values,
    }
    return Session(**{**columns, **values})


def fingerprint_of(sighting: Sighting) -> str:
    """The endpoint's fingerprint; empty when there was no client to see."""
    return "" if sighting.snapshot.is_empty else sighting.snapshot.fingerprint


def store_endpoint(
    session: Session,
    user: Any,
    sighting: Sighting,
    now: datetime,
    alias: str,
    request: HttpRequest | None,
) -> devices.Recognised | None:
    """Store device and endpoint of a new session; None when no client was seen."""
    recognised = devices.recognise(user.pk, sighting, now, alias)
    if recognised is not None:
        endpoint = endpoints.add(session.pk, recognised.device, sighting, now, alias)
        devices.announce(recognised, session.pk, request, alias)
        arrivals.announce(user.pk, endpoint, request, alias, is_new_device=recognised.is_new)
    return recognised
