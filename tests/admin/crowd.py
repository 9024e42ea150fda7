"""Somebody with as many rows of each kind as a test asks for, and as many people around them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from sessions_hub.capture.address import address_key
from sessions_hub.events import STAFF_EXTENDED
from sessions_hub.models import AuthenticationMethod, Device, Session, SessionDevice, SessionToken
from tests.factories import build_session

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Crowd:
    """The keys of what a page can be about."""

    user: Any
    session: UUID
    device: UUID
    authenticationmethod: UUID
    address: str
    # Of as many users, at the same address.
    others: list[UUID]


def make_crowd(name: str, size: int, address: str) -> Crowd:
    """Everything that can be many is `size` many.

    Sessions of one user, all on one device; in the first of them proofs, places on other
    devices, tokens, extensions by others, and impersonations of others. At its address open
    sessions of others, and ended ones.
    """
    now = timezone.now()
    at = {"ip": address, "ip_key": address_key(address), "country_code": "DE", "tenant_id": "acme"}
    users = get_user_model()
    user, *people = users._default_manager.bulk_create(
        users(username=one) for one in (name, *(f"{name}{number}" for number in range(size)))
    )
    # Soon over, so that they can be extended.
    own = [build_session(user, now, expires_at=now + HOUR, **at) for _ in people]
    others = [build_session(one, now, **at) for one in people]
    ended = [build_session(one, now, reason="signed_out", **at) for one in people]
    first = own[0]
    acted = [
        build_session(
            one,
            now,
            session_type="impersonation",
            impersonator=user,
            impersonator_session_id=first.pk,
            **at,
        )
        for one in people
    ]
    Session.objects.bulk_create([*own, *others, *ended, *acted])
    device, *devices = Device.objects.bulk_create(
        Device(user=user, client_name="Firefox", os_name="Ubuntu") for _ in (user, *people)
    )
    used = [(session, device) for session in own] + [(first, one) for one in devices]
    SessionDevice.objects.bulk_create(
        SessionDevice(
            session=session,
            device=one,
            fingerprint=f"{number}",
            first_seen_at=now + number * MINUTE,
            last_seen_at=now + number * MINUTE,
        )
        for number, (session, one) in enumerate(used)
    )
    proofs = AuthenticationMethod.objects.bulk_create(
        AuthenticationMethod(session=first, method="totp", completed_at=now + number * MINUTE)
        for number in range(size)
    )
    AuthenticationMethod.objects.bulk_create(
        AuthenticationMethod(session=session, method="password", completed_at=now)
        for session in others
    )
    SessionToken.objects.bulk_create(
        SessionToken(session=first, digest=f"{name}{number}") for number in range(size)
    )
    content_type = ContentType.objects.get_for_model(Session)
    LogEntry.objects.bulk_create(
        LogEntry(
            user=one,
            content_type=content_type,
            object_id=str(first.pk),
            object_repr=str(first.pk),
            action_flag=CHANGE,
            change_message=f"{STAFF_EXTENDED.name} {{}}",
        )
        for one in people
    )
    return Crowd(
        user=user.pk,
        session=first.pk,
        device=device.pk,
        authenticationmethod=proofs[0].pk,
        address=address,
        others=[session.pk for session in others],
    )
