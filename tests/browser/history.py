"""What a few years of signing in leave behind."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from sessions_hub.models import Device, EndReason, Session, SessionType
from tests.factories import (
    make_device,
    make_method,
    make_session,
    make_session_device,
    make_token,
)


def leave_history(ada) -> Session:
    """What a few years leave behind; returns the session on the phone."""
    now = timezone.now()
    windows = {
        "os_name": "Windows",
        "os_version": "11",
        "client_name": "Firefox",
        "client_version": "145.0",
        "device_type": "desktop",
        "client_type": "browser",
    }
    phone = {
        "os_name": "iOS",
        "os_version": "19.1",
        "client_name": "Mobile Safari",
        "client_version": "19.1",
        "device_type": "smartphone",
        "client_type": "browser",
    }
    berlin = {"ip": "203.0.113.7", "city": "Berlin", "country_code": "DE"}
    lisbon = {"ip": "2001:db8:41:9::17", "city": "Lisbon", "country_code": "PT"}

    def seen(device, ago, client, place, *methods, **values):
        at = now - ago
        session = make_session(
            ada, now, issued_at=at, **client, **place, assurance_level=len(methods), **values
        )
        Session.objects.filter(pk=session.pk).update(last_used_at=at + ago * 0.9)
        make_session_device(session, device, at, **client, **place)
        for method in methods:
            make_method(session, method, at)
        return session

    desk = make_device(ada, now - timedelta(days=200), name="Office", **windows)
    Device.objects.filter(pk=desk.pk).update(trusted_at=now - timedelta(days=190))
    mobile = make_device(ada, now - timedelta(days=40), **phone)
    seen(desk, timedelta(days=6), windows, berlin, "password", "totp")
    firefox = {**windows, "client_name": "Chrome", "client_version": "142.0"}
    seen(desk, timedelta(hours=20), firefox, berlin, "oidc")
    on_phone = seen(mobile, timedelta(days=3), phone, lisbon, "passkey")
    tv = {"os_name": "Tizen", "client_name": "Samsung Browser", "device_type": "tv"}
    seen(None, timedelta(days=9), tv, berlin, "password")
    seen(desk, timedelta(days=30), windows, berlin, "password", reason=EndReason.SIGNED_OUT)
    seen(None, timedelta(days=60), phone, lisbon, "password", reason=EndReason.COMPROMISED)
    key = make_session(
        ada,
        now,
        issued_at=now - timedelta(days=12),
        session_type=SessionType.API_KEY,
        name="Backup script",
        scopes=["sessions:read", "devices:read"],
    )
    Session.objects.filter(pk=key.pk).update(last_used_at=now - timedelta(hours=5))
    make_token(key, "0" * 64, hint="x7Qa")
    return on_phone
