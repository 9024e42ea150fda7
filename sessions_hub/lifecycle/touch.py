"""What using a session leaves behind: the time of last use, its place, its expiry."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Greatest
from django.http import HttpRequest

from sessions_hub import signals, telemetry, tombstones
from sessions_hub.conf import conf
from sessions_hub.models import Device, Session, SessionDevice, SessionType

from . import arrivals, devices, endpoints
from .guard import bounded_write, database
from .policy import BELIEVED_AHEAD
from .sighting import Sighting, sight
from .state import RequestState
from .verdicts import VerdictRow


def touch(row: VerdictRow, values: dict[str, Any], now: datetime) -> bool:
    """Write `last_used_at` and `values`; False when the session has ended meanwhile, or
    was proven otherwise while a new expiry was worked out.

    One narrow UPDATE, bound to rows that have not ended: a `save()` here could
    bring an ended session back.
    """
    alias = database()
    with bounded_write(alias):
        touched = _update(row, values, now, alias)
        if touched and row.current_fingerprint and row.last_used_at.date() != now.date():
            _see_daily(row, now, alias)
    return touched


def touch_elsewhere(
    row: VerdictRow,
    request: HttpRequest,
    state: RequestState,
    values: dict[str, Any],
    now: datetime,
    *,
    only: Q | None = None,
    sighting: Sighting | None = None,
) -> bool:
    """Touch a session used from another address or user agent than the last time.

    False when it has ended meanwhile, or when `only` does not hold of its row. The
    first client of a session that began without one (`force_login()`, a command)
    becomes its sign-in client.
    """
    alias = database()
    sighting = sighting or sight(request)
    values = {**values, "current_fingerprint": sighting.snapshot.fingerprint}
    first = not row.current_fingerprint
    if first:
        values |= {**sighting.client_values, **sighting.place_values}
    with bounded_write(alias):
        if not _update(row, values, now, alias, only):
            return False
        if not endpoints.see_again(row.id, sighting.snapshot.fingerprint, now, alias):
            # A client that keeps no device key would be a new device at every address.
            is_full = not first and endpoints.is_full(row.id, alias)
            recognised = None
            if row.session_type == SessionType.IMPERSONATION:
                # The impersonator's client is none of the user's devices.
                is_full = True
                sighting = replace(sighting, device_key=None)
            if sighting.device_key is not None or not is_full:
                recognised = devices.recognise(row.user_id, sighting, now, alias)
            device = recognised.device if recognised else None
            fingerprint, endpoint = sighting.snapshot.fingerprint, None
            # Refused before, and proven now.
            was_held = conf.SESSIONS_HUB_BINDING and endpoints.accept(
                row.id, device, fingerprint, now, alias
            )
            if not was_held:
                endpoint = endpoints.add_further(row.id, device, sighting, now, alias)
            if recognised is not None:
                devices.announce(recognised, row.id, request, alias)
                state.device_key = recognised.new_key
            if endpoint is not None and row.session_type != SessionType.IMPERSONATION:
                arrivals.announce(
                    row.user_id,
                    endpoint,
                    request,
                    alias,
                    is_new_device=recognised is not None and recognised.is_new,
                )
                if state.move is not None:
                    arrivals.announce_move(row.user_id, endpoint, state.move, request, alias)
    return True


def _update(
    row: VerdictRow, values: dict[str, Any], now: datetime, alias: str, only: Q | None = None
) -> bool:
    rows = Session.objects.using(alias).filter(only or Q(), pk=row.id, ended_at__isnull=True)
    if "expires_at" in values:
        # Worked out from these: a step-up that came between has set limits of its own.
        rows = rows.filter(
            session_type=row.session_type,
            assurance_level=row.assurance_level,
            fully_authenticated_at=row.fully_authenticated_at,
        )
    touched = rows.update(last_used_at=used_at(now), **values)
    if touched:
        telemetry.count("touches")
        shortened = values.get("expires_at", row.expires_at) < row.expires_at
        if shortened or "current_fingerprint" in values:
            # Copies that say less than the row does are left to grow old.
            tombstones.lay([row.id], alias)
        signals.send_on_commit(signals.session_touched, Session, alias, session_id=row.id, now=now)
    return bool(touched)


def used_at(now: datetime) -> Case:
    """`policy.last_use()` in SQL: the time of last use after one at `now`."""
    return Case(
        When(last_used_at__gt=now + BELIEVED_AHEAD, then=Value(now)),
        default=Greatest(F("last_used_at"), Value(now)),
    )


def _see_daily(row: VerdictRow, now: datetime, alias: str) -> None:
    endpoints.see_again(row.id, row.current_fingerprint, now, alias)
    here = SessionDevice.objects.using(alias).filter(
        session_id=row.id, fingerprint=row.current_fingerprint
    )
    Device.objects.using(alias).filter(pk__in=here.values("device_id")).update(last_seen_at=now)
