"""The request phase of binding: a session that shows up in another place."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest

from sessions_hub import tombstones
from sessions_hub.capture import ClientSnapshot
from sessions_hub.conf import conf
from sessions_hub.models import EndReason, Session, SessionDevice, SessionType
from sessions_hub.models.querysets import end_row, end_values
from sessions_hub.understanding import ClientFacts, understand_client

from . import arrivals, endpoints
from .binding import Action, Move, Sight, judge_move, network_of
from .guard import bounded_write, database
from .sighting import Sighting, fingerprint_of_request, sight, snapshot_of
from .state import RequestState
from .travel import Point
from .verdicts import VerdictRow

# What a place is compared by.
_COLUMNS = (
    "fingerprint",
    "user_agent",
    "os_code",
    "os_name",
    "client_name",
    "country_code",
    "autonomous_system",
    "latitude",
    "longitude",
    "last_seen_at",
)


def judge_place(
    request: HttpRequest, state: RequestState, row: VerdictRow, now: datetime
) -> VerdictRow | None:
    """The row to go on with, held if its session has moved that far; None when it has ended.

    Costs nothing while the request comes from where the last one came from, and one
    SELECT where it does not. A place the session was accepted in is not judged again.
    Raises django.db.DatabaseError: without a verdict nobody is let in.
    """
    if not row.current_fingerprint:
        # Begun without a client: this one becomes the sign-in's.
        return row
    fingerprint = fingerprint_of_request(request, state, row.user_id)
    if fingerprint in {"", row.current_fingerprint}:
        return row
    alias = database()
    with bounded_write(alias):
        places = list(
            SessionDevice.objects.using(alias)
            .filter(session_id=row.id)
            .values("session__session_type", *_COLUMNS)
        )
    stored = {place["fingerprint"] for place in places}
    held_already = endpoints.held_fingerprint(fingerprint) in stored
    if fingerprint in stored or (held_already and row.proof_required_at is not None):
        return row
    sighting = sight(request, snapshot_of(request))
    known = [
        _known_sight(place, row) for place in places if not endpoints.is_held(place["fingerprint"])
    ]
    move = judge_move(
        known,
        _new_sight(sighting, now),
        conf.SESSIONS_HUB_BINDING,
        speed=conf.SESSIONS_HUB_TRAVEL_SPEED,
        # A place is known by its last write.
        slack=conf.SESSIONS_HUB_TOUCH_INTERVAL,
    )
    if move is None:
        return row
    if not conf.SESSIONS_HUB_ENFORCE:
        move = Move(Action.RECORD, move.causes)
    if move.action is Action.RECORD:
        # Told when the place is stored, which of several requests one does.
        state.move = move
        return row
    if any(place["session__session_type"] == SessionType.IMPERSONATION for place in places):
        # Nobody can prove to be the user they impersonate.
        move = Move(Action.END, move.causes)
    if move.action is Action.END:
        _end(row, sighting, move, request, now, alias)
        return None
    _hold(row, sighting, move, request, now, alias)
    return row._replace(proof_required_at=row.proof_required_at or now)


def _hold(
    row: VerdictRow,
    sighting: Sighting,
    move: Move,
    request: HttpRequest,
    now: datetime,
    alias: str,
) -> None:
    """Let the session do nothing but be proven; a parallel request may have been faster."""
    rows = Session.objects.using(alias).filter(
        pk=row.id, ended_at__isnull=True, proof_required_at__isnull=True
    )
    with bounded_write(alias):
        if rows.update(proof_required_at=now, updated_at=now):
            tombstones.lay([row.id], alias)
            _store(row, sighting, move, request, now, alias)


def _end(
    row: VerdictRow,
    sighting: Sighting,
    move: Move,
    request: HttpRequest,
    now: datetime,
    alias: str,
) -> None:
    values = end_values(EndReason.COMPROMISED, None, now)
    with bounded_write(alias):
        if end_row(Session, row.id, values, alias):
            _store(row, sighting, move, request, now, alias)


def _store(
    row: VerdictRow,
    sighting: Sighting,
    move: Move,
    request: HttpRequest,
    now: datetime,
    alias: str,
) -> None:
    endpoint = endpoints.add_held(row.id, sighting, now, alias)
    if endpoint is not None:
        arrivals.announce(row.user_id, endpoint, request, alias)
    else:
        # Seen before, proven at home since, and here again.
        fingerprint = endpoints.held_fingerprint(sighting.snapshot.fingerprint)
        held = SessionDevice.objects.using(alias).filter(session_id=row.id)
        endpoint = held.filter(fingerprint=fingerprint).first()
    if endpoint is not None:
        arrivals.announce_move(row.user_id, endpoint, move, request, alias)


def _known_sight(place: dict[str, Any], row: VerdictRow) -> Sight:
    seen_at = place["last_seen_at"]
    if place["fingerprint"] == row.current_fingerprint:
        seen_at = max(seen_at, row.last_used_at)
    bare = _bare_facts(place["user_agent"])
    return Sight(
        systems=_names(place["os_code"] or place["os_name"], _system(bare)),
        clients=_names(place["client_name"], bare.client_name),
        country=place["country_code"],
        network=network_of(place["autonomous_system"]),
        point=_point(place["latitude"], place["longitude"]),
        seen_at=seen_at,
    )


def _new_sight(sighting: Sighting, now: datetime) -> Sight:
    facts, place = sighting.facts, sighting.place
    bare = _bare_facts(sighting.snapshot.user_agent)
    return Sight(
        systems=_names(_system(facts), _system(bare)),
        clients=_names(facts.client_name, bare.client_name),
        country=place.country_code,
        network=network_of(place.autonomous_system),
        point=_point(place.latitude, place.longitude),
        seen_at=now,
    )


def _bare_facts(user_agent: str) -> ClientFacts:
    # Hints may name another client than the agent alone (Brave says Chrome), and come
    # with some requests only; and an older row may have been read by older tables.
    return understand_client(ClientSnapshot(user_agent=user_agent))


def _system(facts: ClientFacts) -> str:
    return facts.os_code or facts.os_name


def _names(*names: str) -> frozenset[str]:
    return frozenset(name for name in names if name)


def _point(latitude: float | None, longitude: float | None) -> Point | None:
    return None if latitude is None or longitude is None else Point(latitude, longitude)
