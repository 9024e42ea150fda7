from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from sessions_hub.capture.address import address_key
from sessions_hub.models import AuthenticationMethod, Device, Session, SessionDevice
from sessions_hub.models.ids import id_at

USER_AGENT = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/142.0.0.0"


def make_user(username: str = "alice", **values: Any) -> Any:
    return get_user_model().objects.create_user(
        username=username, email=values.pop("email", f"{username}@example.com"), **values
    )


def make_session(user: Any, *, age: timedelta = timedelta(minutes=5), **values: Any) -> Session:
    now = timezone.now()
    issued = now - age
    address = values.get("ip", "192.0.2.7")
    methods = values.pop("methods", ("password",))
    defaults: dict[str, Any] = {
        "id": id_at(issued),
        "user": user,
        "issued_at": issued,
        "last_used_at": issued,
        "expires_at": now + timedelta(days=14),
        "idle_expires_at": now + timedelta(days=14),
        "assurance_level": 1,
        "os_name": "Windows",
        "os_version": "11",
        "client_name": "Chrome",
        "client_version": "142.0",
        "device_type": "desktop",
        "user_agent": USER_AGENT,
        "ip": address,
        "ip_key": address_key(address),
        "country_code": "DE",
        "city": "Berlin",
        "credentials_digest": "5ec2e7" * 10,
        "current_fingerprint": "f19e" * 8,
    }
    session = Session.objects.create(**{**defaults, **values})
    for method in methods:
        AuthenticationMethod.objects.create(session=session, method=method, assurance_level=1)
    return session


def end(session: Session, reason: str = "signed_out", **values: Any) -> Session:
    Session.objects.filter(pk=session.pk).update(
        ended_at=timezone.now(), end_reason=reason, **values
    )
    session.refresh_from_db()
    return session


def make_device(user: Any, session: Session | None = None, **values: Any) -> Device:
    device = Device.objects.create(
        user=user, client_name="Firefox", os_name="Ubuntu", key_digest=None, **values
    )
    if session is not None:
        SessionDevice.objects.create(
            session=session, device=device, fingerprint=device.pk.hex, ip="192.0.2.7"
        )
    return device


@pytest.fixture
def user(db: None) -> Any:
    return make_user()


@pytest.fixture
def superuser(db: None) -> Any:
    return get_user_model().objects.create_superuser(username="root", email="root@example.com")


@pytest.fixture
def staff(db: None) -> Callable[..., Any]:
    """Makes a member of staff with the permissions named ("app.codename")."""

    def make(*names: str, username: str = "staff") -> Any:
        member = make_user(username, is_staff=True)
        for name in names:
            app, _dot, codename = name.partition(".")
            member.user_permissions.add(
                Permission.objects.get(content_type__app_label=app, codename=codename)
            )
        return member

    return make


@pytest.fixture
def signed_in() -> Callable[[Any], Client]:
    """A client signed in as the user, whose session row has been made."""

    def sign_in(member: Any) -> Client:
        client = Client()
        client.force_login(member)
        client.get("/admin/")
        return client

    return sign_in


@pytest.fixture
def root(superuser: Any, signed_in: Callable[[Any], Client]) -> Client:
    return signed_in(superuser)


@pytest.fixture
def empty_cache():
    """Nothing that an overview left is there."""
    cache.clear()


@pytest.fixture
def midday() -> Iterator[None]:
    """The middle of today: minutes ago is still today, days ago so many days before it.

    After midnight, and in the weeks after the clocks were changed, neither is so.
    """
    noon = timezone.localtime().replace(hour=12, minute=0, second=0, microsecond=0)
    with time_machine.travel(noon):
        yield
