"""A session whose every column has a value, made by signing in as people do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import time_machine
from django.contrib.auth import login
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.db import SessionStore
from django.test import RequestFactory
from mmdb_writer import MMDBWriter
from netaddr import IPSet

from sessions_hub.lifecycle import end_session, link, start_session
from sessions_hub.lifecycle.guard import database
from sessions_hub.lifecycle.step_up import add_proofs
from sessions_hub.lifecycle.touch import touch
from sessions_hub.lifecycle.verdicts import fetch_verdict
from sessions_hub.models import AuthenticationMethod, Session
from sessions_hub.understanding.methods import MethodClaim
from tests.factories import make_token, make_user

ADDRESS = "203.0.113.7"
PIXEL = (
    "Mozilla/5.0 (Linux; Android 13; Pixel 7 Pro Build/TQ3A.230805.001) AppleWebKit/537.36 "
    "(KHTML, like Gecko) Chrome/120.0.0.0 Mobile Safari/537.36"
)
BERLIN = {
    "country": {"iso_code": "DE"},
    "city": {"names": {"en": "Berlin"}},
    "location": {"latitude": 52.5, "longitude": 13.25, "time_zone": "Europe/Berlin"},
}
SIGNED_IN = datetime(2026, 6, 15, 12, 0, tzinfo=UTC)
STEPPED_UP = datetime(2026, 6, 15, 12, 5, tzinfo=UTC)
USED = datetime(2026, 6, 15, 12, 10, tzinfo=UTC)
ENDED = datetime(2026, 6, 15, 12, 30, tzinfo=UTC)
EXPIRES = datetime(2026, 6, 29, 12, 5, tzinfo=UTC)
TOKEN_EXPIRES = datetime(2026, 6, 15, 20, 0, tzinfo=UTC)
DIGEST = "5f" * 32


@dataclass(frozen=True)
class World:
    """Three sessions that together fill every column, and the open one's request."""

    open: Session
    ended: Session
    impersonation: Session
    request: Any


def write_places(folder: Path) -> None:
    """A city database that knows ADDRESS, for SESSIONS_HUB_GEOIP_PATH."""
    writer = MMDBWriter(ip_version=6, ipv4_compatible=True, database_type="GeoLite2-City")
    writer.insert_network(IPSet(["203.0.113.0/24"]), BERLIN)
    writer.to_db_file(str(folder / "GeoLite2-City.mmdb"))


def build_world() -> World:
    """Sign in, prove more, use it; end another one; impersonate. Needs write_places()."""
    user = make_user("ada", email="ada@example.com")
    staff = make_user("grace", email="grace@example.com")
    with time_machine.travel(SIGNED_IN, tick=False):
        request = RequestFactory().get("/", REMOTE_ADDR=ADDRESS, headers={"user-agent": PIXEL})
        request.session, request.user = SessionStore(), AnonymousUser()
        request.session["account_authentication_methods"] = [
            {
                "method": "socialaccount",
                "provider": "github",
                "uid": "583231",
                "at": SIGNED_IN.timestamp(),
            }
        ]
        # The receiver of the signal starts the session.
        login(request, user, backend="django.contrib.auth.backends.ModelBackend")
        pk = link.read(request.session).marker.session_id
        ended = start_session(user, method="password")
        impersonation = start_session(user, method="server", session_type="impersonation")
    add_proofs(
        pk,
        [MethodClaim(method="password"), MethodClaim(method="totp", key="otp:1")],
        age=timedelta(days=14),
        proven_at=SIGNED_IN,
        now=STEPPED_UP,
    )
    touch(fetch_verdict(pk, database()), {}, USED)
    end_session(ended, reason="revoked_by_staff", by=staff, now=ENDED)
    Session.objects.filter(pk=pk).update(
        tenant_id="acme",
        workspace_id="berlin-office",
        audience="https://shop.example",
        scopes=["sessions:read", "devices:read"],
        metadata={"colour": "blue", "n": [1]},
    )
    AuthenticationMethod.objects.filter(session=pk, method="oidc").update(
        provider_access_token="sealed-access",
        provider_access_token_expires_at=TOKEN_EXPIRES,
        provider_refresh_token="sealed-refresh",
    )
    Session.objects.filter(pk=impersonation.pk).update(
        impersonator=staff, impersonator_label="grace", impersonation_reason="ticket 4711"
    )
    session = Session.objects.get(pk=pk)
    make_token(session, DIGEST)
    return World(
        open=session,
        ended=Session.objects.get(pk=ended.pk),
        impersonation=Session.objects.get(pk=impersonation.pk),
        request=request,
    )
