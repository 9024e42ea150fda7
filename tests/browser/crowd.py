"""A month of a site with a few hundred sign-ins, the same every time."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from sessions_hub.capture.address import address_key
from sessions_hub.lifecycle.audit import Actor
from sessions_hub.lifecycle.staff import end_one, extend_one
from sessions_hub.models import (
    AuthenticationMethod,
    Device,
    EndReason,
    FailedSignIns,
    Session,
    SessionDevice,
    SessionType,
)
from sessions_hub.models.failed_sign_ins import quarter_of
from sessions_hub.models.ids import id_at
from tests.factories import build_session, make_method, make_session_device, make_user

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def _client(system: str, version: str, name: str, number: str, kind: str) -> dict[str, str]:
    return {
        "os_name": system,
        "os_version": version,
        "client_name": name,
        "client_version": number,
        "client_type": "browser",
        "device_type": kind,
        "user_agent": f"Mozilla/5.0 ({system} {version}) {name}/{number}",
    }


def _town(address: str, city: str, country: str) -> dict[str, str]:
    return {
        "ip": address,
        "ip_key": address_key(address),
        "city": city,
        "country_code": country,
    }


CHROME = _client("Windows", "11", "Chrome", "142.0", "desktop")
FIREFOX = _client("Ubuntu", "", "Firefox", "145.0", "desktop")
SAFARI = _client("Mac", "26.1", "Safari", "26.1", "desktop")
IPHONE = _client("iOS", "26.1", "Mobile Safari", "26.1", "smartphone")
ANDROID = _client("Android", "16", "Chrome Mobile", "142.0", "smartphone")
TABLET = _client("iPadOS", "26.1", "Mobile Safari", "26.1", "tablet")
BERLIN = _town("203.0.113.7", "Berlin", "DE")
MILAN = _town("2001:db8:17::7", "Milan", "IT")
PEOPLE = {
    "amelie": ((CHROME, IPHONE), BERLIN),
    "bruno": ((FIREFOX, ANDROID), _town("198.51.100.23", "São Paulo", "BR")),
    "chiara": ((SAFARI, IPHONE, TABLET), MILAN),
    "devi": ((ANDROID, CHROME), _town("198.51.100.71", "Nairobi", "KE")),
    "emre": ((CHROME, ANDROID), _town("192.0.2.135", "Istanbul", "TR")),
    "fumiko": ((SAFARI, IPHONE), _town("203.0.113.71", "Osaka", "JP")),
}
WAYS = (("password",), ("password", "totp"), ("passkey",), ("oidc",))
REASONS = (
    *([EndReason.SIGNED_OUT] * 6),
    *([EndReason.EXPIRED] * 5),
    EndReason.IDLE,
    EndReason.REVOKED_BY_USER,
    EndReason.CREDENTIALS_CHANGED,
)


@dataclass(frozen=True, slots=True)
class Crowd:
    """Who acts, and what they look at."""

    operator: Any
    # Chiara's, stepped up, moved and extended; its device; and one that has ended.
    session: Session
    device: Device
    ended: Session


def gather(now: datetime | None = None) -> Crowd:
    """Sign everybody in and out for a month, and let one session have a story."""
    now = now or timezone.now()
    operator = make_user("operator", is_staff=True, is_superuser=True)
    users = {name: make_user(name, email=f"{name}@example.com") for name in PEOPLE}
    devices = _devices(users, now)
    _month(users, devices, now)
    FailedSignIns.objects.bulk_create(
        FailedSignIns(starts_at=quarter_of(now - day * DAY), slot=0, count=1 + day * 5 % 4)
        for day in range(30)
        if day % 3
    )
    ended = _ended(users["devi"], operator, now)
    device = devices["chiara", "Mac"]
    return Crowd(operator, _story(users["chiara"], device, operator, now), device, ended)


def _devices(users: dict[str, Any], now: datetime) -> dict[tuple[str, str], Device]:
    made = {}
    for place, (name, (clients, _where)) in enumerate(PEOPLE.items()):
        for number, client in enumerate(clients):
            seen = now - (place * 4 + number * 9 + 2) * DAY
            made[name, client["os_name"]] = Device(
                id=id_at(seen),
                user=users[name],
                first_seen_at=seen,
                last_seen_at=now - number * DAY,
                **client,
            )
    made["chiara", "Mac"].name = "Studio"
    made["chiara", "Mac"].trusted_at = now - 8 * DAY
    Device.objects.bulk_create(made.values())
    return made


def _month(users: dict[str, Any], devices: dict[tuple[str, str], Device], now: datetime) -> None:
    chance = random.Random(7)
    sessions, proofs, places = [], [], []
    for number in range(320):
        name = chance.choice(list(PEOPLE))
        clients, where = PEOPLE[name]
        client = chance.choice(clients)
        age = timedelta(hours=2.2 * number + chance.random() * 2 + 0.2)
        way = chance.choices(WAYS, (8, 4, 2, 2))[0]
        is_over = chance.random() < min(0.95, age / (12 * DAY) + 0.1)
        last = now - age * (0.2 + chance.random() * 0.7)
        session = build_session(
            users[name],
            now,
            reason=chance.choice(REASONS) if is_over else "",
            issued_at=now - age,
            assurance_level=2 if len(way) > 1 or way[0] == "passkey" else 1,
            **client,
            **where,
        )
        session.last_used_at = last
        session.ended_at = last if is_over else None
        sessions.append(session)
        proofs += [
            AuthenticationMethod(
                id=id_at(session.issued_at),
                session=session,
                method=one,
                assurance_level=2 if one == "passkey" else 1,
                completed_at=session.issued_at,
            )
            for one in way
        ]
        places.append(
            SessionDevice(
                session=session,
                device=devices[name, client["os_name"]],
                fingerprint=session.pk.hex,
                first_seen_at=session.issued_at,
                last_seen_at=last,
                **client,
                **where,
            )
        )
    Session.objects.bulk_create(sessions)
    AuthenticationMethod.objects.bulk_create(proofs)
    SessionDevice.objects.bulk_create(places)


def _story(chiara: Any, device: Device, operator: Any, now: datetime) -> Session:
    begun = now - 5 * DAY
    session = build_session(
        chiara,
        now,
        issued_at=begun,
        expires_at=begun + 7 * DAY,
        assurance_level=2,
        mfa_updated_at=begun + 2 * HOUR,
        authenticated_at=begun + 2 * HOUR,
        region="Lombardy",
        time_zone="Europe/Rome",
        latitude=45.46,
        longitude=9.19,
        autonomous_system="Example Telecom",
        **SAFARI,
        **MILAN,
    )
    session.save(force_insert=True)
    for place, at in ((MILAN, begun), (BERLIN, begun + 29 * HOUR)):
        make_session_device(session, device, at, **SAFARI, **place)
    make_method(session, "password", begun, assurance_level=1)
    make_method(session, "totp", begun + 2 * HOUR, assurance_level=2)
    Session.objects.filter(pk=session.pk).update(last_used_at=now - 3 * HOUR)
    session.refresh_from_db()
    extend_one(session, Actor(operator, "192.0.2.9"), lifetime=6 * DAY, now=now - 20 * HOUR)
    session.refresh_from_db()
    return session


def _ended(devi: Any, operator: Any, now: datetime) -> Session:
    session = build_session(
        devi,
        now,
        issued_at=now - 3 * DAY,
        session_type=SessionType.API_KEY,
        name="Backup script",
        scopes=["sessions:read", "devices:read"],
        **BERLIN,
    )
    session.save(force_insert=True)
    end_one(session, Actor(operator, "192.0.2.9"), now=now - HOUR)
    session.refresh_from_db()
    return session
